// SPDX-License-Identifier: Apache-2.0
#include "supervisor/json_rpc/json_rpc_reply.h"

#include "absl/strings/match.h"
#include "nlohmann/json.hpp"

namespace microovn::supervisor {
namespace {

using Json = nlohmann::json;

// Of arrays and objects in each other. Printing recurses; daemons nest four.
constexpr int kDeepest = 64;

std::string Text(const Json& reply, const char* key) {
  const auto found = reply.find(key);
  if (found == reply.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

}  // namespace

std::optional<JsonRpcReply> ParseJsonRpcReply(absl::string_view text) {
  // Most pieces of a long reply end elsewhere.
  // Without this a reply of megabytes would be parsed again for each piece,
  // which grows with the square of its length.
  if (text.empty() || (text.back() != '}' && text.back() != '\n')) {
    return std::nullopt;
  }
  // The parser takes it for the end of the text.
  if (absl::StrContains(text, '\0')) return std::nullopt;
  bool too_deep = false;
  const auto watch = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDeepest;
    return true;
  };
  const Json reply = Json::parse(text.begin(), text.end(), watch,
                                 /*allow_exceptions=*/false);
  if (!reply.is_object() || too_deep) return std::nullopt;
  return JsonRpcReply{Text(reply, "error"), Text(reply, "result")};
}

}  // namespace microovn::supervisor
