// SPDX-License-Identifier: Apache-2.0
// What only a leader does: roles of members, operations, joins past their
// deadline, and telling what only it sees. Runs on every member and acts on the
// one that leads. Thread-safe.
#ifndef MICROOVN_AGENT_MEMBER_LEADERSHIP_H_
#define MICROOVN_AGENT_MEMBER_LEADERSHIP_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/health/facts.h"
#include "agent/history/historian.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/member/replicated_log.h"
#include "agent/operations/ca_sealer.h"
#include "agent/operations/operation_runner.h"
#include "agent/operations/raft_control.h"
#include "agent/operations/role_reconciler.h"
#include "agent/state/store/state_store.h"
#include "base/crypto/random.h"
#include "base/time/clock.h"

namespace microovn::agent {

// The raft node in the words of operations/.
class LogControl final : public RaftControl {
 public:
  // Borrowed.
  LogControl(ReplicatedLog* log, StateStore* store)
      : log_(log), store_(store) {}

  absl::StatusOr<statepb::Result> Propose(
      const statepb::Command& command) override;
  absl::Status ChangeMembership(const MembershipTarget& target,
                                uint64_t expected_configuration) override;
  absl::Status Transfer(const std::string& member_id) override;
  RaftView View() const override;

 private:
  ReplicatedLog* const log_;
  StateStore* const store_;
};

// Seals both authorities' keys for other members, and makes new authorities.
class AuthoritySealer final : public CaSealer {
 public:
  // Borrowed.
  AuthoritySealer(ReplicatedLog* log, StateStore* store,
                  CertificateIssuer* issuer, const Clock* clock,
                  RandomSource* random)
      : log_(log),
        store_(store),
        issuer_(issuer),
        clock_(clock),
        random_(random) {}

  absl::Status Reseal(const std::vector<std::string>& member_ids) override;
  absl::StatusOr<statepb::Authority> MakeSuccessor(
      const ClusterState& state, statepb::Plane plane) override;
  absl::StatusOr<std::string> CrossCertify(const ClusterState& state) override;

 private:
  ReplicatedLog* const log_;
  StateStore* const store_;
  CertificateIssuer* const issuer_;
  const Clock* const clock_;
  RandomSource* const random_;
};

class Leadership {
 public:
  struct Parts {
    // Borrowed; all outlive it.
    ReplicatedLog* log = nullptr;
    StateStore* store = nullptr;
    CertificateIssuer* issuer = nullptr;
    const Clock* clock = nullptr;
    RandomSource* random = nullptr;
    // Historian::Parts::gather.
    std::function<ClusterFacts()> gather;
  };

  // Begins at once.
  explicit Leadership(const Parts& parts);
  ~Leadership() { Stop(); }

  void Stop();

  // Membership::TransferLead.
  absl::Status TransferLead(const std::string& member_id) {
    return control_.Transfer(member_id);
  }

 private:
  LogControl control_;
  AuthoritySealer sealer_;
  RoleReconciler roles_;
  OperationRunner operations_;
  Historian historian_;
  bool stopped_ = false;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_LEADERSHIP_H_
