// SPDX-License-Identifier: Apache-2.0
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
#include "base/crypto/secret_string.h"
#include "base/mutex.h"

namespace microovn::agent {

struct TlsMaterial {
  // The leaf, then the cluster CA: a joiner compares the CA with its token.
  std::string chain_pem;
  SecretString key_pem;
  std::string roots_pem;
  // CaLink::retired_pem.
  std::string retired_pem;
  // Set by TlsIdentity; grows with each change.
  uint64_t generation = 0;
};

// By what a member comes back that was set aside when the cluster CA was
// replaced: it trusts the CA before this one, and shows a certificate of it.
struct CaLink {
  // The CA's certificate, signed by the one before it: what such a member
  // follows from the one it trusts.
  std::string cross_certificate_pem;
  // The one before it: for certificates that are good for coming back only.
  std::string retired_pem;

  bool operator==(const CaLink& other) const {
    return cross_certificate_pem == other.cross_certificate_pem &&
           retired_pem == other.retired_pem;
  }
};

class TlsIdentity {
 public:
  void Set(TlsMaterial material) ABSL_LOCKS_EXCLUDED(mu_);

  // Empty ones: nobody is set aside. Nothing happens when it is this already.
  void SetLink(CaLink link) ABSL_LOCKS_EXCLUDED(mu_);

  // From now on no handshake succeeds: this agent is not a member any more.
  void Clear() ABSL_LOCKS_EXCLUDED(mu_);

  // Null before bootstrap and join.
  std::shared_ptr<const TlsMaterial> Current() const {
    MutexLock lock(&mu_);
    return current_;
  }

  // Whom others may be although their certificates have expired; lives as long
  // as anybody holds it.
  const std::shared_ptr<KeyRegistry>& registry() const { return registry_; }

 private:
  // What connections use, of own_ and link_.
  void Compose() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::shared_ptr<KeyRegistry> registry_ =
      std::make_shared<KeyRegistry>();
  mutable Mutex mu_;
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  std::shared_ptr<const TlsMaterial> own_ ABSL_GUARDED_BY(mu_);
  CaLink link_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<const TlsMaterial> current_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_TLS_IDENTITY_H_
