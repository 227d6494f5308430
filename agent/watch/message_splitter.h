// SPDX-License-Identifier: Apache-2.0
// Cuts a stream of JSON-RPC messages, which have no delimiter, into messages.
// Pure but for what it keeps of an unfinished one; bounded.
#ifndef MICROOVN_AGENT_WATCH_MESSAGE_SPLITTER_H_
#define MICROOVN_AGENT_WATCH_MESSAGE_SPLITTER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

class MessageSplitter {
 public:
  // Of one message.
  static constexpr size_t kLongest = size_t{1} << 20;
  // Of arrays and objects in each other; daemons nest eight.
  static constexpr int kDeepest = 64;

  // The messages that `bytes` complete. Fails, and is of no more use, for what
  // cannot be one: too long, too deep, or not an object.
  absl::StatusOr<std::vector<std::string>> Add(absl::string_view bytes);

 private:
  // Whether `c` completes an object.
  absl::StatusOr<bool> Take(char c);

  std::string message_;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_MESSAGE_SPLITTER_H_
