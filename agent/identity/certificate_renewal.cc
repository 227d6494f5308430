// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/certificate_renewal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/state/values/config_keys.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

constexpr absl::Duration kInterval = absl::Seconds(5);
// This node can do little until it has a new one.
constexpr absl::Duration kExpiredInterval = absl::Seconds(1);
// Others wait for it.
constexpr absl::Duration kFollowInterval = absl::Milliseconds(200);

bool IsRegistered(const statepb::Member& self, const std::string& spki) {
  return std::find(self.spki_sha256().begin(), self.spki_sha256().end(),
                   spki) != self.spki_sha256().end();
}

// Null before the first rotation.
const statepb::Authority* RotatedCa(const ClusterState& state) {
  const statepb::Authority* authority =
      state.authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER));
  return authority == nullptr || authority->rotation_id().empty() ? nullptr
                                                                  : authority;
}

CaLink LinkOf(const ClusterState& state) {
  const statepb::Authority* authority = RotatedCa(state);
  if (authority == nullptr) return CaLink();
  return {authority->cross_certificate_pem(),
          authority->retired().certificate_pem()};
}

// Its dates are for others to judge.
absl::StatusOr<bool> IsOf(const std::string& certificate_pem,
                          const std::string& ca_pem) {
  ASSIGN_OR_RETURN(const pki::Certificate certificate,
                   pki::Certificate::FromPem(certificate_pem));
  ASSIGN_OR_RETURN(const pki::TrustBundle ca,
                   pki::TrustBundle::FromPem(ca_pem));
  return pki::IsOf(ca, certificate);
}

}  // namespace

RenewalStep NextRenewalStep(const statepb::Member& self,
                            const ShownCertificate& shown, absl::Time now,
                            absl::Duration monotonic) {
  // It joins or leaves: nothing of it lasts.
  if (self.state() != statepb::Member::STATE_ACTIVE) {
    return RenewalStep::kNothing;
  }
  if (pki::MemberRenewal(shown.validity, shown.renewal_time, now) !=
      pki::RenewalReason::kNone) {
    return RenewalStep::kRenew;
  }
  if (self.spki_sha256_size() > 1 && IsRegistered(self, shown.spki_sha256) &&
      monotonic - shown.shown_since >= kKeyOverlap) {
    return RenewalStep::kRetireOldKeys;
  }
  return RenewalStep::kNothing;
}

TlsMaterial MaterialOf(ClusterCredentials credentials) {
  TlsMaterial material;
  material.chain_pem =
      absl::StrCat(credentials.certificate_pem, credentials.cluster_ca_pem);
  material.key_pem = std::move(credentials.key_pem);
  material.roots_pem = std::move(credentials.cluster_ca_pem);
  return material;
}

void CertificateRenewal::Start() {
  thread_ = std::thread([this] { Run(); });
  subscription_ = parts_.state->Subscribe([this] {
    const StateSnapshot state = parts_.state->Current();
    const statepb::Authority* ca = RotatedCa(*state);
    if (ca == nullptr ||
        seen_generation_.exchange(ca->generation()) == ca->generation()) {
      return;
    }
    {
      MutexLock lock(&mu_);
      woken_ = true;
    }
    stop_.SignalAll();
  });
}

void CertificateRenewal::Stop() {
  subscription_ = nullptr;
  {
    MutexLock lock(&mu_);
    stopping_ = true;
  }
  stop_.SignalAll();
  if (thread_.joinable()) thread_.join();
}

void CertificateRenewal::Run() {
  absl::Duration wait;
  for (;;) {
    {
      MutexLock lock(&mu_);
      if (!stopping_ && !woken_ && wait > absl::ZeroDuration()) {
        stop_.WaitWithTimeout(&mu_, wait);
      }
      if (stopping_) return;
      woken_ = false;
    }
    const absl::Status status = RunOnce();
    const std::string failure = status.ok() ? "" : status.ToString();
    LOG_IF(WARNING, !failure.empty() && failure != last_failure_)
        << "this agent's certificate is not renewed yet: " << failure;
    last_failure_ = failure;
    wait = following_  ? kFollowInterval
           : Expired() ? kExpiredInterval
                       : kInterval;
  }
}

absl::Status CertificateRenewal::RunOnce() {
  if (!shown_.has_value()) RETURN_IF_ERROR(ReadShown());
  const StateSnapshot state = parts_.state->Current();
  parts_.tls->SetLink(LinkOf(*state));
  const statepb::Member* self = state->members.Find(parts_.self_id);
  // Not in the state as far as this node has it: just joined, or removed.
  if (self == nullptr) return absl::OkStatus();
  const statepb::Authority* ca = RotatedCa(*state);
  absl::Status followed;
  if (ca != nullptr && self->state() != statepb::Member::STATE_LEAVING) {
    followed = Follow(*ca);
  }
  // A rotation that hangs must not keep a certificate from its renewal.
  const absl::Status stepped = Step(*state, *self);
  return followed.ok() ? stepped : followed;
}

absl::Status CertificateRenewal::Step(const ClusterState& state,
                                      const statepb::Member& self) {
  DrawRenewalTime(
      absl::Seconds(ConfigNumber(state, kConfigCertificateLifetime)));
  switch (NextRenewalStep(self, *shown_, parts_.clock->Now(),
                          parts_.clock->Monotonic())) {
    case RenewalStep::kRenew:
      if (parts_.clock->Monotonic() < in_vain_until_) return absl::OkStatus();
      return Renew();
    case RenewalStep::kRetireOldKeys:
      return RetireOldKeys();
    case RenewalStep::kNothing:
      break;
  }
  return absl::OkStatus();
}

