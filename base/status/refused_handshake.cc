// SPDX-License-Identifier: Apache-2.0
#include "base/status/refused_handshake.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace microovn {
namespace {

// Before all that is said of why there is no connection; the same words after
// it can be of one that was there.
constexpr absl::string_view kNoConnection = "failed to connect";

constexpr absl::string_view kRefusals[] = {
    // OpenSSL's, of the chain.
    "certificate verify failed",
    // The agent's own look at it, see server_check.h.
    "Custom verification check failed",
    // Another error of OpenSSL's, or an alert.
    "handshake failed",
    // In TLS 1.3 a client is done before the server has looked at its
    // certificate: that refusal is an end without a word.
    "Socket closed",
    "Connection reset by peer",
};

}  // namespace

bool IsRefusedHandshake(const grpc::Status& status) {
  const std::string message = status.error_message();
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE ||
      !absl::StrContains(message, kNoConnection)) {
    return false;
  }
  return std::any_of(std::begin(kRefusals), std::end(kRefusals),
                     [&message](absl::string_view refusal) {
                       return absl::StrContains(message, refusal);
                     });
}

}  // namespace microovn
