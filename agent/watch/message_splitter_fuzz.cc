// SPDX-License-Identifier: Apache-2.0
// What a database server sends over a long connection: however it is cut into
// pieces, the messages are the same.
#include "agent/watch/message_splitter.h"
#include "base/testing/fuzz_target.h"

namespace microovn {
namespace {

std::vector<std::string> Split(std::vector<absl::string_view> pieces,
                               bool* ok) {
  agent::MessageSplitter splitter;
  std::vector<std::string> all;
  *ok = true;
  for (const absl::string_view piece : pieces) {
    auto messages = splitter.Add(piece);
    *ok = *ok && messages.ok();
    if (!*ok) break;
    for (std::string& message : *messages) all.push_back(std::move(message));
  }
  return all;
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  return {R"({"id":"monitor","result":{},"error":null})",
          R"({"method":"update","params":["monitor",{"Bridge":{}}],"id":null})"
          R"({"method":"echo","params":["\"}"],"id":"echo"})"};
}

void FuzzOne(absl::string_view input) {
  bool ok = false;
  const std::vector<std::string> whole = Split({input}, &ok);
  if (!ok) return;
  for (const std::string& message : whole) {
    FuzzCheck(message.front() == '{' && message.size() <= input.size(),
              "a message is a piece of the stream");
  }
  const size_t middle = input.size() / 2;
  FuzzCheck(
      Split({input.substr(0, middle), input.substr(middle)}, &ok) == whole &&
          ok,
      "where it is cut says nothing");
}

}  // namespace microovn
