// SPDX-License-Identifier: Apache-2.0
// One thread that listens to all sources of this node and sleeps while they
// are silent. A source that cannot listen is not tried again until somebody
// asks for its version.
#ifndef MICROOVN_AGENT_WATCH_WATCH_THREAD_H_
#define MICROOVN_AGENT_WATCH_WATCH_THREAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "agent/watch/change_watch.h"
#include "agent/watch/watch_source.h"
#include "base/file/unique_fd.h"
#include "base/mutex.h"

namespace microovn::agent {

// Add first, then Start. The watches are thread-safe and live as long as this.
class WatchThread {
 public:
  // `changed` runs on the thread, without a lock, after each change and each
  // time that a source begins or ends to listen.
  explicit WatchThread(std::function<void()> changed);
  // Stops.
  ~WatchThread();
  WatchThread(const WatchThread&) = delete;
  WatchThread& operator=(const WatchThread&) = delete;

  ChangeWatch* Add(std::unique_ptr<WatchSource> source);
  void Start();
  // `changed` does not run any more when it returns; not from `changed`. What
  // is asked afterwards hears nothing.
  void Stop();

 private:
  class Watch final : public ChangeWatch {
   public:
    Watch(WatchThread* thread, std::unique_ptr<WatchSource> source);
    std::optional<uint64_t> Version() override;
    bool Hears() const override;

   private:
    friend class WatchThread;

    WatchThread& thread_;
    // The thread's own.
    const std::unique_ptr<WatchSource> source_;
    mutable Mutex mu_;
    bool hears_ ABSL_GUARDED_BY(mu_) = false;
    // Somebody has asked since it last tried.
    bool asked_ ABSL_GUARDED_BY(mu_) = false;
    uint64_t version_ ABSL_GUARDED_BY(mu_) = 0;
  };

  void Run();
  // Whether what it calls for is to be told.
  bool OpenIfAsked(Watch* watch);
  bool Read(Watch* watch);
  void Wait(std::vector<Watch*>* readable);
  void Wake();

  const std::function<void()> changed_;
  const UniqueFd wake_;
  std::vector<std::unique_ptr<Watch>> watches_;

  Mutex mu_;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_WATCH_THREAD_H_
