// SPDX-License-Identifier: Apache-2.0
// The wording of what only a leader can do. Free functions, pure.
#ifndef MICROOVN_AGENT_ERRORS_LEADER_ERRORS_H_
#define MICROOVN_AGENT_ERRORS_LEADER_ERRORS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// Nobody leads at this moment; nothing was done.
absl::Status NoLeader();
// UNAVAILABLE: `answering` of `voters` voters answer; `silent` are the names
// of the others.
absl::Status NoQuorum(size_t answering, size_t voters,
                      const std::vector<std::string>& silent);
// This member does not lead (any more); nothing was done.
absl::Status NotLeader();
// `name` is to lead and may not; `voters` are those who may.
absl::Status MemberNotVoter(absl::string_view name,
                            const std::vector<std::string>& voters);
// `name` is to lead and is not there.
absl::Status VoterUnreachable(absl::string_view name);
// Whether it has an address cannot be asked.
absl::Status TunnelEndUnknown(absl::string_view name);
// `silent` are the names of the other voters; none answers.
absl::Status NoOtherVoter(const std::vector<std::string>& silent);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_LEADER_ERRORS_H_
