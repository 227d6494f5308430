// SPDX-License-Identifier: Apache-2.0
// A replicated log in memory: commands are applied at once, and configuration
// changes are in force when the call returns. Thread-compatible.
#ifndef MICROOVN_AGENT_OPERATIONS_TESTING_FAKE_RAFT_CONTROL_H_
#define MICROOVN_AGENT_OPERATIONS_TESTING_FAKE_RAFT_CONTROL_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/operations/ca_sealer.h"
#include "agent/operations/raft_control.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_clock.h"
#include "agent/state/values/cluster_state.h"
#include "base/time/clock.h"

namespace microovn::agent {

class FakeRaftControl final : public RaftControl {
 public:
  // The first of the state's members leads and votes; the others get the log
  // and are in contact. Borrowed; both outlive it.
  FakeRaftControl(const ClusterState& state, StateStore* store,
                  const Clock* clock);

  absl::StatusOr<statepb::Result> Propose(
      const statepb::Command& command) override;
  absl::Status ChangeMembership(const MembershipTarget& target,
                                uint64_t expected_configuration) override;
  absl::Status Transfer(const std::string& member_id) override;
  RaftView View() const override;

  const ClusterState& state() const { return state_; }
  // What a member says, or another command of somebody else's.
  void Apply(const statepb::Command& command);
  // As if the log had brought it about.
  void Put(const statepb::Authority& authority);

  // Names of members, in this and what follows.
  void Lead(absl::string_view name);
  void SetVoters(const std::vector<std::string>& names);
  void SetSilent(absl::string_view name, bool silent);
  void SetLag(absl::string_view name, uint64_t lag);
  std::vector<std::string> Voters() const;
  std::vector<std::string> Learners() const;

  // After this many more proposals and changes the leader has lost its lead.
  void LoseLeadAfter(int actions) { actions_left_ = actions; }
  bool leading() const { return leading_; }
  // Kinds of what was admitted, by Command::BodyCase.
  const std::vector<int>& admitted() const { return admitted_; }
  int refused() const { return refused_; }
  // What was asked of the log, whether it led or not.
  int tried() const { return tried_; }

 private:
  bool Spend();
  void Publish();

  ClusterState state_;
  StateStore* const store_;
  const Clock* const clock_;
  ClusterClock cluster_clock_;
  RaftView view_;
  bool leading_ = true;
  int actions_left_ = -1;
  std::vector<int> admitted_;
  int refused_ = 0;
  int tried_ = 0;
};

// Seals in the state, as the real one does.
class FakeCaSealer final : public CaSealer {
 public:
  explicit FakeCaSealer(FakeRaftControl* raft) : raft_(raft) {}
  absl::Status Reseal(const std::vector<std::string>& member_ids) override;
  absl::StatusOr<statepb::Authority> MakeSuccessor(
      const ClusterState& state, statepb::Plane plane) override;
  absl::StatusOr<std::string> CrossCertify(const ClusterState& state) override;

  absl::Status failure;
  // How many CAs were made.
  int made = 0;

 private:
  FakeRaftControl* const raft_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_TESTING_FAKE_RAFT_CONTROL_H_
