// SPDX-License-Identifier: Apache-2.0
#include "agent/cluster/testing/fake_membership.h"

#include <utility>

#include "agent/errors/leader_errors.h"
#include "agent/state/apply.h"
#include "agent/state/values/result.h"
#include "base/text/host_port.h"

namespace microovn::agent {

namespace peerpb = ::microovn::internal::peer::v1;

FakeMembership::FakeMembership(internal::node::v1::NodeIdentity identity,
                               ClusterState state, const Clock* clock)
    : identity_(std::move(identity)),
      clock_(clock),
      cluster_clock_(clock),
      state_(std::move(state)) {
  MutexLock lock(&mu_);
  // Tests whose agents nobody calls give none.
  const HostPort address = identity_.address().empty()
                               ? HostPort()
                               : MustParseHostPort(identity_.address());
  leader_ = Peer{identity_.member_id(), identity_.name(), address};
  for (const auto& [id, member] : state_.members.records()) {
    peerpb::GetLocalStatusResponse status;
    status.set_member_id(id);
    answers_[id] = status;
  }
  Publish();
}

void FakeMembership::Publish() {
  if (!behind_) store_.Publish(std::make_shared<const ClusterState>(state_));
}

void FakeMembership::Follow(std::optional<Peer> leader) {
  MutexLock lock(&mu_);
  leader_ = std::move(leader);
}

void FakeMembership::LoseQuorum() {
  MutexLock lock(&mu_);
  quorum_ = false;
}

void FakeMembership::LoseAnswers(int count) {
  MutexLock lock(&mu_);
  answers_to_lose_ = count;
}

void FakeMembership::FallBehind() {
  MutexLock lock(&mu_);
  behind_ = true;
}

void FakeMembership::Answer(const std::string& member_id,
                            ClusterFacts::Answer answer) {
  MutexLock lock(&mu_);
  answers_.insert_or_assign(member_id, std::move(answer));
}

void FakeMembership::FailReissue(absl::Status status) {
  MutexLock lock(&mu_);
  reissue_status_ = std::move(status);
}

void FakeMembership::FailTransfer(absl::Status status) {
  MutexLock lock(&mu_);
  transfer_status_ = std::move(status);
}

std::vector<std::string> FakeMembership::transfers() const {
  MutexLock lock(&mu_);
  return transfers_;
}

std::vector<statepb::Command> FakeMembership::proposals() const {
  MutexLock lock(&mu_);
  return proposals_;
}

ClusterState FakeMembership::committed() const {
  MutexLock lock(&mu_);
  return state_;
}

std::vector<std::set<pki::OvnService>> FakeMembership::reissued() const {
  MutexLock lock(&mu_);
  return reissued_;
}

std::vector<std::string> FakeMembership::issued_for() const {
  MutexLock lock(&mu_);
  return issued_for_;
}

std::vector<peerpb::AdmitRequest> FakeMembership::admitted() const {
  MutexLock lock(&mu_);
  return admitted_;
}

std::vector<peerpb::IssueTokenRequest> FakeMembership::tokens() const {
  MutexLock lock(&mu_);
  return tokens_;
}

std::vector<peerpb::IssueUserRequest> FakeMembership::users() const {
  MutexLock lock(&mu_);
  return users_;
}

std::shared_ptr<const ClusterState> FakeMembership::state() const {
  return store_.Current();
}

statepb::Result FakeMembership::ApplyStamped(statepb::Command& command) {
  command.set_format(kCommandFormat);
  command.set_time_seconds(absl::ToUnixSeconds(clock_->Now()));
  command.set_clock_seconds(cluster_clock_.Seconds(state_));
  return Apply(state_, command);
}

statepb::Result FakeMembership::CommitElsewhere(statepb::Command command) {
  MutexLock lock(&mu_);
  behind_ = true;
  return ApplyStamped(command);
}

absl::StatusOr<statepb::Result> FakeMembership::Propose(
    statepb::Command command, absl::Duration) {
  MutexLock lock(&mu_);
  if (!quorum_) return NoLeader();
  const statepb::Result result = ApplyStamped(command);
  proposals_.push_back(std::move(command));
  // It is applied here when it is answered.
  behind_ = false;
  Publish();
  if (answers_to_lose_ > 0) {
    --answers_to_lose_;
    return absl::DeadlineExceededError("the outcome is not known");
  }
  const absl::Status status = StatusOfResult(result);
  if (!status.ok()) return status;
  return result;
}

absl::Status FakeMembership::Barrier(absl::Duration) {
  MutexLock lock(&mu_);
  if (!quorum_) return NoLeader();
  behind_ = false;
  Publish();
  return absl::OkStatus();
}

std::optional<Peer> FakeMembership::leader() const {
  MutexLock lock(&mu_);
  return leader_;
}

void FakeMembership::SetVoters(std::set<std::string> voters) {
  MutexLock lock(&mu_);
  voters_ = std::move(voters);
}

bool FakeMembership::leads() const {
  MutexLock lock(&mu_);
  return leader_.has_value() && leader_->member_id == identity_.member_id();
}

ClusterFacts FakeMembership::Gather(bool linearizable, bool probe,
                                    absl::Duration timeout) {
  ClusterFacts facts;
  facts.stale = !linearizable || !Barrier(timeout).ok();
  facts.state = state();
  facts.self_id = identity_.member_id();
  facts.now = clock_->Now();
  MutexLock lock(&mu_);
  if (leader_.has_value()) facts.leader_id = leader_->member_id;
  for (const auto& [id, member] : facts.state->members.records()) {
    facts.voters.insert(id);
  }
  if (voters_.has_value()) facts.voters = *voters_;
  if (probe) facts.answers = answers_;
  return facts;
}

peerpb::GetLocalStatusResponse FakeMembership::LocalStatus() {
  peerpb::GetLocalStatusResponse status;
  status.set_member_id(identity_.member_id());
  return status;
}

absl::Status FakeMembership::TransferLead(const std::string& member_id) {
  MutexLock lock(&mu_);
  if (!quorum_) return NoLeader();
  transfers_.push_back(member_id);
  if (!transfer_status_.ok()) return transfer_status_;
  for (const auto& [id, member] : state_.members.records()) {
    if (id == identity_.member_id()) continue;
    if (member_id.empty() || id == member_id) {
      leader_ = PeerOf(*member);
      return absl::OkStatus();
    }
  }
  return NoLeader();
}

absl::Status FakeMembership::Reissue(const std::set<pki::OvnService>& services,
                                     absl::Duration,
                                     const statepb::Asker& asker) {
  MutexLock lock(&mu_);
  reissued_.push_back(services);
  reissue_askers_.push_back(asker);
  return reissue_status_;
}

absl::Status FakeMembership::WaitConverged(uint64_t, absl::Duration) {
  return absl::OkStatus();
}

absl::StatusOr<peerpb::AdmitResponse> FakeMembership::Admit(
    const peerpb::AdmitRequest& request) {
  if (!leads()) return NotLeader();
  MutexLock lock(&mu_);
  admitted_.push_back(request);
  return peerpb::AdmitResponse();
}

absl::StatusOr<peerpb::IssueCertificatesResponse>
FakeMembership::IssueCertificates(const std::string& member_id,
                                  const peerpb::IssueCertificatesRequest&) {
  if (!leads()) return NotLeader();
  MutexLock lock(&mu_);
  issued_for_.push_back(member_id);
  return peerpb::IssueCertificatesResponse();
}

absl::StatusOr<peerpb::IssueTokenResponse> FakeMembership::IssueToken(
    const peerpb::IssueTokenRequest& request) {
  if (!leads()) return NotLeader();
  MutexLock lock(&mu_);
  tokens_.push_back(request);
  peerpb::IssueTokenResponse response;
  response.set_encoded("token-of-" + request.member_name());
  return response;
}

absl::StatusOr<peerpb::IssueUserResponse> FakeMembership::IssueUser(
    const peerpb::IssueUserRequest& request) {
  if (!leads()) return NotLeader();
  MutexLock lock(&mu_);
  users_.push_back(request);
  peerpb::IssueUserResponse response;
  response.mutable_user()->set_name(request.name());
  response.mutable_user()->set_role(request.role());
  response.mutable_user()->set_certificate_pem("certificate-of-" +
                                               request.name());
  response.set_cluster_bundle_pem("bundle");
  return response;
}

absl::StatusOr<peerpb::TryAuthorityResponse> FakeMembership::TryAuthority(
    const peerpb::TryAuthorityRequest& request) {
  if (!leads()) return NotLeader();
  const auto known = state();
  const statepb::Authority& requested =
      known->authorities.Find(AuthorityKey(statepb::PLANE_OVN))->requested();
  peerpb::TryAuthorityResponse response;
  statepb::Authority& successor = *response.mutable_successor();
  successor = requested;
  successor.clear_request_pem();
  successor.set_certificate_pem(request.ca_certificate_pem());
  successor.set_user_supplied(true);
  successor.set_from_request(true);
  return response;
}

}  // namespace microovn::agent
