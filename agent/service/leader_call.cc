// SPDX-License-Identifier: Apache-2.0
#include "agent/service/leader_call.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "agent/errors/leader_errors.h"
#include "agent/service/requests.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "google/protobuf/descriptor.h"

namespace microovn::agent {
namespace {

// Of a request whose caller has set no deadline.
constexpr absl::Duration kLongestCall = absl::Seconds(30);
// A leader that has lost its power does not say so. Handlers take less.
constexpr absl::Duration kLongestTry = absl::Seconds(15);
// Nothing tells of a change of leader here.
constexpr absl::Duration kPause = absl::Milliseconds(100);

// Whether it is certain that nothing was done.
bool IsUndone(absl::string_view reason) {
  return reason == "NOT_LEADER" || reason == "NO_LEADER" ||
         reason == "RAFT_STOPPED";
}

bool MayBeDone(absl::string_view reason) {
  return reason == "MEMBER_UNREACHABLE" || reason == "PROPOSAL_OUTCOME_UNKNOWN";
}

bool HasRequestId(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  return field != nullptr &&
         !request.GetReflection()->GetString(request, field).empty();
}

bool MayTryAgain(const LeaderCall& call, const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return IsUndone(reason) ||
         (MayBeDone(reason) && HasRequestId(*call.passed.request));
}

// The answer of who leads, this member or another one; nothing while nobody is
// known to.
std::optional<absl::Status> AskLeader(Membership& member,
                                      const LeaderCall& call,
                                      const std::function<absl::Status()>& here,
                                      absl::Time end) {
  call.response->Clear();
  if (member.leads()) return here();
  const std::optional<Peer> leader = member.leader();
  if (!leader.has_value()) return std::nullopt;
  return member.peers().PassOn(*leader, call.passed,
                               std::min(end - absl::Now(), kLongestTry),
                               call.response);
}

}  // namespace

absl::Status CallLeader(Membership& member, const LeaderCall& call,
                        const std::function<absl::Status()>& here) {
  if (member.leads()) {
    absl::Status done = here();
    // It may have lost the lead before it proposed.
    if (ReasonOf(done) != "NOT_LEADER" || call.came_passed_on) return done;
  }
  if (call.came_passed_on) return NotLeader();
  RETURN_IF_ERROR(RequireQuorum(member));
  const absl::Time end = std::min(call.deadline, absl::Now() + kLongestCall);
  absl::Time give_up = std::min(end, absl::Now() + kProposeTimeout);
  absl::Status last = NoLeader();
  for (bool failed = false;;) {
    const auto answer = AskLeader(member, call, here, end);
    if (answer.has_value()) {
      last = *answer;
      if (last.ok()) {
        // Who asks here next sees it.
        member.Barrier(kReadTimeout).IgnoreError();
        return last;
      }
      if (!MayTryAgain(call, last)) return last;
      if (!failed) give_up = std::min(end, absl::Now() + kLeaderPatience);
      failed = true;
    }
    if (absl::Now() + kPause >= give_up) return last;
    absl::SleepFor(kPause);
  }
}

}  // namespace microovn::agent
