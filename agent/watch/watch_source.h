// SPDX-License-Identifier: Apache-2.0
// Something that tells of changes through a descriptor. Implementations:
// files (inotify), databases (OVSDB's monitor), addresses (rtnetlink).
#ifndef MICROOVN_AGENT_WATCH_WATCH_SOURCE_H_
#define MICROOVN_AGENT_WATCH_WATCH_SOURCE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace microovn::agent {

// Used by one thread. Closed at first, and after a call that failed.
class WatchSource {
 public:
  virtual ~WatchSource() = default;

  // When it returns OK, every later change makes fd() readable. May take a
  // second.
  virtual absl::Status Open() = 0;
  virtual void Close() = 0;
  // Of an open source.
  virtual int fd() const = 0;
  // Reads all that has come; whether anything has changed. Never waits.
  virtual absl::StatusOr<bool> Read() = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_WATCH_SOURCE_H_
