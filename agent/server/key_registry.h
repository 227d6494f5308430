// Asks the replicated state, for connections that are being made, whether a
// certificate outside of its dates may be put up with.
//
// Connections outlive a membership, so they share this and not the state: the
// membership sets the question when its state is there and clears it when it
// ends. Thread-safe.
#ifndef MICROOVN_AGENT_SERVER_KEY_REGISTRY_H_
#define MICROOVN_AGENT_SERVER_KEY_REGISTRY_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {

// What an expired certificate can still be good for.
enum class ExpiredUse {
  // The log's streams among voters.
  kLog,
  // A member's own new certificate.
  kRenewal,
};

class KeyRegistry {
 public:
  using Question =
      std::function<bool(ExpiredUse use, const std::string& member_id,
                         const pki::Certificate& certificate)>;

  void Set(Question question) {
    MutexLock lock(&mu_);
    question_ = std::move(question);
  }

  // Returns when the question is not being asked any more.
  void Clear() {
    MutexLock lock(&mu_);
    question_ = nullptr;
  }

  // No, while nobody can say.
  bool Accepts(ExpiredUse use, const std::string& member_id,
               const pki::Certificate& certificate) const {
    MutexLock lock(&mu_);
    return question_ != nullptr && question_(use, member_id, certificate);
  }

 private:
  mutable Mutex mu_;
  Question question_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_KEY_REGISTRY_H_
