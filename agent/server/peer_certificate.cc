// SPDX-License-Identifier: Apache-2.0
#include "agent/server/peer_certificate.h"

#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

struct Kept {
  Mutex mu;
  std::map<std::string, pki::Certificate, std::less<>> by_pem
      ABSL_GUARDED_BY(mu);
};

Kept& KeptCertificates() {
  static auto* const kept = new Kept;
  return *kept;
}

}  // namespace

absl::StatusOr<pki::Certificate> PeerCertificate(absl::string_view pem) {
  Kept& kept = KeptCertificates();
  {
    MutexLock lock(&kept.mu);
    const auto found = kept.by_pem.find(pem);
    if (found != kept.by_pem.end()) return found->second;
  }
  ASSIGN_OR_RETURN(pki::Certificate decoded, pki::Certificate::FromPem(pem));
  MutexLock lock(&kept.mu);
  // All at once: which of them are still in use is not known, and they are
  // decoded again.
  if (kept.by_pem.size() >= kPeerCertificatesKept) kept.by_pem.clear();
  kept.by_pem.emplace(std::string(pem), decoded);
  return decoded;
}

}  // namespace microovn::agent
