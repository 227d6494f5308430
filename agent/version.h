// The version of this build.
#ifndef MICROOVN_AGENT_VERSION_H_
#define MICROOVN_AGENT_VERSION_H_

namespace microovn::agent {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_VERSION_H_
