// SPDX-License-Identifier: Apache-2.0
// What must hold of every core after every Step, and of all cores of a cluster
// together (Raft figure 3). For tests and the simulator, which feed it each
// Step's core and output.
//
// Thread-compatible. Remembers one digest per member and the history of the
// cluster; never the cores.
#ifndef MICROOVN_RAFT_CORE_INVARIANTS_H_
#define MICROOVN_RAFT_CORE_INVARIANTS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "raft/core/raft_core.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class InvariantChecker {
 public:
  // After `core` returned `output`. Says what is broken; empty: nothing is.
  std::optional<std::string> AfterStep(const RaftCore& core,
                                       const Output& output);
  // A core that was just built from what was durable: what it forgot may go
  // back, what it promised may not.
  std::optional<std::string> AfterRestart(const RaftCore& core);

  // Somebody has decided to go on without what is behind `kept`
  // (possible_loss.h): it is as if it had never been committed.
  void AcceptLoss(LogIndex kept);
  // The highest committed index up to which the log of `recovered` is what was
  // committed.
  LogIndex CommittedIn(const Recovered& recovered) const;

  // The highest index that any leader has committed.
  LogIndex committed() const { return committed_to_; }
  uint64_t elections() const { return leaders_.size(); }

 private:
  struct Digest {
    HardState hard_state;
    Role role = Role::kFollower;
    LogIndex commit;
    LogIndex last_index;
  };
  struct Known {
    Term term;
    ChainHash chain;
  };

  std::optional<std::string> CheckBasic(const RaftCore& core) const;
  std::optional<std::string> CheckLeader(const RaftCore& core,
                                         const Output& output) const;
  std::optional<std::string> CheckDelta(const Digest& before,
                                        const RaftCore& core,
                                        const Output& output) const;
  std::optional<std::string> CheckElection(const RaftCore& core);
  std::optional<std::string> CheckEntries(const Output& output);
  std::optional<std::string> CheckCommits(const Digest& before,
                                          const RaftCore& core);

  std::map<MemberId, Digest> digests_;
  std::map<Term, MemberId> leaders_;
  // Of each term, the highest index that its leader committed.
  std::map<Term, LogIndex> committed_in_;
  // By index: what each term that wrote there wrote, and what is committed.
  std::vector<std::vector<Known>> written_;
  std::vector<std::optional<Known>> committed_;
  LogIndex committed_to_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_INVARIANTS_H_
