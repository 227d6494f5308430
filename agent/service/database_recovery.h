// SPDX-License-Identifier: Apache-2.0
// OvnService.RecoverDatabase: which member's copy of a database that has lost
// its quorum is the best one, what is lost with the others, and the start of
// the operation. Functions without state.
#ifndef MICROOVN_AGENT_SERVICE_DATABASE_RECOVERY_H_
#define MICROOVN_AGENT_SERVICE_DATABASE_RECOVERY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/cluster/membership.h"
#include "agent/health/facts.h"
#include "google/longrunning/operations.pb.h"
#include "microovn/v1/service.pb.h"

namespace microovn::agent {

// What one member's server holds of a database.
struct DatabaseCopy {
  std::string member_id;
  std::string member;
  // The number after that of its last entry, and after that of the last one
  // that it knows to be agreed on.
  uint64_t log_end = 0;
  uint64_t committed_end = 0;
};

// Of the members with central that answer, whose servers were admitted to the
// cluster that the state knows; the best copy first: who knows of more that was
// agreed on, and of those who has more. Pure.
std::vector<DatabaseCopy> CopiesOf(const ClusterFacts& facts,
                                   absl::string_view database);

// Whether a leader is known, or so lately was that one may be elected. Pure.
bool MayHaveQuorum(const ClusterFacts& facts, absl::string_view database);

// Of a member that leads. DATABASE_HAS_QUORUM, RISK_NOT_ACCEPTED,
// NO_DATABASE_COPY, FEATURE_NOT_SUPPORTED.
absl::StatusOr<google::longrunning::Operation> RecoverDatabase(
    Membership& member, const v1::RecoverDatabaseRequest& request,
    const statepb::Asker& asker);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_DATABASE_RECOVERY_H_
