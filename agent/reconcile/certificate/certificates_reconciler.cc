// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/certificate/certificates_reconciler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/trust_bundle.h"

namespace microovn::agent {
namespace {

using pki::OvnService;

// How long certificates that were in order are not checked again, if nothing
// else has changed: reading a dozen of them takes OpenSSL milliseconds.
constexpr absl::Duration kInOrder = absl::Minutes(1);
// How long files on disk are taken to be as they were read.
constexpr absl::Duration kTrustFiles = absl::Minutes(10);

std::string Names(const std::set<OvnService>& services) {
  return absl::StrJoin(services, ", ", [](std::string* out, OvnService s) {
    absl::StrAppend(out, pki::OvnServiceName(s));
  });
}

const statepb::Authority* OvnAuthority(const NodeView& view) {
  return view.state().authorities.Find(AuthorityKey(statepb::PLANE_OVN));
}

}  // namespace

CertificatesReconciler::CertificatesReconciler(
    CertificatesReconcilerOptions options, NodeFacts* facts)
    : options_(std::move(options)), facts_(*facts) {}

void CertificatesReconciler::Demand(const std::set<OvnService>& services,
                                    Done done) {
  MutexLock lock(&mu_);
  demanded_.push_back({services, std::move(done)});
}

void CertificatesReconciler::Cancel(const absl::Status& why) {
  Answer(std::exchange(in_pending_, {}), why);
  Answer(TakeDemands(), why);
}

std::vector<CertificatesReconciler::Demanded>
CertificatesReconciler::TakeDemands() {
  MutexLock lock(&mu_);
  return std::exchange(demanded_, {});
}

void CertificatesReconciler::Answer(const std::vector<Demanded>& demands,
                                    const absl::Status& status) {
  for (const Demanded& demand : demands) {
    if (demand.done) demand.done(status);
  }
}

std::vector<CertificatesReconciler::Demanded>
CertificatesReconciler::AnswerNeedless(const NodeView& view,
                                       std::vector<Demanded> demands) const {
  const std::set<OvnService> needed = NeededCertificates(view, facts_);
  const auto needless = std::stable_partition(
      demands.begin(), demands.end(), [&needed](const Demanded& demand) {
        return std::any_of(
            demand.services.begin(), demand.services.end(),
            [&needed](OvnService s) { return needed.count(s) > 0; });
      });
  Answer({needless, demands.end()},
         MakeError(absl::StatusCode::kFailedPrecondition,
                   "this node does not run what the certificate is for",
                   {"CERTIFICATE_SERVICE_NOT_ENABLED", ""}));
  demands.erase(needless, demands.end());
  return demands;
}

absl::Status CertificatesReconciler::Reconcile(const NodeView& view) {
  if (view.leaving()) {
    Cancel(absl::CancelledError("this member leaves the cluster"));
    return absl::OkStatus();
  }
  // A set that waits for its second holds nothing of what was demanded since:
  // that is planned when it is out, and waits until then.
  if (pending_.has_value()) RETURN_IF_ERROR(Publish());
  const std::vector<Demanded> demands = AnswerNeedless(view, TakeDemands());
  std::set<OvnService> services;
  for (const Demanded& demand : demands) {
    services.insert(demand.services.begin(), demand.services.end());
  }
  absl::Status status = ReconcileSet(view, services);
  if (pending_.has_value()) {
    in_pending_ = demands;
  } else {
    Answer(demands, status);
  }
  return status;
}

absl::Status CertificatesReconciler::ReconcileSet(
    const NodeView& view, const std::set<OvnService>& demanded) {
  if (!facts_.services_seen) {
    return absl::UnavailableError("the services have not been looked at yet");
  }
  const statepb::Authority* authority = OvnAuthority(view);
  if (authority == nullptr) {
    return absl::UnavailableError("waiting for the OVN CA");
  }
  RETURN_IF_ERROR(Open());
  RETURN_IF_ERROR(FollowFiles());
  RETURN_IF_ERROR(Load());
  return PublishWhatIsDue(view, demanded, *authority);
}

bool CertificatesReconciler::InOrder::Is(const InOrder& other) const {
  // A clock that was set says nothing about dates any more.
  const absl::Duration passed = other.since - since;
  return passed >= absl::ZeroDuration() && passed < kInOrder &&
         wanted_pem == other.wanted_pem && issuing_pem == other.issuing_pem &&
         needed == other.needed;
}

absl::Status CertificatesReconciler::PublishWhatIsDue(
    const NodeView& view, const std::set<OvnService>& demanded,
    const statepb::Authority& authority) {
  const std::string& wanted_pem = authority.bundle_pem().empty()
                                      ? authority.certificate_pem()
                                      : authority.bundle_pem();
  const std::set<OvnService> needed = NeededCertificates(view, facts_);
  const absl::Time now = options_.clock->Now();
  const bool renew_due = now >= std::min(next_check_, next_short_);
  InOrder seen_now{wanted_pem, authority.certificate_pem(), needed, now};
  if (demanded.empty() && !renew_due && current_.has_value() &&
      in_order_.has_value() && in_order_->Is(seen_now)) {
    facts_.ovn_published_generation = authority.generation();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const pki::TrustBundle wanted,
                   pki::TrustBundle::FromPem(wanted_pem));
  ASSIGN_OR_RETURN(const pki::TrustBundle issuing,
                   pki::TrustBundle::FromPem(authority.certificate_pem()));
  CertificatesObservation seen;
  seen.now = now;
  if (current_.has_value()) {
    seen = ObserveCertificates(*current_, wanted, issuing, now);
  }
  seen.renew_due = renew_due;
  const CertificatesPlan plan = PlanCertificates(needed, demanded, seen);
  absl::Status failure;
  if (plan.publish) {
    absl::StatusOr<pki::CertificateSet> set = Build(needed, plan.issue, wanted);
    failure = set.status();
    // A CA that has ended or that nobody can open issues no more: if its
    // successor had to wait for that it would wait for ever.
    if (!failure.ok() && plan.trusted_as_it_is && !seen.bundle_current) {
      set = Build(needed, {}, wanted);
    }
    if (set.ok()) {
      pending_ = *std::move(set);
      RETURN_IF_ERROR(Publish());
      next_short_ = absl::InfiniteFuture();
    }
    if (!failure.ok() && !plan.trusted_as_it_is) return failure;
  } else {
    in_order_ = std::move(seen_now);
    next_short_ = FirstShortRenewal(seen, Jitter());
  }
  facts_.ovn_published_generation = authority.generation();
  RETURN_IF_ERROR(failure);
  if (now >= next_check_) NoteRenewalCheck();
  return absl::OkStatus();
}

absl::Status CertificatesReconciler::Open() {
  if (publisher_.has_value()) return absl::OkStatus();
  pki::GenerationPublisher::Options options;
  options.directory = options_.directory;
  ASSIGN_OR_RETURN(
      pki::GenerationPublisher publisher,
      pki::GenerationPublisher::Open(std::move(options), *options_.clock));
  publisher_.emplace(std::move(publisher));
  return absl::OkStatus();
}

absl::Status CertificatesReconciler::FollowFiles() {
  if (options_.watch == nullptr) return absl::OkStatus();
  const std::optional<uint64_t> version = options_.watch->Version();
  if (version == files_version_) return absl::OkStatus();
  files_version_ = version;
  current_.reset();
  absl::Status restored = publisher_->RestoreNames();
  // The directory itself may be gone: opening makes it.
  if (!restored.ok()) publisher_.reset();
  return restored;
}

absl::Status CertificatesReconciler::Load() {
  const absl::Duration now = options_.clock->Monotonic();
  if (current_.has_value() && now - loaded_at_ < kTrustFiles) {
    return absl::OkStatus();
  }
  absl::StatusOr<pki::CertificateSet> set = publisher_->Load();
  in_order_.reset();
  facts_.certificates.clear();
  if (!set.ok()) {
    current_.reset();
    // A set that cannot be read is replaced by a new one.
    LOG_IF(WARNING, !absl::IsNotFound(set.status()))
        << "the published certificates cannot be read: " << set.status();
    return absl::OkStatus();
  }
  current_.emplace(*std::move(set));
  loaded_at_ = now;
  for (const pki::ServiceCertificate& service : current_->services) {
    facts_.certificates.insert(
        std::string(pki::OvnServiceName(service.service)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<pki::ServiceCertificate>>
CertificatesReconciler::Issue(const std::set<OvnService>& services) {
  std::vector<pki::ServiceCertificate> issued;
  if (services.empty()) return issued;
  std::vector<pki::PrivateKey> keys;
  std::vector<CertificateDemand> demands;
  for (const OvnService service : services) {
    ASSIGN_OR_RETURN(pki::PrivateKey key, pki::PrivateKey::Generate());
    ASSIGN_OR_RETURN(const pki::CertificateRequest request,
                     pki::CertificateRequest::Create(key));
    demands.push_back({service, request.ToPem()});
    keys.push_back(std::move(key));
  }
  ASSIGN_OR_RETURN(const IssuedCertificates answer, options_.issue(demands));
  if (answer.certificates_pem.size() != demands.size()) {
    return absl::InternalError(absl::StrCat(answer.certificates_pem.size(),
                                            " certificates came for ",
                                            demands.size(), " requests"));
  }
  for (size_t i = 0; i < demands.size(); ++i) {
    ASSIGN_OR_RETURN(pki::Certificate certificate,
                     pki::Certificate::FromPem(answer.certificates_pem[i]));
    issued.push_back(
        {demands[i].service, std::move(certificate), std::move(keys[i])});
  }
  LOG(INFO) << "certificates issued: " << Names(services);
  return issued;
}

absl::StatusOr<pki::CertificateSet> CertificatesReconciler::Build(
    const std::set<OvnService>& needed, const std::set<OvnService>& issue,
    pki::TrustBundle bundle) {
  pki::CertificateSet set;
  set.bundle = std::move(bundle);
  ASSIGN_OR_RETURN(set.services, Issue(issue));
  if (!current_.has_value()) return set;
  // The kept keys are read again: current_ stays whole until the new set is
  // published.
  ASSIGN_OR_RETURN(pki::CertificateSet kept, publisher_->Load());
  for (pki::ServiceCertificate& service : kept.services) {
    if (needed.count(service.service) == 0) continue;
    if (issue.count(service.service) > 0) continue;
    service.kept = true;
    set.services.push_back(std::move(service));
  }
  return set;
}

absl::Status CertificatesReconciler::Publish() {
  const absl::StatusOr<uint64_t> generation = publisher_->Publish(*pending_);
  if (ReasonOf(generation.status()) == "PUBLISH_TOO_SOON") {
    return absl::UnavailableError("waiting for the second between two sets");
  }
  pending_.reset();
  Answer(std::exchange(in_pending_, {}), generation.status());
  RETURN_IF_ERROR(generation.status());
  LOG(INFO) << "certificates: generation " << *generation << " is published";
  current_.reset();
  return Load();
}

double CertificatesReconciler::Jitter() {
  return static_cast<double>(options_.random->Uniform(1000)) / 1000.0;
}

void CertificatesReconciler::NoteRenewalCheck() {
  next_check_ =
      NextRenewalCheck(options_.clock->Now(), absl::LocalTimeZone(), Jitter());
}

}  // namespace microovn::agent
