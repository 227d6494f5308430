// SPDX-License-Identifier: Apache-2.0
// When what comes and goes is told: the first changes of a subject at once,
// then one in a while with a count, so that nothing that flaps fills the log.
// Pure; times are Clock::Monotonic(). Thread-compatible.
#ifndef MICROOVN_AGENT_HISTORY_FLAP_DAMPER_H_
#define MICROOVN_AGENT_HISTORY_FLAP_DAMPER_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "base/time/token_bucket.h"

namespace microovn::agent {

class FlapDamper {
 public:
  // Of one subject: so many changes at once, then one every interval.
  static constexpr int kBurst = 4;
  static constexpr absl::Duration kInterval = absl::Minutes(2);

  // `is` now what was `told` last. Returns how many changes are to be told
  // now; 0: none, or not yet.
  uint32_t See(const std::string& subject, bool told, bool is,
               absl::Duration now);
  // They have been.
  void Told(const std::string& subject, absl::Duration now);
  // Of subjects that neither change nor have changed of late nothing is kept.
  void Forget(absl::Duration now);
  size_t size() const { return subjects_.size(); }

 private:
  struct Subject {
    bool last = false;
    uint32_t changes = 0;
    TokenBucket tokens{kBurst, kInterval};
  };
  std::map<std::string, Subject> subjects_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HISTORY_FLAP_DAMPER_H_
