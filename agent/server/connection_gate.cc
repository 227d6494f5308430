#include "agent/server/connection_gate.h"

#include <algorithm>
#include <iterator>

namespace microovn::agent {

bool ConnectionGate::Admit(absl::string_view source, int descriptor,
                           absl::Duration now) {
  if (descriptor >= limits_.max_descriptor) return false;
  const auto [at, added] =
      sources_.try_emplace(std::string(source), Bucket{limits_.burst, now});
  Bucket& bucket = at->second;
  const double refill =
      absl::ToDoubleSeconds(now - bucket.filled) * limits_.per_second;
  bucket.tokens = std::min(limits_.burst, bucket.tokens + refill);
  bucket.filled = now;
  const bool admitted = bucket.tokens >= 1;
  if (admitted) bucket.tokens -= 1;
  if (added && sources_.size() > limits_.max_sources) ForgetIdle(now);
  return admitted;
}

void ConnectionGate::ForgetIdle(absl::Duration now) {
  // A full bucket says no more than none.
  const absl::Duration full = absl::Seconds(limits_.burst / limits_.per_second);
  for (auto it = sources_.begin(); it != sources_.end();) {
    it = now - it->second.filled >= full ? sources_.erase(it) : std::next(it);
  }
  while (sources_.size() > limits_.max_sources) {
    sources_.erase(std::min_element(sources_.begin(), sources_.end(),
                                    [](const auto& a, const auto& b) {
                                      return a.second.filled < b.second.filled;
                                    }));
  }
}

}  // namespace microovn::agent
