// SPDX-License-Identifier: Apache-2.0
// The state's hash at certain applied indexes. Members that applied the same
// log have the same marks; where they do not, one of them is broken (raft.md
// 5a.9). Values.
#ifndef MICROOVN_RAFT_CORE_VALUES_STATE_MARK_H_
#define MICROOVN_RAFT_CORE_VALUES_STATE_MARK_H_

#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "raft/core/values/types.h"

namespace microovn::raft {

struct StateMark {
  LogIndex index;  // 0: none
  std::string hash;

  friend bool operator==(const StateMark& a, const StateMark& b) {
    return a.index == b.index && a.hash == b.hash;
  }
  friend bool operator!=(const StateMark& a, const StateMark& b) {
    return !(a == b);
  }
};

// The last few marks of one member.
class StateMarks {
 public:
  // As many as a member may run ahead of the question about an older one.
  static constexpr size_t kKept = 16;

  // In the order of their indexes.
  void Add(StateMark mark) {
    marks_.push_back(std::move(mark));
    if (marks_.size() > kKept) marks_.pop_front();
  }
  // When a snapshot replaces the state: its marks are not known.
  void Clear() { marks_.clear(); }

  const StateMark* Newest() const {
    return marks_.empty() ? nullptr : &marks_.back();
  }
  const StateMark* Find(LogIndex index) const {
    for (const StateMark& mark : marks_) {
      if (mark.index == index) return &mark;
    }
    return nullptr;
  }

  friend bool operator==(const StateMarks& a, const StateMarks& b) {
    return a.marks_ == b.marks_;
  }

 private:
  friend struct CoreArchive;

  std::deque<StateMark> marks_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_STATE_MARK_H_
