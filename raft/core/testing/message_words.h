// SPDX-License-Identifier: Apache-2.0
// Messages in one line each, for traces:
//
//   1->2 append term=2 prev=3/1 commit=3 [4/2 noop, 5/2 "a"]
#ifndef MICROOVN_RAFT_CORE_TESTING_MESSAGE_WORDS_H_
#define MICROOVN_RAFT_CORE_TESTING_MESSAGE_WORDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "raft/core/values/message.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// Numbers that a core draws at random (the rounds of its campaigns, the
// sequence of its forwarded reads) become 1, 2, 3 in the order in which they
// are first seen, so that no trace depends on a seed. Thread-compatible.
class Ordinals {
 public:
  uint64_t Of(MemberId owner, uint64_t value);
  // Back again; one that was not seen gets a value of its own.
  uint64_t ValueOf(MemberId owner, uint64_t ordinal);

 private:
  struct Numbering {
    std::map<uint64_t, uint64_t> ordinal_of;
    std::map<uint64_t, uint64_t> value_of;
  };
  std::map<MemberId, Numbering> members_;
};

struct TraceNames {
  Ordinals rounds;     // by candidate
  Ordinals sequences;  // by the member that asked
};

// What kind of message it is, with the phase of a vote: "pre-vote-reply".
absl::string_view KindOf(const MessageBody& body);

std::string Words(const Message& message, TraceNames& names);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_TESTING_MESSAGE_WORDS_H_
