// SPDX-License-Identifier: Apache-2.0
#include "base/status/refused_handshake.h"

#include <string>

#include "gtest/gtest.h"

namespace microovn {
namespace {

// What gRPC 1.51 was heard to say.
TEST(IsRefusedHandshake, IsOfWhoAnswersAndDoesNotAgree) {
  const std::string no = "failed to connect to all addresses; last error: ";
  struct Case {
    grpc::StatusCode code;
    std::string message;
    bool refused;
  };
  const Case cases[] = {
      {grpc::StatusCode::UNAVAILABLE,
       no + "UNKNOWN: ipv4:127.0.0.1:20111: Tls handshake failed: "
            "SSL_ERROR_SSL: error:0A000086:SSL routines::certificate verify "
            "failed",
       true},
      {grpc::StatusCode::UNAVAILABLE,
       no + "UNAUTHENTICATED: ipv4:127.0.0.1:20111: Custom verification check "
            "failed with error: UNAUTHENTICATED: it does not name the member",
       true},
      {grpc::StatusCode::UNAVAILABLE,
       no + "UNAVAILABLE: ipv4:127.0.0.1:20111: Socket closed", true},
      {grpc::StatusCode::UNAVAILABLE,
       no + "UNAVAILABLE: ipv4:127.0.0.1:20111: recvmsg:Connection reset by "
            "peer",
       true},
      // Nobody listens; or who listens is frozen.
      {grpc::StatusCode::UNAVAILABLE,
       no + "UNKNOWN: ipv4:127.0.0.1:20112: Failed to connect to remote host: "
            "Connection refused",
       false},
      {grpc::StatusCode::UNAVAILABLE,
       no + "UNKNOWN: ipv4:127.0.0.1:20113: Handshake read failed", false},
      // A connection that was there.
      {grpc::StatusCode::UNAVAILABLE, "Socket closed", false},
      // The peer's own words.
      {grpc::StatusCode::UNAUTHENTICATED, no + "certificate verify failed",
       false},
      {grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded", false},
      {grpc::StatusCode::OK, "", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(IsRefusedHandshake(grpc::Status(c.code, c.message)), c.refused)
        << c.message;
  }
}

}  // namespace
}  // namespace microovn
