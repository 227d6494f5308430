// SPDX-License-Identifier: Apache-2.0
#include "agent/member/leadership.h"

#include <optional>
#include <utility>

#include "agent/cluster/membership.h"
#include "agent/errors/cluster_errors.h"
#include "agent/issuing/successor.h"
#include "agent/member/log_membership.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kChangeTimeout = absl::Seconds(10);
constexpr absl::Duration kTransferTimeout = absl::Seconds(2);

std::vector<std::string> ToHex(const std::vector<raft::MemberId>& ids) {
  std::vector<std::string> hex;
  for (const raft::MemberId& id : ids) hex.push_back(id.ToHex());
  return hex;
}

}  // namespace

absl::StatusOr<statepb::Result> LogControl::Propose(
    const statepb::Command& command) {
  return log_->Propose(command, kProposeTimeout);
}

absl::Status LogControl::ChangeMembership(const MembershipTarget& target,
                                          uint64_t expected_configuration) {
  const StateSnapshot state = store_->Current();
  RETURN_IF_ERROR(CheckVoters(target, *state));
  return log_->node().ChangeMembership(ConfigurationFor(target, *state),
                                       raft::LogIndex(expected_configuration),
                                       kChangeTimeout);
}

absl::Status LogControl::Transfer(const std::string& member_id) {
  std::optional<raft::MemberId> to;
  if (!member_id.empty()) to = MemberIdOf(member_id);
  return log_->node().TransferLeadership(to, kTransferTimeout);
}

RaftView LogControl::View() const {
  const raft::NodeStatus status = log_->node().Status();
  RaftView view;
  view.leading = status.role == raft::Role::kLeader;
  view.self_id = status.self.ToHex();
  view.term = status.term.value();
  view.configuration_index = status.configuration_index.value();
  view.configuration_committed = status.configuration_committed;
  view.voters = ToHex(status.configuration.voters);
  view.outgoing = ToHex(status.configuration.outgoing);
  view.learners = ToHex(status.configuration.learners);
  for (const raft::PeerProgress& peer : status.peers) {
    PeerContact& contact = view.peers[peer.member.ToHex()];
    contact.last_contact_ago = peer.last_contact_ago;
    const uint64_t last = status.last_log.value();
    const uint64_t match = peer.match.value();
    contact.lag = last > match ? last - match : 0;
    contact.receiving_snapshot =
        peer.state == raft::PeerProgress::State::kSnapshot;
  }
  return view;
}

absl::Status AuthoritySealer::Reseal(
    const std::vector<std::string>& member_ids) {
  const StateSnapshot state = store_->Current();
  std::vector<const statepb::Member*> recipients;
  for (const std::string& id : member_ids) {
    const statepb::Member* member = state->members.Find(id);
    if (member == nullptr) return MemberNotFound(id);
    recipients.push_back(member);
  }
  for (const auto& [key, authority] : state->authorities.records()) {
    statepb::Command command;
    statepb::SetAuthority* set = command.mutable_set_authority();
    ASSIGN_OR_RETURN(*set->mutable_authority(),
                     issuer_->Reseal(*authority, recipients));
    set->set_expected_generation(authority->generation());
    *set->mutable_expected_sealed_for() = authority->sealed_for();
    RETURN_IF_ERROR(
        log_->Propose(std::move(command), kProposeTimeout).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<statepb::Authority> AuthoritySealer::MakeSuccessor(
    const ClusterState& state, statepb::Plane plane) {
  const Recipients to = {state,
                         ToHex(log_->node().Status().configuration.voters)};
  ASSIGN_OR_RETURN(
      const Successor successor,
      plane == statepb::PLANE_OVN
          ? MakeOvnSuccessor(to, std::nullopt, clock_->Now(), *random_)
          : MakeClusterSuccessor(to, clock_->Now(), *random_));
  return successor.authority;
}

absl::StatusOr<std::string> AuthoritySealer::CrossCertify(
    const ClusterState& state) {
  return issuer_->CrossCertify(state);
}

Leadership::Leadership(const Parts& parts)
    : control_(parts.log, parts.store),
      sealer_(parts.log, parts.store, parts.issuer, parts.clock, parts.random),
      roles_({&control_, &sealer_, parts.store, parts.clock}),
      operations_(
          {&control_, &sealer_, parts.store, parts.clock, parts.random}),
      historian_({&control_, parts.store, parts.clock, parts.gather}) {
  roles_.Start();
  operations_.Start();
  historian_.Start();
}

void Leadership::Stop() {
  if (std::exchange(stopped_, true)) return;
  historian_.Stop();
  operations_.Stop();
  roles_.Stop();
}

}  // namespace microovn::agent
