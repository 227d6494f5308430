// SPDX-License-Identifier: Apache-2.0
#include "agent/offline/stopped_node.h"

#include <optional>
#include <vector>

#include "absl/memory/memory.h"
#include "agent/errors/cluster_errors.h"
#include "agent/identity/identity_store.h"
#include "agent/identity/root_lock.h"
#include "agent/state/replicated_state.h"
#include "agent/state/store/state_store.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "supervisor/service/paths.h"

namespace microovn::agent {
namespace {

using internal::node::v1::NodeIdentity;
using internal::node::v1::Recoveries;
using internal::node::v1::Recovery;

// The members' names as the applied state has them; ids of those that it does
// not know.
std::vector<std::string> NamesOf(const std::vector<raft::MemberId>& ids,
                                 const ClusterState& state) {
  std::vector<std::string> names;
  for (const raft::MemberId& id : ids) {
    const statepb::Member* member = state.members.Find(id.ToHex());
    names.push_back(member == nullptr ? id.ToHex() : member->name());
  }
  return names;
}

bool AboutTheSameLoss(const Recovery& a, const Recovery& b) {
  return a.action() == b.action() && a.lost_term() == b.lost_term() &&
         a.lost_last_index() == b.lost_last_index() &&
         a.lost_last_term() == b.lost_last_term();
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoppedNode>> StoppedNode::Open(
    const std::string& root) {
  const supervisor::Paths paths(root);
  // Nothing is made here, not even a lock, where no agent has ever been.
  if (!FileExists(paths.state())) return NotBootstrapped();
  ASSIGN_OR_RETURN(UniqueFd lock, LockRoot(paths.state()));
  const IdentityStore store(paths.state());
  ASSIGN_OR_RETURN(std::optional<NodeIdentity> identity, store.Load());
  if (!identity.has_value()) return NotBootstrapped();
  ASSIGN_OR_RETURN(std::unique_ptr<raft::StoppedLog> log,
                   raft::StoppedLog::Open(store.log_directory()));
  return absl::WrapUnique(new StoppedNode(std::move(lock), *std::move(identity),
                                          RecoveryStore(paths.state()),
                                          std::move(log)));
}

StoppedNodeFacts StoppedNode::Facts() const {
  const raft::Recovered& recovered = log_->member().recovered;
  StoppedNodeFacts facts;
  facts.name = identity_.name();
  facts.member_id = identity_.member_id();
  facts.address = identity_.address();
  facts.cluster_id = identity_.cluster_id();
  facts.term = recovered.hard_state.term;
  facts.end = log_->end();
  facts.applied = recovered.applied;
  facts.base = recovered.base.index;
  facts.quarantine = recovered.quarantine;
  if (recovered.quarantine.has_value()) {
    facts.loss = raft::LossOf(recovered, *recovered.quarantine);
  }
  StateStore store;
  ReplicatedState state(&store);
  if (state.Load(recovered.applied, log_->records()).ok()) {
    state.Publish(recovered.applied);
  }
  const raft::Configuration& members = log_->configuration();
  facts.voters = NamesOf(members.voters, *store.Current());
  facts.learners = NamesOf(members.learners, *store.Current());
  const auto self = raft::MemberId::FromHex(identity_.member_id());
  facts.votes = self.has_value() && members.IsVoter(*self);
  return facts;
}

absl::Status StoppedNode::Carry(const Recovery& recovery) {
  ASSIGN_OR_RETURN(const Recoveries known, recoveries_.Load());
  Recoveries kept;
  for (const Recovery& earlier : known.recoveries()) {
    // One that a crash kept from happening, and is decided anew.
    if (AboutTheSameLoss(earlier, recovery)) continue;
    *kept.add_recoveries() = earlier;
  }
  *kept.add_recoveries() = recovery;
  RETURN_IF_ERROR(recoveries_.Replace(kept));
  return recovery.action() == Recovery::ACTION_BECOME_ONLY_VOTER
             ? log_->BecomeOnlyVoter()
             : log_->EndQuarantine();
}

}  // namespace microovn::agent
