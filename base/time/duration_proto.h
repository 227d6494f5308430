// SPDX-License-Identifier: Apache-2.0
// Durations as messages carry them (google/protobuf/duration.proto).
#ifndef MICROOVN_BASE_TIME_DURATION_PROTO_H_
#define MICROOVN_BASE_TIME_DURATION_PROTO_H_

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

namespace microovn {

// Any two numbers are a duration: those of a stranger must be checked against
// the bounds of their purpose afterwards.
absl::Duration FromProto(const google::protobuf::Duration& duration);

// Whole nanoseconds, cut towards zero. What the message cannot hold (10,000
// years, infinity) becomes its longest.
google::protobuf::Duration ToProto(absl::Duration duration);

}  // namespace microovn

#endif  // MICROOVN_BASE_TIME_DURATION_PROTO_H_
