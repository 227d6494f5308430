// SPDX-License-Identifier: Apache-2.0
// The wording of what can go wrong when services are enabled and disabled. The
// messages are MicroOVN's, which its users' scripts compare.
//
// Free functions, pure.
#ifndef MICROOVN_AGENT_ERRORS_SERVICE_ERRORS_H_
#define MICROOVN_AGENT_ERRORS_SERVICE_ERRORS_H_

#include <string>
#include <vector>

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

// Recovering a database; `database` is its title.
absl::Status DatabaseHasQuorum(absl::string_view database);
// `risk` is the name of what has to be accepted.
absl::Status DataLossNotAccepted(absl::string_view database,
                                 absl::string_view risk);
// `asked` is empty when anybody's copy would do.
absl::Status NoDatabaseCopy(absl::string_view database,
                            absl::string_view asked);
absl::Status RecoveryNotSupported(const std::vector<std::string>& members);
// What an operation ends with; `why` as in ServiceNotSettled.
absl::Status DatabaseNotRecovered(absl::string_view database,
                                  absl::string_view member,
                                  absl::string_view why);
absl::Status DatabaseRecoverySuperseded(absl::string_view database);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_SERVICE_ERRORS_H_
