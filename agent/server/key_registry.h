// SPDX-License-Identifier: Apache-2.0
// Asks the replicated state about connections that are being made: whether a
// certificate outside of its dates may be put up with, whether a key is
// somebody's at all, and whether a member is at an address.
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
  // One that is null is answered by no.
  struct Questions {
    std::function<bool(ExpiredUse use, const std::string& member_id,
                       const pki::Certificate& certificate)>
        accepts_expired = nullptr;
    // A member's or an operator's key.
    std::function<bool(const pki::Certificate& certificate)> is_registered =
        nullptr;
    // `address` is numeric, without a port.
    std::function<bool(const std::string& address)> is_member_address = nullptr;
  };

  void Set(Questions questions) {
    MutexLock lock(&mu_);
    questions_ = std::move(questions);
  }

  // Returns when no question is being asked any more.
  void Clear() { Set(Questions()); }

  // No, while nobody can say.
  bool Accepts(ExpiredUse use, const std::string& member_id,
               const pki::Certificate& certificate) const {
    MutexLock lock(&mu_);
    return questions_.accepts_expired != nullptr &&
           questions_.accepts_expired(use, member_id, certificate);
  }
  bool IsRegistered(const pki::Certificate& certificate) const {
    MutexLock lock(&mu_);
    return questions_.is_registered != nullptr &&
           questions_.is_registered(certificate);
  }
  bool IsMemberAddress(const std::string& address) const {
    MutexLock lock(&mu_);
    return questions_.is_member_address != nullptr &&
           questions_.is_member_address(address);
  }

 private:
  mutable Mutex mu_;
  Questions questions_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_KEY_REGISTRY_H_
