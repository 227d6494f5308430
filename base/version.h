// SPDX-License-Identifier: Apache-2.0
// The version of this build, which the agent reports and the command line
// prints.
#ifndef MICROOVN_BASE_VERSION_H_
#define MICROOVN_BASE_VERSION_H_

namespace microovn {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace microovn

#endif  // MICROOVN_BASE_VERSION_H_
