// SPDX-License-Identifier: Apache-2.0
// Sends a change again while it is not known whether it was made. Safe only
// for requests with an id, of which the cluster makes the change once and
// answers each repetition like the first.
#ifndef MICROOVN_CTL_CLIENT_REPETITION_H_
#define MICROOVN_CTL_CLIENT_REPETITION_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/time/clock.h"

namespace microovn::ctl {

// Done, definitely not, or this: no answer came, or the cluster said that it
// does not know.
bool OutcomeIsUnknown(const absl::Status& status);

// All borrowed for the call.
struct RepetitionParts {
  const Clock* clock = nullptr;
  std::function<void(absl::Duration)> sleep;
  // Whether the user has asked to stop.
  std::function<bool()> interrupted;
  // Told once, when the first repetition is due; may be empty.
  std::function<void(const absl::Status& why)> repeating;
};

// How long a change is repeated before its outcome is left unknown.
inline constexpr absl::Duration kRepetitionPatience = absl::Minutes(1);

// The same, when the members that answer have no quorum: what was begun is
// finished when they have one again, whoever waits.
inline constexpr absl::Duration kQuorumPatience = absl::Seconds(10);

// Calls `once` until its outcome is known; then returns it.
absl::Status RepeatWhileUnknown(const RepetitionParts& parts,
                                const std::function<absl::Status()>& once);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLIENT_REPETITION_H_
