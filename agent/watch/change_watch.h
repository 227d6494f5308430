// SPDX-License-Identifier: Apache-2.0
// Whether something may have changed since it was read, for who would read it
// again and again otherwise.
#ifndef MICROOVN_AGENT_WATCH_CHANGE_WATCH_H_
#define MICROOVN_AGENT_WATCH_CHANGE_WATCH_H_

#include <cstdint>
#include <optional>

namespace microovn::agent {

// Thread-safe. Never waits.
class ChangeWatch {
 public:
  virtual ~ChangeWatch() = default;

  // Another one after each change: whoever asks before reading and keeps the
  // answer with what was read knows later whether that is still so. Empty
  // while changes would not be heard; being asked, it begins to listen.
  virtual std::optional<uint64_t> Version() = 0;

  // The same without beginning.
  virtual bool Hears() const = 0;
};

// What was read is not believed for longer than this, whatever is heard: an
// event that got lost costs this long.
inline constexpr int kTrustedSeconds = 25;

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_CHANGE_WATCH_H_
