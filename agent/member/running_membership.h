// SPDX-License-Identifier: Apache-2.0
// A membership in operation: the log, the operations of a leader, and this
// node's reconciliation, wired together.
#ifndef MICROOVN_AGENT_MEMBER_RUNNING_MEMBERSHIP_H_
#define MICROOVN_AGENT_MEMBER_RUNNING_MEMBERSHIP_H_

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/cluster/issuance.h"
#include "agent/cluster/membership.h"
#include "agent/cluster/peer_client.h"
#include "agent/identity/ca_progress.h"
#include "agent/identity/certificate_renewal.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/member/fact_gatherer.h"
#include "agent/member/leadership.h"
#include "agent/member/life_signs.h"
#include "agent/member/membership_watch.h"
#include "agent/member/node_parts.h"
#include "agent/member/node_reconciliation.h"
#include "agent/member/replicated_log.h"
#include "agent/member/sealing_watch.h"
#include "agent/member/voter_proof.h"
#include "agent/operations/wakeup_loop.h"
#include "agent/state/store/state_store.h"
#include "base/mutex.h"
#include "microovn/internal/node/v1/node.pb.h"

namespace microovn::agent {

// Thread-safe. After Stop every call fails or answers from what was known.
class RunningMembership final : public Membership, public Issuance {
 public:
  // Opens what bootstrap or join has written and takes part. Returns when the
  // log is open, not when there is a leader; a founding member's first command
  // is in the log.
  static absl::StatusOr<std::shared_ptr<RunningMembership>> Start(
      const NodeParts& node, const internal::node::v1::NodeIdentity& identity);
  ~RunningMembership() override;

  void Stop();

  // After an admission: waits until this member is in the state that has
  // arrived, and confirms. DEADLINE_EXCEEDED when it does not arrive.
  absl::Status CompleteJoin(absl::Duration timeout);

  // Before a join is given up: this member does not confirm it any more.
  void StopConfirming();
  // The own promise: on the disk first, and from then on the join is confirmed
  // until the cluster has taken that in.
  absl::Status AcceptJoin();

  // After a removal: ends the log, stops every daemon of this node, and moves
  // data and logs into a backup.
  absl::Status Depart();

  // What a watchdog asks; never waits.
  LifeSigns Life() const;
  // One line for the service manager: who leads, and what does not run here.
  std::string Describe() const;

  const internal::node::v1::NodeIdentity& identity() const override {
    return identity_;
  }
  std::shared_ptr<const ClusterState> state() const override {
    return store_.Current();
  }
  StateStore& store() override { return store_; }
  absl::StatusOr<statepb::Result> Propose(statepb::Command command,
                                          absl::Duration timeout) override;
  absl::Status Barrier(absl::Duration timeout) override;
  std::optional<Peer> leader() const override;
  bool leads() const override;
  PeerClient& peers() override { return peers_; }
  absl::Status TransferLead(const std::string& member_id) override {
    return leadership_->TransferLead(member_id);
  }
  Issuance& issuance() override { return *this; }
  ClusterFacts Gather(bool linearizable, bool probe,
                      absl::Duration timeout) override;
  internal::peer::v1::GetLocalStatusResponse LocalStatus() override;
  absl::StatusOr<internal::peer::v1::AdmitResponse> Admit(
      const internal::peer::v1::AdmitRequest& request) override;
  absl::StatusOr<internal::peer::v1::IssueCertificatesResponse>
  IssueCertificates(
      const std::string& member_id,
      const internal::peer::v1::IssueCertificatesRequest& request) override;
  absl::StatusOr<internal::peer::v1::IssueTokenResponse> IssueToken(
      const internal::peer::v1::IssueTokenRequest& request) override;
  absl::StatusOr<internal::peer::v1::IssueUserResponse> IssueUser(
      const internal::peer::v1::IssueUserRequest& request) override;
  absl::StatusOr<internal::peer::v1::TryAuthorityResponse> TryAuthority(
      const internal::peer::v1::TryAuthorityRequest& request) override;
  absl::Status Reissue(const std::set<pki::OvnService>& services,
                       absl::Duration timeout,
                       const statepb::Asker& asker = {}) override;
  absl::Status WaitConverged(uint64_t revision,
                             absl::Duration timeout) override;

 private:
  RunningMembership(const NodeParts& node,
                    const internal::node::v1::NodeIdentity& identity);

  absl::Status OpenLog();
  absl::Status PutFoundingIntoTheLog();
  void StartWork();
  void StartRenewal();
  void StartRecoveryReport();
  absl::Status SaveAsMember();
  statepb::Asker AskerOf(const std::vector<CertificateDemand>& demands)
      ABSL_LOCKS_EXCLUDED(reissue_mu_);
  absl::StatusOr<IssuedCertificates> DemandCertificates(
      const std::vector<CertificateDemand>& demands);

  const NodeParts node_;
  const internal::node::v1::NodeIdentity identity_;
  CertificateIssuer issuer_;
  PeerClient peers_;
  StateStore store_;
  const std::function<absl::Status(statepb::Command)> proposer_ =
      [this](statepb::Command command) {
        return log_->Propose(std::move(command), kProposeTimeout).status();
      };
  SealingWatch sealing_;
  std::unique_ptr<ReplicatedLog> log_;
  std::unique_ptr<FactGatherer> gatherer_;
  // Between the renewal and the reconciliation, which outlive each other.
  CaProgress ca_progress_;
  std::unique_ptr<NodeReconciliation> reconciliation_;
  std::unique_ptr<Leadership> leadership_;
  std::unique_ptr<CertificateRenewal> renewal_;
  std::unique_ptr<MembershipWatch> watch_;
  std::unique_ptr<WakeupLoop> recovery_;
  std::unique_ptr<VoterProof> voter_proof_;
  std::unique_ptr<WakeupLoop> sealing_loop_;
  std::atomic<bool> log_ends_{false};
  Mutex reissue_mu_;
  // Who waits for new certificates of these services.
  statepb::Asker reissue_asker_ ABSL_GUARDED_BY(reissue_mu_);
  std::set<pki::OvnService> reissued_ ABSL_GUARDED_BY(reissue_mu_);
  // Held by whoever ends this member; the parts above die under it.
  Mutex end_mu_;
  bool stopped_ ABSL_GUARDED_BY(end_mu_) = false;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_RUNNING_MEMBERSHIP_H_
