// What somebody typed, made fit for a one-line message. Pure.
#ifndef MICROOVN_AGENT_ERRORS_SHOWN_H_
#define MICROOVN_AGENT_ERRORS_SHOWN_H_

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// At most the first 80 bytes, with escapes for what is not printable ASCII.
inline std::string Shown(absl::string_view text) {
  return absl::CEscape(text.substr(0, 80));
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_SHOWN_H_
