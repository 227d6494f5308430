// SPDX-License-Identifier: Apache-2.0
// A leader's comparison of the members' states at one index: whom to ask, what
// was answered, and which state is the right one. How comparisons follow one
// another stands in state_check.cc. Value.
#ifndef MICROOVN_RAFT_CORE_INTEGRITY_STATE_COMPARISON_H_
#define MICROOVN_RAFT_CORE_INTEGRITY_STATE_COMPARISON_H_

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "raft/core/integrity/state_verdict.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/state_mark.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class StateComparison {
 public:
  // None is under way.
  StateComparison() = default;
  // Of `leader`, whose own mark it is.
  StateComparison(MemberId leader, const StateMark& own)
      : index_(own.index), votes_{{leader, own.hash}} {}

  LogIndex index() const { return index_; }  // 0: none

  // What `peer` should be asked, or told; none: it has said what it can, and
  // knows what is right if anybody does.
  std::optional<StateMark> Question(MemberId peer) const;
  // Whether that changes anything for Decide.
  bool Hear(MemberId peer, const StateMark& answer);
  // The mark that is right, once that can be said.
  std::optional<StateMark> Decide(const Configuration& configuration,
                                  MemberId leader);

  friend bool operator==(const StateComparison& a, const StateComparison& b) {
    return std::tie(a.index_, a.votes_, a.right_) ==
           std::tie(b.index_, b.votes_, b.right_);
  }

 private:
  friend struct CoreArchive;

  LogIndex index_;
  std::vector<StateVote> votes_;
  std::optional<std::string> right_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_INTEGRITY_STATE_COMPARISON_H_
