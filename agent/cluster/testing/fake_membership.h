// SPDX-License-Identifier: Apache-2.0
// A Membership whose log is Apply itself, and the node that holds it: what
// handlers ask, without a log, a network or daemons. Tests say who leads,
// whether there is a quorum, how far this member is behind, and what the
// others answer. Thread-safe.
#ifndef MICROOVN_AGENT_CLUSTER_TESTING_FAKE_MEMBERSHIP_H_
#define MICROOVN_AGENT_CLUSTER_TESTING_FAKE_MEMBERSHIP_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "agent/cluster/local_node.h"
#include "agent/cluster/membership.h"
#include "agent/server/peer_channels.h"
#include "agent/server/tls_identity.h"
#include "agent/state/values/cluster_clock.h"
#include "base/mutex.h"
#include "base/time/clock.h"

namespace microovn::agent {

class FakeMembership final : public Membership, public Issuance {
 public:
  // Leads, has a quorum, and every member answers. `clock` is borrowed.
  FakeMembership(internal::node::v1::NodeIdentity identity, ClusterState state,
                 const Clock* clock);

  // By default every member votes.
  void SetVoters(std::set<std::string> voters);
  // Follows `leader`, or nobody.
  void Follow(std::optional<Peer> leader);
  // Proposals and barriers fail, reads are stale.
  void LoseQuorum();
  // The next `count` proposals are applied and their answers get lost.
  void LoseAnswers(int count);
  // state() stays as it is until the next Barrier.
  void FallBehind();
  // The cluster agrees on `command`; this member hears of it with its next
  // Barrier or proposal.
  statepb::Result CommitElsewhere(statepb::Command command);
  void Answer(const std::string& member_id, ClusterFacts::Answer answer);
  void FailReissue(absl::Status status);
  void FailTransfer(absl::Status status);
  // From now on peers() reaches who is at the other members' addresses.
  void SpeakAs(TlsMaterial material) { shown_.Set(std::move(material)); }

  std::vector<statepb::Command> proposals() const;
  // What the whole cluster has agreed on, however far this member is behind.
  ClusterState committed() const;
  std::vector<std::set<pki::OvnService>> reissued() const;
  std::vector<statepb::Asker> reissue_askers() const {
    MutexLock lock(&mu_);
    return reissue_askers_;
  }
  // Member ids that were to lead; empty for anybody.
  std::vector<std::string> transfers() const;
  // Member ids that IssueCertificates was called for.
  std::vector<std::string> issued_for() const;
  std::vector<internal::peer::v1::AdmitRequest> admitted() const;
  std::vector<internal::peer::v1::IssueTokenRequest> tokens() const;
  std::vector<internal::peer::v1::IssueUserRequest> users() const;

  const internal::node::v1::NodeIdentity& identity() const override {
    return identity_;
  }
  std::shared_ptr<const ClusterState> state() const override;
  StateStore& store() override { return store_; }
  absl::StatusOr<statepb::Result> Propose(statepb::Command command,
                                          absl::Duration timeout) override;
  absl::Status Barrier(absl::Duration timeout) override;
  std::optional<Peer> leader() const override;
  bool leads() const override;
  PeerClient& peers() override { return peers_; }
  ClusterFacts Gather(bool linearizable, bool probe,
                      absl::Duration timeout) override;
  internal::peer::v1::GetLocalStatusResponse LocalStatus() override;
  // Whoever is named leads; of the others, the first by name.
  absl::Status TransferLead(const std::string& member_id) override;
  Issuance& issuance() override { return *this; }
  absl::Status Reissue(const std::set<pki::OvnService>& services,
                       absl::Duration timeout,
                       const statepb::Asker& asker = {}) override;
  absl::Status WaitConverged(uint64_t revision,
                             absl::Duration timeout) override;

