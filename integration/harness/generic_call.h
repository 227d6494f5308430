// SPDX-License-Identifier: Apache-2.0
// One RPC of any kind by its path, in bytes: what a client does that has no
// generated code for the server it asks.
//
// Used by the reflection client. Thread-compatible; blocks until the call has
// ended.
#ifndef MICROOVN_INTEGRATION_HARNESS_GENERIC_CALL_H_
#define MICROOVN_INTEGRATION_HARNESS_GENERIC_CALL_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"

namespace microovn::integration {

// Returns whether more replies are wanted.
using ReplyHandler = std::function<bool(const std::string& reply)>;

// Sends one request to "/package.Service/Method" and hands over each reply.
// Unary calls and server streams are the same on the wire. OK also when
// `handler` wanted no more.
absl::Status GenericCall(const std::shared_ptr<grpc::Channel>& channel,
                         absl::string_view path, absl::string_view request,
                         absl::Duration timeout, const ReplyHandler& handler);

}  // namespace microovn::integration

#endif  // MICROOVN_INTEGRATION_HARNESS_GENERIC_CALL_H_
