// SPDX-License-Identifier: Apache-2.0
#include "agent/member/running_membership.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/errors/leader_errors.h"
#include "agent/health/log_replica.h"
#include "agent/health/space_finding.h"
#include "agent/identity/recovery_store.h"
#include "agent/identity/sealing.h"
#include "agent/identity/served_identity.h"
#include "agent/issuing/issuing.h"
#include "agent/member/peer_keys.h"
#include "agent/offline/recovery_report.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "raft/node/metrics/node_status.h"

namespace microovn::agent {
namespace {

// What the reconcile thread waits for the log and its leader; it asks again.
constexpr absl::Duration kConfirmTimeout = absl::Seconds(1);
constexpr absl::Duration kIssueTimeout = absl::Seconds(2);
// Who has not answered by then does not answer.
constexpr absl::Duration kLookTimeout = absl::Milliseconds(2500);
namespace peerpb = ::microovn::internal::peer::v1;
using internal::node::v1::NodeIdentity;

}  // namespace

absl::StatusOr<std::shared_ptr<RunningMembership>> RunningMembership::Start(
    const NodeParts& node, const NodeIdentity& identity) {
  ASSIGN_OR_RETURN(ClusterCredentials credentials,
                   node.store->LoadCredentials());
  node.tls->Set(MaterialOf(std::move(credentials)));
  std::shared_ptr<RunningMembership> member(
      new RunningMembership(node, identity));
  RETURN_IF_ERROR(member->OpenLog());
  if (identity.phase() == NodeIdentity::PHASE_FOUNDING) {
    RETURN_IF_ERROR(member->PutFoundingIntoTheLog());
  }
  member->StartWork();
  return member;
}

RunningMembership::RunningMembership(const NodeParts& node,
                                     const NodeIdentity& identity)
    : node_(node),
      identity_(identity),
      issuer_(/*sealing_key=*/nullptr, node.clock, node.random),
      peers_(node.channels),
      sealing_({[node] {
                  return LoadSealingKey(*node.store, *node.clock, *node.random,
                                        node.sealing);
                },
                proposer_, &issuer_, &store_, node.clock, id()}) {}

RunningMembership::~RunningMembership() { Stop(); }

absl::Status RunningMembership::OpenLog() {
  ReplicatedLog::Options options;
  options.directory = node_.store->log_directory();
  options.identity = identity_;
  options.channels = LogChannels(node_.tls, node_.clock);
  options.tls = node_.tls;
  options.service = node_.raft_service;
  options.store = &store_;
  options.clock = node_.clock;
  options.random = node_.random;
  options.refused = node_.command_refused;
  ASSIGN_OR_RETURN(log_, ReplicatedLog::Open(std::move(options)));
  log_->node().Observe(
      [changed = node_.quorum_changed,
       quorum = std::optional<bool>()](const raft::NodeStatus& now) mutable {
        if (quorum == now.leader.has_value()) return;
        quorum = now.leader.has_value();
        changed(*quorum);
      });
  gatherer_ = std::make_unique<FactGatherer>(
      FactGatherer::Parts{log_.get(), &store_, &peers_, node_.clock, id(),
                          [this] { return LocalStatus(); }});
  node_.tls->registry()->Set(QuestionsOn([this] {
    return Gather(/*linearizable=*/false, /*probe=*/false,
                  absl::ZeroDuration());
  }));
  return absl::OkStatus();
}

// Also at a start after a crash: what is in the log already is refused there.
absl::Status RunningMembership::PutFoundingIntoTheLog() {
  if (!store_.Current()->bootstrapped()) {
    ASSIGN_OR_RETURN(const std::string bytes, node_.store->LoadFounding());
    statepb::Command command;
    if (!command.ParseFromString(bytes)) {
      return absl::DataLossError("the bootstrap command cannot be read");
    }
    const auto result = log_->Propose(std::move(command), kProposeTimeout);
    if (!result.ok() && !store_.Current()->bootstrapped()) {
      return result.status();
    }
  }
  NodeIdentity founded = identity_;
  founded.set_phase(NodeIdentity::PHASE_MEMBER);
  RETURN_IF_ERROR(node_.store->Save(founded));
  return node_.store->ClearFounding();
}

void RunningMembership::StartWork() {
  NodeReconciliation::Parts parts;
  parts.node = node_;
  parts.self_id = id();
  parts.store = &store_;
  parts.sealing = [this] { return sealing_.Facts(); };
  parts.issue = [this](const std::vector<CertificateDemand>& demands) {
    return DemandCertificates(demands);
  };
  parts.propose = proposer_;
  parts.confirmed_revision = [this]() -> absl::StatusOr<uint64_t> {
    RETURN_IF_ERROR(log_->Barrier(kConfirmTimeout));
    return store_.Current()->revision();
  };
  parts.followed = [this] {
    return FollowedGenerations{ca_progress_.published, ca_progress_.observed};
  };
  reconciliation_ = std::make_unique<NodeReconciliation>(std::move(parts));

  leadership_ = std::make_unique<Leadership>(Leadership::Parts{
      log_.get(), &store_, &issuer_, node_.clock, node_.random, [this] {
        return Gather(/*linearizable=*/false, /*probe=*/true, kLookTimeout);
      }});
  StartRenewal();
  watch_ = std::make_unique<MembershipWatch>(
      MembershipWatch::Parts{log_.get(), &store_, &peers_, id(), node_.removed,
                             node_.end_gone},
      identity_.phase() != NodeIdentity::PHASE_JOINING);
  StartRecoveryReport();
  voter_proof_ = MakeVoterProof(log_.get(), &issuer_, this);
  sealing_loop_ = std::make_unique<WakeupLoop>(
      &store_, SealingWatch::kPeriod,
      [this] { return sealing_.Step() || voter_proof_->Step(); });
}

// A loop only where something was decided while the agent was stopped.
void RunningMembership::StartRecoveryReport() {
  const raft::NodeStatus log = log_->node().Status();
  RecoveryReport::Parts parts{
      RecoveryStore(node_.paths->state()), id(), proposer_, log.quarantine,
      log.configuration.voters == std::vector<raft::MemberId>{log.self}};
  const auto known = parts.store.Load();
  if (known.ok() && known->recoveries().empty()) return;
  auto report = std::make_shared<RecoveryReport>(std::move(parts));
  recovery_ = std::make_unique<WakeupLoop>(&store_, absl::Seconds(5),
                                           [report, told = false]() mutable {
                                             told = told || report->Step();
                                             return false;
                                           });
}

void RunningMembership::StartRenewal() {
  CertificateRenewal::Parts parts;
  parts.store = node_.store;
  parts.state = &store_;
  parts.tls = node_.tls;
  parts.clock = node_.clock;
  parts.random = node_.random;
  parts.self_id = id();
  parts.issue = [this](const peerpb::IssueCertificatesRequest& request) {
    return AskForRenewal(*this, request);
  };
  parts.propose = proposer_;
  parts.see = [address = AddressOf(identity_),
               clock = node_.clock](const ClusterCredentials& shown) {
    return SeeServed(address, shown, *clock);
  };
  parts.progress = &ca_progress_;
  renewal_ = std::make_unique<CertificateRenewal>(std::move(parts));
  renewal_->Start();
}

void RunningMembership::Stop() {
  MutexLock lock(&end_mu_);
  if (std::exchange(stopped_, true)) return;
  // The log first: whoever waits for it is answered, and ends at once.
  log_ends_ = true;
  if (log_ != nullptr) log_->Stop();
  node_.tls->registry()->Clear();
  watch_ = nullptr;
  recovery_ = nullptr;
  sealing_loop_ = nullptr;
  renewal_ = nullptr;
  if (leadership_ != nullptr) leadership_->Stop();
  if (reconciliation_ != nullptr) reconciliation_->Stop();
  store_.Close();
}

LifeSigns RunningMembership::Life() const {
  LifeSigns signs;
  if (!log_ends_) signs.log_turn = log_->node().LastTurn();
  signs.reconcile = reconciliation_->Progress();
  return signs;
}

std::string RunningMembership::Describe() const {
  const std::optional<Peer> leading = leader();
  const std::string missing = reconciliation_->Problem();
  return absl::StrCat(
      "member ", name(), "; ",
      !leading.has_value()         ? "no member leads"
      : leading->member_id == id() ? "leads"
                                   : absl::StrCat(leading->name, " leads"),
      "; ", missing.empty() ? "all services are in place" : missing);
}

absl::Status RunningMembership::CompleteJoin(absl::Duration timeout) {
  const absl::Duration deadline = node_.clock->Monotonic() + timeout;
  StateSnapshot state = store_.Current();
  while (state->members.Find(id()) == nullptr) {
    const auto next =
        store_.WaitForChange(state, deadline - node_.clock->Monotonic());
    if (!next.ok()) {
      return MakeError(absl::StatusCode::kDeadlineExceeded,
                       "the cluster's log did not arrive at this node",
                       {"LOG_DID_NOT_ARRIVE",
                        "check that the members can reach this node's "
                        "address, then join again"});
    }
    state = *next;
  }
  // First the own promise to be a member, then the cluster's: after a crash in
  // between this node confirms again, see MembershipWatch.
  RETURN_IF_ERROR(AcceptJoin());
  statepb::Command confirm;
  confirm.mutable_confirm_member()->set_member_id(id());
  absl::Status confirmed =
      Propose(std::move(confirm), kProposeTimeout).status();
  // The watch may have been first.
  const statepb::Member* self = store_.Current()->members.Find(id());
  if (self != nullptr && self->state() == statepb::Member::STATE_ACTIVE) {
    return absl::OkStatus();
  }
  return confirmed;
}

absl::Status RunningMembership::SaveAsMember() {
  NodeIdentity joined = identity_;
  joined.set_phase(NodeIdentity::PHASE_MEMBER);
  return node_.store->Save(joined);
}

void RunningMembership::StopConfirming() {
  MutexLock lock(&end_mu_);
  if (watch_ != nullptr) watch_->SetConfirming(false);
}

absl::Status RunningMembership::AcceptJoin() {
  RETURN_IF_ERROR(SaveAsMember());
  MutexLock lock(&end_mu_);
  if (watch_ != nullptr) watch_->SetConfirming(true);
  return absl::OkStatus();
}

absl::Status RunningMembership::Depart() {
  MutexLock lock(&end_mu_);
  if (stopped_) return absl::CancelledError("this member has been stopped");
  log_ends_ = true;
  log_->Stop();
  watch_ = nullptr;
  recovery_ = nullptr;
  sealing_loop_ = nullptr;
  renewal_ = nullptr;
  leadership_->Stop();
  return reconciliation_->Depart();
}

absl::StatusOr<statepb::Result> RunningMembership::Propose(
    statepb::Command command, absl::Duration timeout) {
  return log_->Propose(std::move(command), timeout);
}

absl::Status RunningMembership::Barrier(absl::Duration timeout) {
  return log_->Barrier(timeout);
}

std::optional<Peer> RunningMembership::leader() const {
  const raft::NodeStatus status = log_->node().Status();
  if (!status.leader.has_value()) return std::nullopt;
  const StateSnapshot state = store_.Current();
  const statepb::Member* member = state->members.Find(status.leader->ToHex());
  if (member == nullptr) return std::nullopt;
  return PeerOf(*member);
}

bool RunningMembership::leads() const {
  return log_->node().Status().role == raft::Role::kLeader;
}

ClusterFacts RunningMembership::Gather(bool linearizable, bool probe,
                                       absl::Duration timeout) {
  return gatherer_->Gather(linearizable, probe, timeout);
}

peerpb::GetLocalStatusResponse RunningMembership::LocalStatus() {
  peerpb::GetLocalStatusResponse status = reconciliation_->LocalStatus();
  status.set_member_id(id());
  status.set_time_millis(absl::ToUnixMillis(node_.clock->Now()));
  const raft::NodeStatus log = log_->node().Status();
  status.set_applied_index(log.applied.value());
  const std::optional<v1::Finding> space = SpaceFinding(log.space);
  if (space.has_value()) *status.add_findings() = *space;
  const std::optional<v1::Finding> sealing = sealing_.Finding();
  if (sealing.has_value()) *status.add_findings() = *sealing;
  const std::optional<v1::Finding> quarantine = QuarantineFinding(log);
  if (quarantine.has_value()) *status.add_findings() = *quarantine;
  *status.mutable_log() = DescribeReplica(log);
  for (const auto& [member, ago] : log.heard_ago) {
    peerpb::HeardFrom* heard = status.add_heard();
    heard->set_member_id(member.ToHex());
    heard->set_millis_ago(absl::ToInt64Milliseconds(ago));
  }
  return status;
}

absl::StatusOr<IssuedCertificates> RunningMembership::DemandCertificates(
    const std::vector<CertificateDemand>& demands) {
  return DemandFromLeader(*this, demands, AskerOf(demands), kIssueTimeout);
}

statepb::Asker RunningMembership::AskerOf(
    const std::vector<CertificateDemand>& demands) {
  MutexLock lock(&reissue_mu_);
  for (const CertificateDemand& demand : demands) {
    if (reissued_.count(demand.service) == 0) return statepb::Asker();
  }
  return reissue_asker_;
}

absl::Status RunningMembership::Reissue(
    const std::set<pki::OvnService>& services, absl::Duration timeout,
    const statepb::Asker& asker) {
  {
    MutexLock lock(&reissue_mu_);
    reissue_asker_ = asker;
    reissued_ = services;
  }
  const absl::Status status = reconciliation_->Reissue(services, timeout);
  MutexLock lock(&reissue_mu_);
  reissue_asker_.Clear();
  reissued_.clear();
  return status;
}

absl::Status RunningMembership::WaitConverged(uint64_t revision,
                                              absl::Duration timeout) {
  const absl::Duration deadline = node_.clock->Monotonic() + timeout;
  StateSnapshot state = store_.Current();
  for (;;) {
    const statepb::MemberReport* report = state->reports.Find(id());
    if (report != nullptr && report->converged_revision() >= revision) {
      return absl::OkStatus();
    }
    const auto next =
        store_.WaitForChange(state, deadline - node_.clock->Monotonic());
    if (!next.ok()) {
      return absl::DeadlineExceededError(reconciliation_->WhatIsMissing());
    }
    state = *next;
  }
}

}  // namespace microovn::agent