  absl::StatusOr<internal::peer::v1::AdmitResponse> Admit(
      const internal::peer::v1::AdmitRequest& request) override;
  absl::StatusOr<internal::peer::v1::IssueCertificatesResponse>
  IssueCertificates(
      const std::string& member_id,
      const internal::peer::v1::IssueCertificatesRequest& request) override;
  absl::StatusOr<internal::peer::v1::IssueTokenResponse> IssueToken(
      const internal::peer::v1::IssueTokenRequest& request) override;
  // Makes the record, and a certificate that is none.
  absl::StatusOr<internal::peer::v1::IssueUserResponse> IssueUser(
      const internal::peer::v1::IssueUserRequest& request) override;
  // Takes every certificate, for the key that the state has a request of.
  absl::StatusOr<internal::peer::v1::TryAuthorityResponse> TryAuthority(
      const internal::peer::v1::TryAuthorityRequest& request) override;

 private:
  void Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  statepb::Result ApplyStamped(statepb::Command& command)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const internal::node::v1::NodeIdentity identity_;
  const Clock* const clock_;
  StateStore store_;
  // Without an identity nobody is reached.
  TlsIdentity shown_;
  PeerChannels channels_{&shown_, clock_};
  PeerClient peers_{&channels_};
  mutable Mutex mu_;
  ClusterClock cluster_clock_ ABSL_GUARDED_BY(mu_);
  ClusterState state_ ABSL_GUARDED_BY(mu_);
  bool behind_ ABSL_GUARDED_BY(mu_) = false;
  bool quorum_ ABSL_GUARDED_BY(mu_) = true;
  int answers_to_lose_ ABSL_GUARDED_BY(mu_) = 0;
  std::optional<Peer> leader_ ABSL_GUARDED_BY(mu_);
  std::optional<std::set<std::string>> voters_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, ClusterFacts::Answer> answers_ ABSL_GUARDED_BY(mu_);
  absl::Status reissue_status_ ABSL_GUARDED_BY(mu_);
  absl::Status transfer_status_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> transfers_ ABSL_GUARDED_BY(mu_);
  std::vector<statepb::Command> proposals_ ABSL_GUARDED_BY(mu_);
  std::vector<std::set<pki::OvnService>> reissued_ ABSL_GUARDED_BY(mu_);
  std::vector<statepb::Asker> reissue_askers_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> issued_for_ ABSL_GUARDED_BY(mu_);
  std::vector<internal::peer::v1::AdmitRequest> admitted_ ABSL_GUARDED_BY(mu_);
  std::vector<internal::peer::v1::IssueTokenRequest> tokens_
      ABSL_GUARDED_BY(mu_);
  std::vector<internal::peer::v1::IssueUserRequest> users_ ABSL_GUARDED_BY(mu_);
};

// A node that is what the test sets. Set before the server starts.
class FakeLocalNode final : public LocalNode {
 public:
  std::shared_ptr<Membership> member() const override { return membership; }
  v1::GetClusterResponse::State phase() const override { return state; }
  Versions versions() const override { return {"1.2.3", "24.03", "3.3"}; }
  std::string removed_as() const override { return former_name; }
  absl::StatusOr<v1::BootstrapClusterResponse> Bootstrap(
      const v1::BootstrapClusterRequest& request,
      const statepb::Asker& asker) override {
    bootstraps.push_back(request);
    bootstrap_askers.push_back(asker);
    return v1::BootstrapClusterResponse();
  }
  absl::StatusOr<v1::JoinClusterResponse> Join(
      const v1::JoinClusterRequest& request) override {
    joins.push_back(request);
    return v1::JoinClusterResponse();
  }

  std::shared_ptr<FakeMembership> membership;
  std::string former_name;
  v1::GetClusterResponse::State state = v1::GetClusterResponse::STATE_READY;
  std::vector<v1::BootstrapClusterRequest> bootstraps;
  std::vector<statepb::Asker> bootstrap_askers;
  std::vector<v1::JoinClusterRequest> joins;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_CLUSTER_TESTING_FAKE_MEMBERSHIP_H_
