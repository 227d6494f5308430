// SPDX-License-Identifier: Apache-2.0
// Answers a question that was asked before from memory as long as a watch says
// that the answer is the same.
#ifndef MICROOVN_AGENT_WATCH_CACHED_READS_H_
#define MICROOVN_AGENT_WATCH_CACHED_READS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/watch/change_watch.h"
#include "base/mutex.h"
#include "base/time/clock.h"

namespace microovn::agent {

// Thread-safe. Keeps an answer for each question, of which there are few.
class CachedReads {
 public:
  using Read = std::function<absl::StatusOr<std::string>()>;
  // Whether an answer may be kept.
  using Keeps = std::function<bool(const std::string&)>;

  // Both outlive it. Without a watch it keeps nothing.
  CachedReads(ChangeWatch* watch, const Clock* clock)
      : watch_(watch), clock_(*clock) {}

  absl::StatusOr<std::string> Get(const std::string& question, const Read& read,
                                  const Keeps& keeps = nullptr)
      ABSL_LOCKS_EXCLUDED(mu_) {
    // From before reading: what happens meanwhile makes the answer old.
    const std::optional<uint64_t> version =
        watch_ == nullptr ? std::nullopt : watch_->Version();
    const absl::Duration now = clock_.Monotonic();
    uint64_t round = 0;
    {
      MutexLock lock(&mu_);
      round = round_;
      const auto found = answers_.find(question);
      if (found != answers_.end() && found->second.version == version &&
          now - found->second.at < absl::Seconds(kTrustedSeconds)) {
        return found->second.text;
      }
    }
    absl::StatusOr<std::string> text = read();
    const bool kept =
        version.has_value() && text.ok() && (keeps == nullptr || keeps(*text));
    MutexLock lock(&mu_);
    if (kept && round == round_) {
      answers_[question] = {*text, *version, now};
    } else {
      answers_.erase(question);
    }
    return text;
  }

  bool hears() const { return watch_ != nullptr && watch_->Hears(); }

  // What is being read now is not kept either.
  void Forget() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(&mu_);
    ++round_;
    answers_.clear();
  }

 private:
  struct Answer {
    std::string text;
    uint64_t version = 0;
    absl::Duration at;
  };

  ChangeWatch* const watch_;
  const Clock& clock_;
  Mutex mu_;
  std::map<std::string, Answer> answers_ ABSL_GUARDED_BY(mu_);
  uint64_t round_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_CACHED_READS_H_
