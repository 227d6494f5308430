// SPDX-License-Identifier: Apache-2.0
// What several kinds of operations ask of their steps: pure.
#ifndef MICROOVN_AGENT_STATE_OPERATION_STEPS_H_
#define MICROOVN_AGENT_STATE_OPERATION_STEPS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/state/operation/operation_kind.h"

namespace microovn::agent {

// A forced removal waits this long for a member that answers.
inline constexpr int64_t kForceSeconds = 30;
// A forced removal tries this long to clean up behind the member.
inline constexpr int64_t kCleanUpSeconds = 90;
// Members other than the operation's own are waited for this long.
inline constexpr int64_t kUpdateSeconds = 60;

StepOutcome Waiting(std::string detail);
StepOutcome Finished();
StepOutcome Skipped(std::string why);

// Done or skipped.
bool HasEnded(const statepb::OperationStep& step);

// Seconds since the operation began.
int64_t Elapsed(const OperationView& view);
// Whether a member has done what the operation wants of it.
bool HasConverged(const OperationView& view, const std::string& member_id);
// Why it has not, in a few words.
std::string WhyNotConverged(const OperationView& view,
                            const std::string& member_id);
// Whether the operation's own member is not waited for any more.
bool GivenUp(const OperationView& view);

// Whether this operation has had its member put out, see PutOutMember.
bool WasPutOut(const OperationView& view);
// Asks for it.
StepOutcome PutOut(const OperationView& view, std::string detail);
// Whether a member beside the database's leader has said that nothing is left
// in it of the members that were put out.
bool IsCleared(const OperationView& view, absl::string_view database);

// The operation's own member leaves OVN's databases by itself. What it has not
// left when it has stopped, or is given up, it is put out of.
StepOutcome LeaveDatabases(const OperationView& view);
// Members that are off do their part when they are back.
StepOutcome UpdateMembers(const OperationView& view,
                          const statepb::OperationStep& step);
// Of a later version.
StepOutcome UnknownStep();

// OPERATION_NOT_CANCELLABLE when the operation's member, null if there is none
// any more, cannot be what it was: it has left, or was put out of a database.
absl::Status CheckUndo(const statepb::Member* member,
                       const statepb::Operation& operation);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_OPERATION_STEPS_H_
