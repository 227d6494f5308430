// SPDX-License-Identifier: Apache-2.0
// A finding before it is told: what it is, and whether something else explains
// it. Values only.
#ifndef MICROOVN_AGENT_HEALTH_FINDING_H_
#define MICROOVN_AGENT_HEALTH_FINDING_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "microovn/v1/status.pb.h"

namespace microovn::agent {

struct Observed {
  v1::Finding finding;
  // Follows from something else, if that is found.
  bool consequence = false;
  // The members whose trouble explains it. When each of them has a finding of
  // its own that is no consequence, this one is not told, and `clause` is added
  // to theirs.
  std::vector<std::string> through;
  std::string clause;
  // Told in any case, behind what explains it.
  bool always = false;
};

inline Observed Observe(absl::string_view reason, v1::Severity severity,
                        std::string message, std::string remedy,
                        std::string member = "") {
  Observed observed;
  observed.finding.set_reason(std::string(reason));
  observed.finding.set_severity(severity);
  observed.finding.set_message(std::move(message));
  observed.finding.set_remedy(std::move(remedy));
  observed.finding.set_member(std::move(member));
  return observed;
}

// Where a daemon says why: below the root directory, or in the journal.
inline std::string ReadLog(absl::string_view unit, absl::string_view member) {
  return absl::StrCat("look at its log on ", member, ": logs/", unit,
                      ".console.log, or journalctl -u microovn.", unit);
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_FINDING_H_
