#include "agent/identity/certificate_renewal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/state/values/config_keys.h"
#include "base/status_macros.h"
#include "glog/logging.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_request.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

constexpr absl::Duration kInterval = absl::Seconds(5);
// This node can do little until it has a new one.
constexpr absl::Duration kExpiredInterval = absl::Seconds(1);

bool IsRegistered(const statepb::Member& self, const std::string& spki) {
  return std::find(self.spki_sha256().begin(), self.spki_sha256().end(),
                   spki) != self.spki_sha256().end();
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
}

void CertificateRenewal::Stop() {
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
      if (!stopping_ && wait > absl::ZeroDuration()) {
        stop_.WaitWithTimeout(&mu_, wait);
      }
      if (stopping_) return;
    }
    const absl::Status status = RunOnce();
    const std::string failure = status.ok() ? "" : status.ToString();
    LOG_IF(WARNING, !failure.empty() && failure != last_failure_)
        << "this agent's certificate is not renewed yet: " << failure;
    last_failure_ = failure;
    wait = Expired() ? kExpiredInterval : kInterval;
  }
}

absl::Status CertificateRenewal::RunOnce() {
  if (!shown_.has_value()) RETURN_IF_ERROR(ReadShown());
  const StateSnapshot state = parts_.state->Current();
  const statepb::Member* self = state->members.Find(parts_.self_id);
  // Not in the state as far as this node has it: just joined, or removed.
  if (self == nullptr) return absl::OkStatus();
  DrawRenewalTime(
      absl::Seconds(ConfigNumber(*state, kConfigCertificateLifetime)));
  switch (NextRenewalStep(*self, *shown_, parts_.clock->Now(),
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

absl::Status CertificateRenewal::ReadShown() {
  ASSIGN_OR_RETURN(const ClusterCredentials credentials,
                   parts_.store->LoadCredentials());
  ASSIGN_OR_RETURN(const pki::Certificate certificate,
                   pki::Certificate::FromPem(credentials.certificate_pem));
  ShownCertificate shown;
  shown.certificate_pem = credentials.certificate_pem;
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
  // Stored before it is shown: after a crash this node must not have shown a
  // key that it has lost. Registered before both, by the leader: else others
  // would refuse it.
  RETURN_IF_ERROR(parts_.store->SaveCredentials(credentials));
  parts_.tls->Set(MaterialOf(std::move(credentials)));
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
