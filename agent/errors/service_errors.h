// SPDX-License-Identifier: Apache-2.0
// The wording of what can go wrong when services are enabled and disabled. The
// messages are MicroOVN's, which its users' scripts compare.
//
// Free functions, pure.
#ifndef MICROOVN_AGENT_ERRORS_SERVICE_ERRORS_H_
#define MICROOVN_AGENT_ERRORS_SERVICE_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

absl::Status ServiceAlreadyEnabled();
absl::Status ServiceNotEnabled();
absl::Status LastCentralNotConfirmed();
// The databases would end although other members have central, because none of
// them has joined yet.
absl::Status OtherCentralsNotJoined(absl::string_view member);
// The node that a request names is not a member.
absl::Status TargetMemberNotFound(absl::string_view name);

// What an operation ends with.
//
// `why` is what the member says of itself, or that it does not answer.
absl::Status ServiceNotSettled(absl::string_view service,
                               absl::string_view member, absl::string_view why);
absl::Status ServiceChangeSuperseded(absl::string_view service,
                                     absl::string_view member);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_SERVICE_ERRORS_H_
