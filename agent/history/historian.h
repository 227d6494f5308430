// SPDX-License-Identifier: Apache-2.0
// Tells the log what only a leader sees: who leads, who votes, who is lost and
// back, and which findings came and went. Runs on every member and acts on the
// one that leads; the next leader goes on from what was told.
//
// Nothing is told while nothing changes. Findings cost a question to every
// member: they are asked when the state has changed, and otherwise rarely.
#ifndef MICROOVN_AGENT_HISTORY_HISTORIAN_H_
#define MICROOVN_AGENT_HISTORY_HISTORIAN_H_

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "agent/health/facts.h"
#include "agent/history/finding_memory.h"
#include "agent/history/flap_damper.h"
#include "agent/operations/member_health.h"
#include "agent/operations/raft_control.h"
#include "agent/operations/wakeup_loop.h"
#include "agent/state/store/state_store.h"
#include "base/time/clock.h"

namespace microovn::agent {

class Historian {
 public:
  // Silent for so long: lost.
  static constexpr absl::Duration kLostAfter = absl::Seconds(10);
  // Between two looks at the findings: at the least, while something is
  // turning, and while nothing changes.
  static constexpr absl::Duration kShortest = absl::Seconds(3);
  static constexpr absl::Duration kTurning = absl::Seconds(5);
  static constexpr absl::Duration kQuiet = absl::Seconds(20);

  struct Parts {
    // Borrowed; all outlive it.
    RaftControl* raft = nullptr;
    StateStore* store = nullptr;
    const Clock* clock = nullptr;
    // Everything known, by asking every member; within seconds.
    std::function<ClusterFacts()> gather;
  };

  explicit Historian(Parts parts) : parts_(std::move(parts)) {}

  void Start();
  // Waits until the thread has ended.
  void Stop();

  // One look. Called by the thread, and by tests instead of Start.
  void RunOnce();

 private:
  void Begin(const StateSnapshot& state, absl::Duration now);
  bool LookIsDue(const StateSnapshot& state, absl::Duration now) const;
  void LookAtFindings(const StateSnapshot& state);

  const Parts parts_;
  bool leads_ = false;
  MemberHealth health_;
  FlapDamper damper_;
  FindingMemory findings_;
  absl::Duration looked_at_;
  // As it was then.
  StateSnapshot looked_state_;
  std::unique_ptr<WakeupLoop> loop_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HISTORY_HISTORIAN_H_
