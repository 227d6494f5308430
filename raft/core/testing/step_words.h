// SPDX-License-Identifier: Apache-2.0
// What goes into a core and what comes out of it, for traces. Fields that have
// their default value are not printed, so that a new one changes no trace in
// which it plays no part.
#ifndef MICROOVN_RAFT_CORE_TESTING_STEP_WORDS_H_
#define MICROOVN_RAFT_CORE_TESTING_STEP_WORDS_H_

#include <string>
#include <vector>

#include "raft/core/testing/message_words.h"
#include "raft/core/values/input.h"
#include "raft/core/values/output.h"
#include "raft/core/values/status.h"

namespace microovn::raft {

std::string Words(const Input& input, TraceNames& names);

// One line for each thing to do, but for the sends, whose fate the caller
// knows.
std::vector<std::string> LinesBeforeSends(const Output& output);
std::vector<std::string> LinesAfterSends(const Output& output);

// The first line is the member itself; of a leader, one for each peer follows.
std::vector<std::string> Lines(const Status& status);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_TESTING_STEP_WORDS_H_
