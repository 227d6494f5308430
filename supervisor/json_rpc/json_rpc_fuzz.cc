// SPDX-License-Identifier: Apache-2.0
// Replies of daemons: what is a reply does not become another one by the
// space behind it, and no prefix of an object is one.
#include "absl/strings/str_cat.h"
#include "base/testing/fuzz_target.h"
#include "supervisor/json_rpc/json_rpc_reply.h"

namespace microovn {

std::vector<std::string> FuzzSeeds() {
  return {R"({"id":0,"result":"text\n","error":null})",
          R"({"id":0,"result":null,"error":"no such command"})",
          R"({"id":0,"result":[1,{"a":[true]}],"error":{"error":"x"}})"
          "\n"};
}

void FuzzOne(absl::string_view input) {
  const auto reply = supervisor::ParseJsonRpcReply(input);
  if (!reply.has_value()) return;
  const auto again = supervisor::ParseJsonRpcReply(absl::StrCat(input, " \n"));
  FuzzCheck(again.has_value() && again->error == reply->error &&
                again->result == reply->result,
            "space behind a reply says nothing");
  const size_t end = input.rfind('}');
  FuzzCheck(end != absl::string_view::npos, "a reply is an object");
  FuzzCheck(
      !supervisor::ParseJsonRpcReply(absl::StrCat(input.substr(0, end), "\n"))
           .has_value(),
      "a reply has ended where it ends");
}

}  // namespace microovn
