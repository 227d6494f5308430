#include "agent/reconcile/certificates_plan.h"

#include "pki/certificate/chain_verifier.h"

namespace microovn::agent {

using pki::OvnService;
using supervisor::Service;

std::set<OvnService> NeededCertificates(const NodeView& view,
                                        const NodeFacts& facts) {
  std::set<OvnService> needed = {OvnService::kClient};
  const bool central = view.Wants(statepb::SERVICE_CENTRAL);
  if (central || facts.Running(Service::kNbOvsdbServer)) {
    needed.insert(OvnService::kOvnNb);
  }
  if (central || facts.Running(Service::kSbOvsdbServer)) {
    needed.insert(OvnService::kOvnSb);
  }
  if (central || facts.Running(Service::kNorthd)) {
    needed.insert(OvnService::kOvnNorthd);
  }
  if (view.Wants(statepb::SERVICE_CHASSIS) ||
      facts.Running(Service::kChassis)) {
    needed.insert(OvnService::kOvnController);
  }
  return needed;
}

CertificatesPlan PlanCertificates(const std::set<OvnService>& needed,
                                  const std::set<OvnService>& demanded,
                                  const CertificatesObservation& seen) {
  CertificatesPlan plan;
  for (const OvnService service : needed) {
    const auto found = seen.published.find(service);
    if (found == seen.published.end() || !found->second.trusted ||
        demanded.count(service) > 0) {
      plan.issue.insert(service);
      continue;
    }
    const pki::RenewalReason reason =
        pki::OvnRenewal(found->second.validity, seen.now);
    if (reason == pki::RenewalReason::kNone) continue;
    // What does not work is mended at once, what still does at its hour.
    if (reason != pki::RenewalReason::kDue || seen.renew_due) {
      plan.issue.insert(service);
    }
  }
  plan.publish = !plan.issue.empty() || !seen.bundle_current;
  for (const auto& [service, published] : seen.published) {
    plan.publish = plan.publish || needed.count(service) == 0;
  }
  return plan;
}

CertificatesObservation ObserveCertificates(const pki::CertificateSet& set,
                                            const pki::TrustBundle& wanted,
                                            const pki::TrustBundle& issuing,
                                            absl::Time now) {
  CertificatesObservation seen;
  seen.now = now;
  seen.bundle_current = set.bundle.ToPem() == wanted.ToPem();
  for (const pki::ServiceCertificate& service : set.services) {
    const pki::Certificate& certificate = service.certificate;
    CertificatesObservation::Published published;
    published.validity = {certificate.not_before(), certificate.not_after()};
    pki::ChainQuery query = {certificate, {}, pki::Purpose::kAny, now, ""};
    // Its own dates are the renewal policy's matter.
    query.at = std::max(certificate.not_before(),
                        std::min(now, certificate.not_after()));
    published.trusted = pki::VerifyChain(issuing, query).ok();
    seen.published.emplace(service.service, published);
  }
  return seen;
}

absl::Time NextRenewalCheck(absl::Time now, absl::TimeZone zone,
                            double jitter) {
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  for (const absl::CivilDay day : {today, today + 1}) {
    const absl::Time at = absl::FromCivil(absl::CivilHour(day) + 2, zone) +
                          jitter * absl::Minutes(30);
    if (at > now) return at;
  }
  return now + absl::Hours(24);
}

}  // namespace microovn::agent
