// SPDX-License-Identifier: Apache-2.0
// The reply of a JSON-RPC 1.0 call as text. Pure, thread-safe.
// For any bytes whatsoever: json_rpc_fuzz.cc holds that.
#ifndef MICROOVN_SUPERVISOR_JSON_RPC_JSON_RPC_REPLY_H_
#define MICROOVN_SUPERVISOR_JSON_RPC_JSON_RPC_REPLY_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace microovn::supervisor {

struct JsonRpcReply {
  // Strings as they are, other values as JSON, empty for null and none.
  std::string error;
  std::string result;
};

// Messages have no delimiter: a reply has ended when it is a whole object.
// Nothing until then, and nothing for one that is nested too deep to print.
std::optional<JsonRpcReply> ParseJsonRpcReply(absl::string_view text);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_JSON_RPC_JSON_RPC_REPLY_H_
