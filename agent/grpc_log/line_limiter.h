// SPDX-License-Identifier: Apache-2.0
// Lets one line a minute through of each place in a program that logs: what
// others cause, by connecting without a certificate for instance, must not fill
// a journal. Pure; times are Clock::Monotonic(). Thread-compatible.
#ifndef MICROOVN_AGENT_GRPC_LOG_LINE_LIMITER_H_
#define MICROOVN_AGENT_GRPC_LOG_LINE_LIMITER_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace microovn::agent {

class LineLimiter {
 public:
  // Of a line at `file`:`line`: none when it is left out, otherwise how many
  // were left out there since the last one that was not.
  std::optional<int> Admit(absl::string_view file, int line,
                           absl::Duration now) {
    const auto [at, first] =
        places_.try_emplace({std::string(file), line}, Place{now, 0});
    Place& place = at->second;
    if (!first && now - place.written < kInterval) {
      ++place.left_out;
      return std::nullopt;
    }
    place.written = now;
    return std::exchange(place.left_out, 0);
  }

 private:
  static constexpr absl::Duration kInterval = absl::Minutes(1);

  struct Place {
    absl::Duration written;
    int left_out = 0;
  };

  // As many as the program has.
  std::map<std::pair<std::string, int>, Place> places_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_GRPC_LOG_LINE_LIMITER_H_
