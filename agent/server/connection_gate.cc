// SPDX-License-Identifier: Apache-2.0
#include "agent/server/connection_gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace microovn::agent {

bool ConnectionGate::Bucket::Take(double burst, double per_second,
                                  absl::Duration now) {
  tokens = std::min(burst,
                    tokens + absl::ToDoubleSeconds(now - filled) * per_second);
  filled = now;
  if (tokens < 1) return false;
  tokens -= 1;
  return true;
}

bool ConnectionGate::Admit(absl::string_view source, bool member,
                           int descriptor, absl::Duration now) {
  if (descriptor >= limits_.max_descriptor) return false;
  const auto [at, added] =
      sources_.try_emplace(SourceOfAddress(source), Bucket{limits_.burst, now});
  // Its own first: a source that asks too often takes nothing from others.
  const bool admitted =
      at->second.Take(limits_.burst, limits_.per_second, now) &&
      (member || strangers_.Take(limits_.strangers_burst,
                                 limits_.strangers_per_second, now));
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

std::string SourceOfAddress(absl::string_view address) {
  const std::string text(address.substr(0, address.find('%')));
  in6_addr parsed = {};
  if (inet_pton(AF_INET6, text.c_str(), &parsed) != 1) return text;
  char shown[INET6_ADDRSTRLEN] = "";
  if (IN6_IS_ADDR_V4MAPPED(&parsed)) {
    inet_ntop(AF_INET, &parsed.s6_addr[12], shown, sizeof(shown));
    return shown;
  }
  std::fill(&parsed.s6_addr[8], &parsed.s6_addr[16], uint8_t{0});
  inet_ntop(AF_INET6, &parsed, shown, sizeof(shown));
  return absl::StrCat(shown, "/64");
}

}  // namespace microovn::agent