absl::Status CertificateRenewal::Follow(const statepb::Authority& authority) {
  following_ = followed_ != authority.generation();
  if (!following_) return absl::OkStatus();
  // Who trusts the CA that issues now can be told of a certificate of it.
  if (shown_->trusted_pem != authority.bundle_pem()) {
    RETURN_IF_ERROR(Trust(authority.bundle_pem()));
  }
  ASSIGN_OR_RETURN(const bool current,
                   IsOf(shown_->certificate_pem, authority.certificate_pem()));
  if (!current) {
    RETURN_IF_ERROR(Renew());
    // The leader may have been further.
    if (shown_->trusted_pem != authority.bundle_pem()) {
      return absl::UnavailableError("the cluster CA has changed meanwhile");
    }
  }
  if (parts_.progress != nullptr) {
    parts_.progress->published = authority.generation();
  }
  if (parts_.see != nullptr) {
    ASSIGN_OR_RETURN(const ClusterCredentials shown,
                     parts_.store->LoadCredentials());
    RETURN_IF_ERROR(parts_.see(shown));
  }
  if (parts_.progress != nullptr) {
    parts_.progress->observed = authority.generation();
  }
  followed_ = authority.generation();
  following_ = false;
  LOG(INFO) << "this agent has followed the cluster CA to its generation "
            << followed_;
  return absl::OkStatus();
}

absl::Status CertificateRenewal::Trust(const std::string& bundle_pem) {
  ASSIGN_OR_RETURN(ClusterCredentials credentials,
                   parts_.store->LoadCredentials());
  credentials.cluster_ca_pem = bundle_pem;
  RETURN_IF_ERROR(KeepAndShow(std::move(credentials)));
  shown_->trusted_pem = bundle_pem;
  return absl::OkStatus();
}

// After a crash this node must not have shown a key that it has lost.
absl::Status CertificateRenewal::KeepAndShow(ClusterCredentials credentials) {
  RETURN_IF_ERROR(parts_.store->SaveCredentials(credentials));
  parts_.tls->Set(MaterialOf(std::move(credentials)));
  return absl::OkStatus();
}

absl::Status CertificateRenewal::ReadShown() {
  ASSIGN_OR_RETURN(const ClusterCredentials credentials,
                   parts_.store->LoadCredentials());
  ASSIGN_OR_RETURN(const pki::Certificate certificate,
                   pki::Certificate::FromPem(credentials.certificate_pem));
  ShownCertificate shown;
  shown.certificate_pem = credentials.certificate_pem;
  shown.trusted_pem = credentials.cluster_ca_pem;
  shown.spki_sha256 = certificate.public_key().Fingerprint();
  shown.validity = {certificate.not_before(), certificate.not_after()};
  shown.shown_since = parts_.clock->Monotonic();
  shown_ = shown;
  return absl::OkStatus();
}

void CertificateRenewal::DrawRenewalTime(absl::Duration lifetime) {
  // Drawing anew at each look would move the time about, and sooner or later
  // into the past.
  if (shown_->lifetime == lifetime) return;
  shown_->lifetime = lifetime;
  // Its life begins when it was made, not at the date it bears.
  const absl::Time made = shown_->validity.not_before + pki::kBackdating;
  const absl::Time end = std::min(shown_->validity.not_after, made + lifetime);
  shown_->renewal_time = pki::MemberRenewalTime({made, end}, *parts_.random);
}

absl::Status CertificateRenewal::Renew() {
  ASSIGN_OR_RETURN(const pki::PrivateKey key, pki::PrivateKey::Generate());
  ASSIGN_OR_RETURN(const pki::CertificateRequest request,
                   pki::CertificateRequest::Create(key));
  // The key is made here and only its request travels; it is stored together
  // with the certificate or forgotten.
  peerpb::IssueCertificatesRequest asked;
  peerpb::CertificateDemand* demand = asked.add_demands();
  demand->set_service("member");
  demand->set_certificate_request_pem(request.ToPem());
  asked.set_key_in_use(shown_->spki_sha256);
  ASSIGN_OR_RETURN(peerpb::IssueCertificatesResponse issued,
                   parts_.issue(asked));
  if (issued.certificates_pem_size() != 1 ||
      issued.cluster_bundle_pem().empty()) {
    return absl::InternalError("the leader's answer is incomplete");
  }
  ClusterCredentials credentials;
  credentials.certificate_pem = issued.certificates_pem(0);
  credentials.cluster_ca_pem = issued.cluster_bundle_pem();
  ASSIGN_OR_RETURN(credentials.key_pem, key.ToPem(pki::KeyAccess::Granted()));
  // Registered before, by the leader: else others would refuse it.
  RETURN_IF_ERROR(KeepAndShow(std::move(credentials)));
  RETURN_IF_ERROR(ReadShown());
  LOG(INFO) << "this agent's certificate was renewed until "
            << shown_->validity.not_after;
  if (Expired()) {
    in_vain_until_ = parts_.clock->Monotonic() + kInVainPause;
    LOG(WARNING) << "the new certificate is not valid now by this node's "
                    "clock, which says "
                 << parts_.clock->Now();
  }
  return absl::OkStatus();
}

// The bounds of pki::CheckDates.
bool CertificateRenewal::Expired() const {
  if (!shown_.has_value()) return false;
  const absl::Time now = parts_.clock->Now();
  return now < shown_->validity.not_before || now >= shown_->validity.not_after;
}

absl::Status CertificateRenewal::RetireOldKeys() {
  statepb::Command command;
  statepb::RenewMember* body = command.mutable_renew_member();
  body->set_member_id(parts_.self_id);
  body->set_certificate_pem(shown_->certificate_pem);
  body->add_spki_sha256(shown_->spki_sha256);
  return parts_.propose(std::move(command));
}

}  // namespace microovn::agent
