// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/pulse.h"

#include <algorithm>
#include <utility>

namespace microovn::agent {
namespace {

// Ends that lie further back say nothing about today.
constexpr absl::Duration kRemembered = absl::Minutes(5);
constexpr size_t kMostEnds = 20;
// A daemon that works on something takes as long to answer.
constexpr absl::Duration kSlow = absl::Seconds(3);
// A daemon that has lived so long, and twice as long as the lives before, is
// taken to be well again.
constexpr absl::Duration kProbation = absl::Seconds(5);

}  // namespace

absl::Duration Pulse::LifeOfTheWell() const {
  absl::Duration longest = kProbation / 2;
  for (const End& end : ends_) longest = std::max(longest, end.life);
  return 2 * longest;
}

void Pulse::CountEnds(const PulseSight& sight, absl::Duration now) {
  const int more = seen_ ? sight.restarts - last_.restarts : 0;
  for (int i = 0; i < std::min<int>(more, kMostEnds); ++i) {
    const absl::Duration life = i == 0 && ready_since_.has_value()
                                    ? now - *ready_since_
                                    : absl::ZeroDuration();
    // It was well before: this end is the first of another row.
    if (!ends_.empty() && life >= LifeOfTheWell()) ends_.clear();
    ends_.push_back({now, life});
  }
  if (sight.pid != last_.pid) ready_since_.reset();
  while (!ends_.empty() &&
         (ends_.size() > kMostEnds || now - ends_.front().at > kRemembered)) {
    ends_.pop_front();
  }
}

void Pulse::NoteSilence(const PulseSight& sight, absl::Duration asked) {
  if (sight.answered || !sight.ready || sight.pid != last_.pid) {
    silent_since_.reset();
    busy_ = false;
  }
  if (sight.answered || !sight.ready) return;
  if (!silent_since_.has_value()) {
    silent_since_ = asked;
    ticks_at_silence_ = sight.activity.ticks;
  }
  // Whoever does not listen may work as much as it likes.
  busy_ = !sight.deaf && (busy_ || sight.activity.runnable ||
                          sight.activity.ticks != ticks_at_silence_);
}

void Pulse::See(const PulseSight& sight, absl::Duration asked,
                absl::Duration now) {
  CountEnds(sight, now);
  if (!sight.ready) {
    ready_since_.reset();
  } else if (!ready_since_.has_value()) {
    ready_since_ = now;
  }
  NoteSilence(sight, asked);
  // A daemon that does not answer says nothing about its connections.
  if (!sight.answered || sight.disconnected_from.empty()) {
    disconnected_since_.reset();
  } else if (!disconnected_since_.has_value()) {
    disconnected_since_ = now;
  }
  last_ = sight;
  seen_ = true;
  // Those who need it begin anew with it.
  if (sight.answered && std::exchange(lost_, false)) ready_since_ = now;
  lost_ = lost_ || !MayAnswer(now);
}

bool Pulse::MayAnswer(absl::Duration now) const {
  return last_.ready && !last_.activity.stopped &&
         (!silent_since_.has_value() || now - *silent_since_ < kSlow);
}

void Pulse::Tell(absl::Duration now,
                 internal::peer::v1::DaemonPulse& pulse) const {
  pulse.set_stopped(last_.activity.stopped);
  if (silent_since_.has_value()) {
    pulse.set_silent_millis(absl::ToInt64Milliseconds(
        std::max(now - *silent_since_, absl::Milliseconds(1))));
  }
  pulse.set_busy(busy_);
  pulse.set_paused(last_.answered && last_.paused);
  const absl::Duration ready =
      ready_since_.has_value() ? now - *ready_since_ : absl::ZeroDuration();
  pulse.set_ready_millis(absl::ToInt64Milliseconds(ready));
  if (disconnected_since_.has_value()) {
    pulse.set_disconnected_millis(
        absl::ToInt64Milliseconds(now - *disconnected_since_));
    for (const std::string& database : last_.disconnected_from) {
      pulse.add_disconnected_from(database);
    }
  }
  if (ends_.empty()) return;
  if (now - ends_.back().at < LifeOfTheWell()) {
    pulse.set_recent_ends(static_cast<uint32_t>(ends_.size()));
  }
}

}  // namespace microovn::agent
