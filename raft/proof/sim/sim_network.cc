// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/sim_network.h"

#include <algorithm>

namespace microovn::raft {
namespace {

constexpr uint64_t kMillion = 1'000'000;
constexpr uint64_t kSlowFactor = 100;

}  // namespace

absl::InlinedVector<Micros, 2> SimNetwork::Route(size_t from, size_t to,
                                                 SeededRandom& random) const {
  absl::InlinedVector<Micros, 2> arrivals;
  if (IsCut(from, to) || random.Uniform(kMillion) < options_.loss_chance) {
    return arrivals;
  }
  arrivals.push_back(Delay(random));
  if (random.Uniform(kMillion) < options_.duplicate_chance) {
    arrivals.push_back(Delay(random) * 2);
  }
  return arrivals;
}

Micros SimNetwork::Delay(SeededRandom& random) const {
  Micros delay = options_.min_delay +
                 random.Uniform(options_.max_delay - options_.min_delay + 1);
  if (random.Uniform(kMillion) < options_.slow_chance) {
    delay *= 1 + random.Uniform(kSlowFactor);
  }
  return delay;
}

void SimNetwork::Cut(size_t from, size_t to) {
  if (cut_.size() <= from) cut_.resize(from + 1);
  if (cut_[from].size() <= to) cut_[from].resize(to + 1);
  cut_[from][to] = true;
}

bool SimNetwork::IsCut(size_t from, size_t to) const {
  return from < cut_.size() && to < cut_[from].size() && cut_[from][to];
}

void SimNetwork::BecomeReliable() {
  Heal();
  options_.loss_chance = 0;
  options_.duplicate_chance = 0;
  options_.slow_chance = 0;
}

}  // namespace microovn::raft
