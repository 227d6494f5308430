// SPDX-License-Identifier: Apache-2.0
#include "agent/member/membership_watch.h"

#include <string>
#include <utility>
#include <vector>

#include "agent/member/removal_verdict.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);
constexpr absl::Duration kAskTimeout = absl::Seconds(2);
constexpr absl::Duration kConfirmTimeout = absl::Seconds(5);

}  // namespace

MembershipWatch::MembershipWatch(Parts parts, bool confirming)
    : parts_(std::move(parts)), confirming_(confirming) {
  thread_ = std::thread([this] { Run(); });
}

MembershipWatch::~MembershipWatch() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
  }
  stop_.SignalAll();
  thread_.join();
}

void MembershipWatch::Run() {
  for (;;) {
    {
      MutexLock lock(&mu_);
      if (!stopping_) stop_.WaitWithTimeout(&mu_, kInterval);
      if (stopping_) return;
    }
    if (IsRemoved()) {
      parts_.removed();
      return;
    }
    EndGone();
    ConfirmIfJoining();
  }
}

// Also when the state is the same as before: a certificate's time passes.
void MembershipWatch::EndGone() {
  if (parts_.end_gone) parts_.end_gone(*parts_.store->Current());
}

bool MembershipWatch::IsRemoved() {
  const StateSnapshot state = parts_.store->Current();
  const statepb::Member* self = state->members.Find(parts_.self_id);
  OwnView view;
  view.bootstrapped = state->bootstrapped();
  view.tombstone = state->tombstones.Find(parts_.self_id) != nullptr;
  view.stays =
      self != nullptr && self->state() != statepb::Member::STATE_LEAVING;
  view.leader_speaks = parts_.log->node().Status().leader.has_value();
  const RemovalVerdict verdict = JudgeByOwnView(view);
  if (verdict != RemovalVerdict::kAskOthers) {
    return verdict == RemovalVerdict::kRemoved;
  }
  // Also those without an address here count against those that are asked.
  size_t voters = 0;
  std::vector<Peer> others;
  for (const raft::MemberId& voter : KnownVoters()) {
    const std::string id = voter.ToHex();
    if (id == parts_.self_id) continue;
    ++voters;
    const statepb::Member* member = state->members.Find(id);
    if (member != nullptr) others.push_back(PeerOf(*member));
  }
  std::vector<absl::Status> answers;
  for (const auto& [id, answer] : parts_.peers->Probe(others, kAskTimeout)) {
    answers.push_back(answer.status());
  }
  return MostAreWitnesses(voters, answers);
}

std::vector<raft::MemberId> MembershipWatch::KnownVoters() const {
  if (parts_.voters) return parts_.voters();
  return parts_.log->node().Status().configuration.voters;
}

void MembershipWatch::ConfirmIfJoining() {
  if (!confirming_) return;
  const StateSnapshot state = parts_.store->Current();
  const statepb::Member* self = state->members.Find(parts_.self_id);
  if (self == nullptr || self->state() != statepb::Member::STATE_JOINING) {
    return;
  }
  statepb::Command command;
  command.mutable_confirm_member()->set_member_id(parts_.self_id);
  const auto confirmed =
      parts_.log->Propose(std::move(command), kConfirmTimeout);
  LOG_IF(WARNING, !confirmed.ok())
      << "the join is not confirmed yet: " << confirmed.status();
}

}  // namespace microovn::agent
