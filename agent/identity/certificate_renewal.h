// SPDX-License-Identifier: Apache-2.0
// Renews this agent's own certificate at half of its life, or of the life that
// is configured now if that is shorter: a new key and a request to the leader,
// who registers the new key beside the old one; then the pair is kept and
// shown, and when it has been in use for a while the old key is registered no
// more.
//
// It follows a rotation of the cluster CA in the same way: what is trusted
// first, then a certificate of the CA that issues now, then a look at what this
// agent's own port serves.
//
// Each step is decided from what is stored and what the log says, so that a
// crash after any of them leaves a member that works and goes on.
// RunOnce belongs to one thread. It may block as long as asking the leader
// does. A failure is logged once and tried again at the next look.
#ifndef MICROOVN_AGENT_IDENTITY_CERTIFICATE_RENEWAL_H_
#define MICROOVN_AGENT_IDENTITY_CERTIFICATE_RENEWAL_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/identity/ca_progress.h"
#include "agent/identity/identity_store.h"
#include "agent/server/tls_identity.h"
#include "agent/state/store/state_store.h"
#include "base/crypto/random.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "pki/authority/renewal_policy.h"

namespace microovn::agent {

// Connections that show the old certificate are made anew within a second.
inline constexpr absl::Duration kKeyOverlap = absl::Seconds(10);
// A new certificate that is outside of its dates at once was made by a clock
// that this node's own does not agree with: another would be no better.
// Without the pause such a node would ask the leader once a second.
inline constexpr absl::Duration kInVainPause = absl::Minutes(10);

// The certificate that is shown.
struct ShownCertificate {
  std::string certificate_pem;
  // The CAs that are trusted beside it.
  std::string trusted_pem;
  std::string spki_sha256;
  pki::Validity validity;
  // Drawn once for each certificate and configured lifetime.
  absl::Time renewal_time;
  absl::Duration lifetime;
  // On the monotonic clock.
  absl::Duration shown_since;
};

enum class RenewalStep {
  kNothing,
  kRenew,
  // Register nothing but the key that is shown.
  kRetireOldKeys,
};

// What is next: pure. `self` is this member's record.
// `now` is wall time and judges the dates; `monotonic` judges the overlap,
// which a clock that is set must not cut short.
RenewalStep NextRenewalStep(const statepb::Member& self,
                            const ShownCertificate& shown, absl::Time now,
                            absl::Duration monotonic);

// What is shown to others, with the CA for joiners to compare.
TlsMaterial MaterialOf(ClusterCredentials credentials);

class CertificateRenewal {
 public:
  struct Parts {
    // Borrowed; all outlive it.
    const IdentityStore* store = nullptr;
    StateStore* state = nullptr;
    TlsIdentity* tls = nullptr;
    const Clock* clock = nullptr;
    RandomSource* random = nullptr;
    std::string self_id;
    // Asks the leader.
    std::function<absl::StatusOr<internal::peer::v1::IssueCertificatesResponse>(
        const internal::peer::v1::IssueCertificatesRequest& request)>
        issue;
    std::function<absl::Status(statepb::Command command)> propose;
    // Whether this agent's port serves these, and asks for clients of all CAs
    // in them; may be empty.
    std::function<absl::Status(const ClusterCredentials& shown)> see;
    // Borrowed, outlives it; may be null.
    CaProgress* progress = nullptr;
  };

  explicit CertificateRenewal(Parts parts) : parts_(std::move(parts)) {}
  ~CertificateRenewal() { Stop(); }

  // On a thread of its own, every few seconds.
  void Start();
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

  // One look and at most one step; called by the thread, and by tests instead
  // of Start. Not both.
  absl::Status RunOnce();

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Step(const ClusterState& state, const statepb::Member& self);
  // Until all of it is seen served; UNAVAILABLE before that.
  absl::Status Follow(const statepb::Authority& authority);
  absl::Status Trust(const std::string& bundle_pem);
  absl::Status KeepAndShow(ClusterCredentials credentials);
  absl::Status Renew();
  absl::Status RetireOldKeys();
  absl::Status ReadShown();
  void DrawRenewalTime(absl::Duration lifetime);
  // Whether what is shown is outside of its dates, by this node's clock.
  bool Expired() const;

  const Parts parts_;
  // Down to mu_, the thread's own. Empty until the first look has read the
  // files.
  std::optional<ShownCertificate> shown_;
  // No renewal before then, on the monotonic clock.
  absl::Duration in_vain_until_;
  // Authority.generation of the cluster CA that was followed to its end, and
  // whether there is a later one.
  uint64_t followed_ = 0;
  bool following_ = false;
  // What failed last, so that the same failure is logged once.
  std::string last_failure_;
  Mutex mu_;
  CondVar stop_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  // The cluster CA has changed.
  bool woken_ ABSL_GUARDED_BY(mu_) = false;
  std::atomic<uint64_t> seen_generation_{0};
  std::unique_ptr<StateStore::Subscription> subscription_;
  std::thread thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_IDENTITY_CERTIFICATE_RENEWAL_H_
