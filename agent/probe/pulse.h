// SPDX-License-Identifier: Apache-2.0
// One daemon over time: whether it answers, and for how long it has not. Pure;
// times are Clock::Monotonic(). Copyable value.
#ifndef MICROOVN_AGENT_PROBE_PULSE_H_
#define MICROOVN_AGENT_PROBE_PULSE_H_

#include <sys/types.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/probe/process_activity.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {

// One look at a daemon.
struct PulseSight {
  // 0 when there is no process.
  pid_t pid = 0;
  // As the supervisor has it: it has been ready once.
  bool ready = false;
  // How often it was started again, by the supervisor's count.
  int restarts = 0;
  bool answered = false;
  // It does not answer because nobody listens there.
  bool deaf = false;
  ProcessActivity activity;
  // What it answered.
  bool paused = false;
  std::vector<std::string> disconnected_from;
};

class Pulse {
 public:
  // `asked`: when the question was put, and now it is `now`.
  void See(const PulseSight& sight, absl::Duration asked, absl::Duration now);
  void Tell(absl::Duration now, internal::peer::v1::DaemonPulse& pulse) const;
  // Whether there is anything to tell.
  bool HasNews() const { return last_.pid != 0 || !ends_.empty(); }
  // It may only be slow: what it said last is believed.
  bool MayAnswer(absl::Duration now) const;

 private:
  struct End {
    absl::Duration at;
    // How long it had been ready.
    absl::Duration life;
  };

  // After which the ends before count no more.
  absl::Duration LifeOfTheWell() const;
  void CountEnds(const PulseSight& sight, absl::Duration now);
  void NoteSilence(const PulseSight& sight, absl::Duration asked);

  PulseSight last_;
  bool seen_ = false;
  std::optional<absl::Duration> ready_since_;
  std::optional<absl::Duration> silent_since_;
  uint64_t ticks_at_silence_ = 0;
  bool busy_ = false;
  // It has been given up, and has not answered since.
  bool lost_ = false;
  std::optional<absl::Duration> disconnected_since_;
  std::deque<End> ends_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_PROBE_PULSE_H_
