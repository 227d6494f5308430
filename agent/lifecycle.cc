// SPDX-License-Identifier: Apache-2.0
#include "agent/lifecycle.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/entry/founding.h"
#include "agent/entry/join_outcome.h"
#include "agent/entry/joining.h"
#include "agent/entry/withdrawal.h"
#include "agent/errors/cluster_errors.h"
#include "agent/identity/sealing.h"
#include "agent/make_way.h"
#include "agent/member/replicated_log.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "raft/node/raft_node.h"
#include "supervisor/service/paths.h"

namespace microovn::agent {
namespace {

// The rest of a removal that has been acknowledged already.
constexpr absl::Duration kRemoval = absl::Seconds(30);
constexpr absl::Duration kLogArrival = absl::Seconds(30);
// How long whoever joins waits for an answer about a join that failed.
constexpr absl::Duration kWithdrawal = absl::Seconds(20);
// One round of asking afterwards: a stop waits for it.
constexpr absl::Duration kRound = absl::Seconds(3);
constexpr absl::Duration kBetweenRounds = absl::Seconds(2);

}  // namespace

MembershipLifecycle::Change::Change(MembershipLifecycle* lifecycle)
    : lifecycle_(lifecycle) {
  MutexLock lock(&lifecycle_->mu_);
  held_ = !lifecycle_->busy_ && !lifecycle_->stopping_ &&
          !lifecycle_->open_join_.has_value();
  if (held_) lifecycle_->busy_ = true;
}

MembershipLifecycle::Change::~Change() {
  if (!held_) return;
  MutexLock lock(&lifecycle_->mu_);
  lifecycle_->busy_ = false;
  lifecycle_->changed_.SignalAll();
}

absl::Status MembershipLifecycle::Change::status() const {
  if (held_) return absl::OkStatus();
  return MakeError(absl::StatusCode::kAborted,
                   "a bootstrap, join or removal is under way on this node",
                   {"BUSY", "try again when it has ended"});
}

MembershipLifecycle::MembershipLifecycle(NodeParts node)
    : node_(std::move(node)) {
  node_.removed = [this] {
    MutexLock lock(&mu_);
    removed_ = true;
    changed_.SignalAll();
  };
  node_.quorum_changed = [this](bool has) { server_->SetQuorum(has); };
}

MembershipLifecycle::~MembershipLifecycle() { Stop(); }

absl::Status MembershipLifecycle::Resume() {
  ASSIGN_OR_RETURN(const std::optional<NodeIdentity> identity,
                   node_.store->Load());
  RETURN_IF_ERROR(node_.store->FinishErasing());
  const bool joining =
      identity.has_value() && identity->phase() == NodeIdentity::PHASE_JOINING;
  if (identity.has_value() && !joining) {
    ASSIGN_OR_RETURN(const auto member, ListenAndStart(*identity));
    LOG(INFO) << "member " << member->name() << " of cluster "
              << identity->cluster_id();
  }
  {
    MutexLock lock(&mu_);
    busy_ = false;
    if (joining) {
      open_join_ = OpenJoin{
          *identity, absl::AbortedError("its agent ended during the join")};
    }
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void MembershipLifecycle::Stop() {
  {
    MutexLock lock(&mu_);
    if (stopping_) return;
    stopping_ = true;
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
  if (const auto last = member(); last != nullptr) last->Stop();
}

std::shared_ptr<RunningMembership> MembershipLifecycle::member() const {
  MutexLock lock(&mu_);
  return member_;
}

bool MembershipLifecycle::changing() const {
  MutexLock lock(&mu_);
  return busy_ || open_join_.has_value();
}

void MembershipLifecycle::AwaitRemoval() const {
  const Clock& clock = *node_.clock;
  const absl::Duration deadline = clock.Monotonic() + kRemoval;
  MutexLock lock(&mu_);
  while (!stopping_) {
    const absl::Duration left = deadline - clock.Monotonic();
    if (left <= absl::ZeroDuration()) return;
    if (open_join_.has_value()) {
      changed_.WaitWithTimeout(&mu_, left);
      continue;
    }
    if (member_ == nullptr) return;
    const auto state = member_->state();
    const statepb::Member* self = state->members.Find(member_->id());
    const bool going =
        removed_ || state->tombstones.Find(member_->id()) != nullptr ||
        (self != nullptr && self->state() == statepb::Member::STATE_LEAVING);
    if (!going) return;
    changed_.WaitWithTimeout(&mu_, std::min(left, absl::Seconds(1)));
  }
}

absl::StatusOr<std::shared_ptr<RunningMembership>>
MembershipLifecycle::StartMember(const NodeIdentity& identity) {
  server_->SetMember(true);
  auto member = RunningMembership::Start(node_, identity);
  server_->SetMember(member.ok());
  RETURN_IF_ERROR(member.status());
  MutexLock lock(&mu_);
  removed_ = false;
  return member_ = *member;
}

// In this order: a membership that begins starts services at once.
absl::StatusOr<std::shared_ptr<RunningMembership>>
MembershipLifecycle::ListenAndStart(const NodeIdentity& identity) {
  RETURN_IF_ERROR(server_->Listen(AddressOf(identity)));
  auto member = StartMember(identity);
  if (!member.ok()) server_->CloseTcp();
  return member;
}

void MembershipLifecycle::StopServices() {
  StopAllServices(*node_.driver, *node_.clock);
}

absl::StatusOr<pki::SealingKey> MembershipLifecycle::MakeWay() {
  RETURN_IF_ERROR(node_.store->Erase());
  StopServices();
  RETURN_IF_ERROR(PutAside(*node_.paths, node_.clock->Now()));
  return LoadSealingKey(*node_.store, *node_.clock, *node_.random,
                        node_.sealing);
}

absl::Status MembershipLifecycle::Found(
    const v1::BootstrapClusterRequest& request, const NodeSettings& settings,
    const statepb::Asker& asker) {
  RETURN_IF_ERROR(server_->Listen(settings.address));
  absl::Status made = MakeCluster(request, settings, asker);
  if (made.ok()) return made;
  Forget(member());
  StopServices();
  return made;
}

absl::Status MembershipLifecycle::MakeCluster(
    const v1::BootstrapClusterRequest& request, const NodeSettings& settings,
    const statepb::Asker& asker) {
  const IdentityStore& store = *node_.store;
  ASSIGN_OR_RETURN(const pki::SealingKey sealing_key, MakeWay());
  const FoundingRequest asked = {
      settings, node_.versions.agent, request.ovn_ca_certificate_pem(),
      SecretString(request.ovn_ca_private_key_pem()), asker};
  ASSIGN_OR_RETURN(
      Founding founding,
      FoundCluster(asked, sealing_key, *node_.clock, *node_.random));
  RETURN_IF_ERROR(store.SaveCredentials(founding.credentials));
  RETURN_IF_ERROR(raft::RaftNode::CreateFirst(
      store.log_directory(), ClusterIdOf(founding.identity.cluster_id()),
      MemberIdOf(founding.identity.member_id())));
  RETURN_IF_ERROR(store.SaveFounding(founding.command.SerializeAsString()));
  RETURN_IF_ERROR(store.Save(founding.identity));
  return StartMember(founding.identity).status();
}

absl::Status MembershipLifecycle::Enter(const pki::JoinToken& token,
                                        const NodeSettings& settings) {
  RETURN_IF_ERROR(server_->Listen(settings.address));
  absl::Status joined = JoinCluster(token, settings);
  if (!joined.ok() && member() == nullptr) server_->CloseTcp();
  return joined;
}

absl::Status MembershipLifecycle::JoinCluster(const pki::JoinToken& token,
                                              const NodeSettings& settings) {
  const IdentityStore& store = *node_.store;
  ASSIGN_OR_RETURN(const pki::SealingKey sealing_key, MakeWay());
  const raft::Incarnation incarnation =
      raft::RaftNode::NewIncarnation(*node_.random);
  const JoinPorts ports = NetworkJoinPorts(&token, node_.clock);
  ASSIGN_OR_RETURN(
      Admission admission,
      RequestAdmission({settings, node_.versions.agent, incarnation.value()},
                       token, sealing_key, ports));
  NodeIdentity identity = admission.identity;
  // From here on a failure must be undone on both sides. The identity comes
  // first, so that an agent that is started again knows of the join and leaves
  // nothing of it; then the credentials, for only they can withdraw.
  absl::Status entered = [&]() -> absl::Status {
    RETURN_IF_ERROR(store.Save(identity));
    RETURN_IF_ERROR(store.SaveCredentials(admission.credentials));
    RETURN_IF_ERROR(raft::RaftNode::CreateJoiner(
        store.log_directory(), ClusterIdOf(identity.cluster_id()),
        MemberIdOf(identity.member_id()), incarnation, admission.voters));
    ASSIGN_OR_RETURN(const auto member, StartMember(identity));
    return member->CompleteJoin(kLogArrival);
  }();
  if (entered.ok()) return entered;
  return GiveUpJoin(identity, admission.credentials, entered);
}

// Ends a membership and everything this node keeps of it but its backup.
void MembershipLifecycle::Forget(
    const std::shared_ptr<RunningMembership>& member, bool keeps) {
  server_->CloseTcp();
  if (member != nullptr) member->Stop();
  server_->SetMember(false);
  node_.tls->Clear();
  node_.channels->Clear();
  absl::Status erased =
      keeps ? PutStateAside(*node_.store, *node_.paths, node_.clock->Now())
            : node_.store->Erase();
  // The backup took the directories along.
  if (erased.ok()) erased = supervisor::CreateLayout(*node_.paths);
  LOG_IF(ERROR, !erased.ok()) << "the membership's files: " << erased;
  MutexLock lock(&mu_);
  if (member_ == member) member_ = nullptr;
}

absl::Status MembershipLifecycle::AcceptJoin(const NodeIdentity& identity) {
  const std::shared_ptr<RunningMembership> running = member();
  if (running != nullptr) return running->AcceptJoin();
  // It could not be started; the disk must know what the cluster knows.
  NodeIdentity joined = identity;
  joined.set_phase(NodeIdentity::PHASE_MEMBER);
  RETURN_IF_ERROR(node_.store->Save(joined));
  return ListenAndStart(joined).status();
}

bool MembershipLifecycle::SettleJoin(const OpenJoin& join,
                                     const ClusterCredentials& credentials,
                                     absl::Duration patience,
                                     absl::Status* outcome) {
  const std::shared_ptr<RunningMembership> running = member();
  if (running != nullptr) running->StopConfirming();
  const absl::Status withdrawn =
      WithdrawJoin(join.identity, credentials, *node_.clock, join.why, patience,
                   join.rounds);
  switch (OutcomeOf(withdrawn)) {
    case JoinOutcome::kStands:
      *outcome = AcceptJoin(join.identity);
      return outcome->ok();
    case JoinOutcome::kUnknown:
      LOG_IF(WARNING, join.rounds == 0)
          << "nobody tells whether this node's join stands: " << withdrawn;
      *outcome = JoinOutcomeUnknown(join.why.message());
      return false;
    case JoinOutcome::kTakenBack:
      break;
  }
  // Services begin as soon as the log has arrived.
  if (running != nullptr && running->state()->bootstrapped()) {
    const absl::Status departed = running->Depart();
    LOG_IF(ERROR, !departed.ok()) << "services of the join: " << departed;
  }
  Forget(running);
  if (running == nullptr) StopServices();
  *outcome = Annotate(join.why, "the join was undone");
  return true;
}

absl::Status MembershipLifecycle::GiveUpJoin(
    const NodeIdentity& identity, const ClusterCredentials& credentials,
    const absl::Status& why) {
  OpenJoin join{identity, why};
  absl::Status outcome;
  if (SettleJoin(join, credentials, kWithdrawal, &outcome)) return outcome;
  join.rounds = 1;
  MutexLock lock(&mu_);
  open_join_ = std::move(join);
  changed_.SignalAll();
  return outcome;
}

bool MembershipLifecycle::WaitForWork() {
  for (;;) {
    if (stopping_) return false;
    if (!busy_ && removed_) return true;
    if (busy_ || !open_join_.has_value()) {
      changed_.Wait(&mu_);
      continue;
    }
    const absl::Duration left = open_join_->next - node_.clock->Monotonic();
    if (left <= absl::ZeroDuration()) return true;
    changed_.WaitWithTimeout(&mu_, left);
  }
}

void MembershipLifecycle::Run() {
  for (;;) {
    std::optional<OpenJoin> join;
    std::shared_ptr<RunningMembership> removed;
    {
      MutexLock lock(&mu_);
      if (!WaitForWork()) return;
      busy_ = true;
      if (std::exchange(removed_, false)) {
        removed = member_;
        ending_ = true;
        open_join_.reset();
      } else {
        join = open_join_;
      }
    }
    if (join.has_value()) {
      TryOpenJoin(*std::move(join));
    } else {
      EndRemoved(removed);
    }
    MutexLock lock(&mu_);
    busy_ = false;
    ending_ = false;
    changed_.SignalAll();
  }
}

void MembershipLifecycle::EndRemoved(
    const std::shared_ptr<RunningMembership>& member) {
  LOG(INFO) << "this member was removed from its cluster";
  const absl::Status departed =
      member == nullptr ? absl::OkStatus() : member->Depart();
  LOG_IF(ERROR, !departed.ok())
      << "services of the old membership: " << departed;
  if (member != nullptr) {
    const absl::Status noted =
        node_.store->NoteRemoval(member->identity().name());
    LOG_IF(ERROR, !noted.ok()) << noted;
  }
  Forget(member, /*keeps=*/true);
}

// What the earlier agent has started is stopped by a member, so one is started
// if it can be.
void MembershipLifecycle::TryOpenJoin(OpenJoin join) {
  if (member() == nullptr) {
    const auto started = ListenAndStart(join.identity);
    LOG_IF(WARNING, !started.ok() && join.rounds == 0)
        << "the member of an interrupted join: " << started.status();
  }
  const auto credentials = node_.store->LoadCredentials();
  bool settled = false;
  if (credentials.ok()) {
    absl::Status outcome;
    settled = SettleJoin(join, *credentials, kRound, &outcome);
    LOG_IF(WARNING, settled)
        << "the interrupted join: "
        << (outcome.ok() ? "it had succeeded" : outcome.message());
  } else if (absl::IsNotFound(credentials.status())) {
    // Nothing was started, and nobody can speak for it: it is taken back.
    LOG(WARNING) << "the interrupted join: " << credentials.status();
    Forget(member());
    StopServices();
    settled = true;
  } else {
    LOG(ERROR) << "the interrupted join: " << credentials.status();
  }
  ++join.rounds;
  join.next = node_.clock->Monotonic() + kBetweenRounds;
  MutexLock lock(&mu_);
  open_join_.reset();
  if (!settled) open_join_ = std::move(join);
}

}  // namespace microovn::agent
