// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/certificate/certificates_plan.h"

#include <algorithm>

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
  plan.trusted_as_it_is = !seen.published.empty();
  for (const OvnService service : needed) {
    const auto found = seen.published.find(service);
    plan.trusted_as_it_is =
        plan.trusted_as_it_is &&
        (found == seen.published.end() || found->second.trusted);
    if (found == seen.published.end() || !found->second.trusted ||
        demanded.count(service) > 0) {
      plan.issue.insert(service);
      continue;
    }
    const pki::RenewalReason reason =
        pki::OvnRenewal(found->second.validity, seen.now);
    if (reason == pki::RenewalReason::kNone) continue;
    // What does not work is mended at once, what still does at its hour.
    if (reason != pki::RenewalReason::kDue ||
        (seen.renew_due && !found->second.ends_with_ca)) {
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
  absl::Time issuing_end = absl::InfiniteFuture();
  for (const pki::Certificate& link : issuing.certificates()) {
    issuing_end = std::min(issuing_end, link.not_after());
  }
  for (const pki::ServiceCertificate& service : set.services) {
    const pki::Certificate& certificate = service.certificate;
    CertificatesObservation::Published published;
    published.validity = {certificate.not_before(), certificate.not_after()};
    pki::ChainQuery query = {certificate, {}, pki::Purpose::kAny, now, ""};
    // Its own dates are the renewal policy's matter.
    query.at = pki::WithinLife(certificate, now);
    published.trusted = pki::VerifyChain(issuing, query).ok();
    published.ends_with_ca = certificate.not_after() >= issuing_end;
    seen.published.emplace(service.service, published);
  }
  return seen;
}

absl::Time FirstShortRenewal(const CertificatesObservation& seen,
                             double jitter) {
  absl::Time first = absl::InfiniteFuture();
  for (const auto& [service, published] : seen.published) {
    const absl::Duration window = pki::OvnRenewalWindow(published.validity);
    if (window >= pki::kOvnRenewalWindow || published.ends_with_ca) continue;
    first = std::min(first,
                     published.validity.not_after - window * (1 - jitter / 10));
  }
  return first;
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
