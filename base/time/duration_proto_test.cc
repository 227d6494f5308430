// SPDX-License-Identifier: Apache-2.0
#include "base/time/duration_proto.h"

#include <cstdint>
#include <limits>

#include "gtest/gtest.h"

namespace microovn {
namespace {

constexpr int64_t kLongestSeconds = 315'576'000'000;

google::protobuf::Duration Message(int64_t seconds, int32_t nanos) {
  google::protobuf::Duration message;
  message.set_seconds(seconds);
  message.set_nanos(nanos);
  return message;
}

struct Pair {
  absl::Duration duration;
  int64_t seconds;
  int32_t nanos;
};

class Durations : public testing::TestWithParam<Pair> {};

TEST_P(Durations, GoAndComeBack) {
  const Pair& pair = GetParam();
  const google::protobuf::Duration message = ToProto(pair.duration);
  EXPECT_EQ(message.seconds(), pair.seconds);
  EXPECT_EQ(message.nanos(), pair.nanos);
  EXPECT_EQ(FromProto(message), pair.duration);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Durations,
    testing::Values(Pair{absl::ZeroDuration(), 0, 0},
                    Pair{absl::Nanoseconds(1), 0, 1},
                    Pair{absl::Milliseconds(1500), 1, 500'000'000},
                    Pair{-absl::Milliseconds(1500), -1, -500'000'000},
                    Pair{absl::Seconds(kLongestSeconds), kLongestSeconds, 0}));

TEST(DurationProto, FractionsOfNanosecondsAreCut) {
  EXPECT_EQ(ToProto(absl::Nanoseconds(7) / 4).nanos(), 1);
  EXPECT_EQ(ToProto(-absl::Nanoseconds(7) / 4).nanos(), -1);
}

TEST(DurationProto, InfinityIsTheLongestThatTheMessageHolds) {
  EXPECT_EQ(ToProto(absl::InfiniteDuration()).seconds(), kLongestSeconds);
  EXPECT_EQ(ToProto(-absl::InfiniteDuration()).seconds(), -kLongestSeconds);
  EXPECT_EQ(ToProto(absl::InfiniteDuration()).nanos(), 0);
}

TEST(DurationProto, AStrangersNumbersAreNoOverflow) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int32_t kMostNanos = std::numeric_limits<int32_t>::max();
  EXPECT_GT(FromProto(Message(kMost, kMostNanos)), absl::Hours(24));
  EXPECT_LT(FromProto(Message(-kMost, -kMostNanos)), absl::ZeroDuration());
}

}  // namespace
}  // namespace microovn
