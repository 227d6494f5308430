// SPDX-License-Identifier: Apache-2.0
#include "base/time/duration_proto.h"

#include <algorithm>
#include <cstdint>

namespace microovn {
namespace {

// duration.proto's bound, in either direction.
constexpr int64_t kLongestSeconds = 315'576'000'000;

}  // namespace

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  const absl::Duration longest = absl::Seconds(kLongestSeconds);
  absl::Duration rest = std::clamp(duration, -longest, longest);
  google::protobuf::Duration message;
  message.set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
  message.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return message;
}

}  // namespace microovn
