// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/message_splitter.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "base/status/status_macros.h"

namespace microovn::agent {

absl::StatusOr<std::vector<std::string>> MessageSplitter::Add(
    absl::string_view bytes) {
  std::vector<std::string> messages;
  for (const char c : bytes) {
    ASSIGN_OR_RETURN(const bool complete, Take(c));
    if (complete) messages.push_back(std::exchange(message_, {}));
  }
  return messages;
}

absl::StatusOr<bool> MessageSplitter::Take(char c) {
  if (depth_ == 0) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) return false;
    if (c != '{') return absl::DataLossError("not a JSON-RPC message");
  }
  if (message_.size() >= kLongest) {
    return absl::ResourceExhaustedError("a JSON-RPC message is too long");
  }
  message_.push_back(c);
  if (escaped_) {
    escaped_ = false;
  } else if (in_string_) {
    escaped_ = c == '\\';
    in_string_ = c != '"';
  } else if (c == '"') {
    in_string_ = true;
  } else if (c == '{' || c == '[') {
    if (++depth_ > kDeepest) {
      return absl::ResourceExhaustedError("a JSON-RPC message is too deep");
    }
  } else if (c == '}' || c == ']') {
    return --depth_ == 0;
  }
  return false;
}

}  // namespace microovn::agent
