// The certificate this agent shows and the authorities it trusts, in memory.
//
// The member writes it at start and at each renewal; server credentials read
// it at each handshake and channels when they are built, so a renewal needs
// neither a file nor a restart. Thread-safe.
#ifndef MICROOVN_AGENT_SERVER_TLS_IDENTITY_H_
#define MICROOVN_AGENT_SERVER_TLS_IDENTITY_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "agent/server/key_registry.h"
#include "base/mutex.h"
#include "base/secret_string.h"

namespace microovn::agent {

struct TlsMaterial {
  // The leaf, then the cluster CA: a joiner compares the CA with its token.
  std::string chain_pem;
  SecretString key_pem;
  std::string roots_pem;
  // Set by TlsIdentity; grows with each change.
  uint64_t generation = 0;
};

class TlsIdentity {
 public:
  void Set(TlsMaterial material) {
    MutexLock lock(&mu_);
    material.generation = ++generation_;
    current_ = std::make_shared<const TlsMaterial>(std::move(material));
  }

  // From now on no handshake succeeds: this agent is not a member any more.
  void Clear() {
    MutexLock lock(&mu_);
    ++generation_;
    current_ = nullptr;
  }

  // Null before bootstrap and join.
  std::shared_ptr<const TlsMaterial> Current() const {
    MutexLock lock(&mu_);
    return current_;
  }

  // Whom others may be although their certificates have expired; lives as long
  // as anybody holds it.
  const std::shared_ptr<KeyRegistry>& registry() const { return registry_; }

 private:
  const std::shared_ptr<KeyRegistry> registry_ =
      std::make_shared<KeyRegistry>();
  mutable Mutex mu_;
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  std::shared_ptr<const TlsMaterial> current_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_TLS_IDENTITY_H_
