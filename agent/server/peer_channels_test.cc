// SPDX-License-Identifier: Apache-2.0
// When a member is left alone: how calls ended is told here, none is made.
#include "agent/server/peer_channels.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/server/testing/recording_server.h"
#include "agent/server/tls_identity.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "grpcpp/support/status.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using Turn = PeerChannels::Turn;

grpc::Status Unavailable(const std::string& why) {
  return {grpc::StatusCode::UNAVAILABLE,
          "failed to connect to all addresses; last error: " + why};
}
const grpc::Status kNotTrusted =
    Unavailable("Tls handshake failed: certificate verify failed");
const grpc::Status kNobodyThere =
    Unavailable("Failed to connect to remote host: Connection refused");

class PeerChannelsTest : public testing::Test {
 protected:
  void SetUp() override { Become("node2"); }

  void Become(const std::string& name) {
    tls_.Set(TestMaterial(pki_, pki_.Member(pki_.Facts(name))));
  }
  bool LeftAlone() { return !channels_.To(key_).ok(); }
  Turn Ends(const grpc::Status& status) {
    EXPECT_FALSE(LeftAlone());
    return channels_.Report(key_, status);
  }

  FakeClock clock_;
  pki::TestPki pki_;
  TlsIdentity tls_;
  PeerChannels channels_{&tls_, &clock_};
  const ChannelKey key_ = {std::string(32, '1'), {"127.0.0.1", 1}};
};

TEST_F(PeerChannelsTest, WhoRefusesIsLeftAloneLongerEachTime) {
  EXPECT_EQ(Ends(kNotTrusted), Turn::kRefused);
  const absl::Status said = channels_.To(key_).status();
  EXPECT_EQ(said.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(said.message(), kNotTrusted.error_message());
  clock_.Advance(absl::Milliseconds(200));
  EXPECT_EQ(Ends(kNotTrusted), Turn::kNone);
  clock_.Advance(absl::Milliseconds(200));
  EXPECT_TRUE(LeftAlone());
  clock_.Advance(absl::Milliseconds(200));
  // Another purpose, where other certificates are put up with, is asked for
  // itself.
  EXPECT_OK(channels_.To({key_.member_id, key_.address, ChannelUse::kRenewal}));
  EXPECT_EQ(Ends(grpc::Status::OK), Turn::kAnswers);
  EXPECT_EQ(Ends(grpc::Status::OK), Turn::kNone);
}

TEST_F(PeerChannelsTest, WhoCannotBeReachedIsDialedAsBefore) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Ends(kNobodyThere), Turn::kNone);
  // Nor does one that trusts nobody keep its long pause while it starts again.
  for (int i = 0; i < 20; ++i) {
    Ends(kNotTrusted);
    clock_.Advance(absl::Minutes(1));
  }
  EXPECT_EQ(Ends(kNobodyThere), Turn::kNone);
  EXPECT_EQ(Ends(kNotTrusted), Turn::kRefused);
  clock_.Advance(absl::Milliseconds(200));
  EXPECT_FALSE(LeftAlone());
}

TEST_F(PeerChannelsTest, ACallThatRanOutOfTimeSaysNothing) {
  Ends(kNotTrusted);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Ends({grpc::StatusCode::DEADLINE_EXCEEDED, ""}), Turn::kNone);
  EXPECT_EQ(Ends(kNotTrusted), Turn::kNone);
  clock_.Advance(absl::Milliseconds(399));
  EXPECT_TRUE(LeftAlone());
}

TEST_F(PeerChannelsTest, WhatChangesAtEitherEndIsTriedAtOnce) {
  Ends(kNotTrusted);
  EXPECT_TRUE(LeftAlone());
  channels_.HearFrom(std::string(32, '2'));
  EXPECT_TRUE(LeftAlone());
  channels_.HearFrom(key_.member_id);
  EXPECT_FALSE(LeftAlone());
  Ends(kNotTrusted);
  EXPECT_TRUE(LeftAlone());
  Become("node2");
  EXPECT_FALSE(LeftAlone());
}

}  // namespace
}  // namespace microovn::agent
