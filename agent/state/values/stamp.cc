// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/stamp.h"

#include <algorithm>

#include "agent/state/values/canonical.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

Stamp Bounded(const Stamp& stamp) {
  return {std::clamp<int64_t>(stamp.clock_seconds, 0, kMaxSeconds),
          std::clamp<int64_t>(stamp.time_seconds, 0, kMaxSeconds),
          stamp.passed_by};
}

std::string StampCommand(const std::string& command, const Stamp& stamp) {
  internal::state::v1::Command parsed;
  if (!parsed.ParseFromString(command)) return command;
  const Stamp bounded = Bounded(stamp);
  parsed.set_clock_seconds(bounded.clock_seconds);
  parsed.set_time_seconds(bounded.time_seconds);
  parsed.set_passed_by(bounded.passed_by);
  return CanonicalBytes(parsed);
}

int64_t AdvanceClock(int64_t known, int64_t stamped) {
  const int64_t step = std::clamp<int64_t>(stamped - known, 0, kMaxClockStep);
  return std::min(known + step, kMaxSeconds);
}

}  // namespace microovn::agent
