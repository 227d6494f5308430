// SPDX-License-Identifier: Apache-2.0
// A watch that hears what the test says. Not thread-safe.
#ifndef MICROOVN_AGENT_WATCH_TESTING_FAKE_CHANGE_WATCH_H_
#define MICROOVN_AGENT_WATCH_TESTING_FAKE_CHANGE_WATCH_H_

#include "agent/watch/change_watch.h"

namespace microovn::agent {

class FakeChangeWatch final : public ChangeWatch {
 public:
  std::optional<uint64_t> Version() override {
    if (!hears) return std::nullopt;
    return version;
  }
  bool Hears() const override { return hears; }

  void Change() { ++version; }

  bool hears = true;
  uint64_t version = 1;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_TESTING_FAKE_CHANGE_WATCH_H_
