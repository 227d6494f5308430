// SPDX-License-Identifier: Apache-2.0
#include "agent/history/flap_damper.h"

#include <algorithm>

namespace microovn::agent {

uint32_t FlapDamper::See(const std::string& subject, bool told, bool is,
                         absl::Duration now) {
  auto known = subjects_.find(subject);
  if (known == subjects_.end()) {
    if (told == is) return 0;
    known = subjects_.emplace(subject, Subject()).first;
    known->second.last = told;
  }
  Subject& seen = known->second;
  if (seen.last != is) {
    seen.last = is;
    ++seen.changes;
  }
  // What another leader has told since counts no less.
  const uint32_t changes =
      is != told ? std::max(seen.changes, 1U) : seen.changes;
  if (is == told && changes < 2) return 0;
  return seen.tokens.Has(now) ? changes : 0;
}

void FlapDamper::Told(const std::string& subject, absl::Duration now) {
  const auto known = subjects_.find(subject);
  if (known == subjects_.end()) return;
  known->second.changes = 0;
  known->second.tokens.Take(now);
}

void FlapDamper::Forget(absl::Duration now) {
  for (auto it = subjects_.begin(); it != subjects_.end();) {
    const bool quiet = it->second.changes == 0 && it->second.tokens.Full(now);
    it = quiet ? subjects_.erase(it) : std::next(it);
  }
}

}  // namespace microovn::agent
