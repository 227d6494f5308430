// SPDX-License-Identifier: Apache-2.0
#include "agent/state/apply/event_history.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>

#include "agent/state/values/limits.h"

namespace microovn::agent {
namespace {

using statepb::Event;

// Of two types with as many events, the first by name.
std::string MostFrequentType(const ClusterState& state) {
  std::map<std::string, size_t> counts;
  for (const auto& [key, event] : state.events.records()) {
    ++counts[event->type()];
  }
  const auto most = std::max_element(
      counts.begin(), counts.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? "" : most->first;
}

void MakeRoom(ClusterState& state) {
  const std::string type = MostFrequentType(state);
  for (const auto& [key, event] : state.events.records()) {
    if (event->type() != type) continue;
    statepb::Cluster cluster = state.cluster();
    cluster.set_forgotten_revision(
        std::max(cluster.forgotten_revision(), event->revision()));
    state.cluster_record.Put(kClusterKey, cluster);
    state.events.Erase(key);
    return;
  }
}

uint32_t TimesOf(const Event& event) { return std::max(event.count(), 1U); }

}  // namespace

void KeepEvent(ClusterState& state, const Event& event) {
  state.events.Put(EventKey(event.revision()), event);
  while (state.events.size() > kMaxEvents) MakeRoom(state);
}

Event TakeInRepeated(ClusterState& state, Event event) {
  const auto& events = state.events.records();
  const Event* newest = nullptr;
  int alike = 0;
  for (auto it = events.rbegin(); it != events.rend(); ++it) {
    const Event& before = *it->second;
    if (before.clock_seconds() + kRepeatSeconds <= event.clock_seconds()) break;
    if (before.type() != event.type() ||
        before.resource() != event.resource()) {
      continue;
    }
    if (newest == nullptr) newest = &before;
    ++alike;
  }
  if (alike < kToldOneByOne) return event;
  event.set_count(TimesOf(*newest) + TimesOf(event));
  event.set_first_seconds(newest->first_seconds() > 0 ? newest->first_seconds()
                                                      : newest->time_seconds());
  state.events.Erase(EventKey(newest->revision()));
  return event;
}

}  // namespace microovn::agent
