// SPDX-License-Identifier: Apache-2.0
// Failures a user can meet: a canonical code, a sentence, a stable reason and
// what to do about it.
//
// The reason (UPPER_SNAKE_CASE, see proto/microovn/v1/reason.proto) and the
// remedy travel in the status as a google.rpc.ErrorInfo payload, keyed by its
// Any type URL, so that they reach a gRPC client unchanged.
#ifndef MICROOVN_BASE_STATUS_ERROR_H_
#define MICROOVN_BASE_STATUS_ERROR_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn {

struct ErrorDetail {
  std::string reason;
  // A full clause in the imperative, such as "start the agent on node2"; empty
  // when the message says all there is.
  std::string remedy = "";
  std::map<std::string, std::string> metadata = {};
};

// `message` is one line without a full stop.
absl::Status MakeError(absl::StatusCode code, absl::string_view message,
                       const ErrorDetail& detail);

// Empty strings when `status` has no detail.
ErrorDetail DetailOf(const absl::Status& status);
std::string ReasonOf(const absl::Status& status);

// The same status with "context: " before its message; details are kept.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace microovn

#endif  // MICROOVN_BASE_STATUS_ERROR_H_
