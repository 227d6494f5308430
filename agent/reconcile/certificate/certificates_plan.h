// SPDX-License-Identifier: Apache-2.0
// Which certificates OVN's services of this node need, and which of them are
// to be issued (again) now: pure.
#ifndef MICROOVN_AGENT_RECONCILE_CERTIFICATE_CERTIFICATES_PLAN_H_
#define MICROOVN_AGENT_RECONCILE_CERTIFICATE_CERTIFICATES_PLAN_H_

#include <map>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/node_view.h"
#include "pki/authority/renewal_policy.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/name/ovn_service.h"
#include "pki/publishing/certificate_set.h"

namespace microovn::agent {

// Those of the enabled services, and of services that still run although they
// are not wanted any more: leaving a database's cluster needs them.
std::set<pki::OvnService> NeededCertificates(const NodeView& view,
                                             const NodeFacts& facts);

struct CertificatesObservation {
  struct Published {
    pki::Validity validity;
    // Whether it is good under the CA that issues now.
    bool trusted = false;
    // It ends with its CA: another would end no later.
    bool ends_with_ca = false;
  };
  std::map<pki::OvnService, Published> published;
  // The published CA file is the wanted one.
  bool bundle_current = false;
  absl::Time now;
  // Whether it is time for the daily look at renewals.
  bool renew_due = false;
};

struct CertificatesPlan {
  std::set<pki::OvnService> issue;
  // Whether the published set has to change.
  bool publish = false;
  // What is published for services that are needed is good under the CA that
  // issues now: whom to trust can change before anything is issued.
  bool trusted_as_it_is = false;
};

// `demanded`: services whose certificates an operator wants anew.
CertificatesPlan PlanCertificates(const std::set<pki::OvnService>& needed,
                                  const std::set<pki::OvnService>& demanded,
                                  const CertificatesObservation& seen);

// What PlanCertificates has to know about a set.
CertificatesObservation ObserveCertificates(const pki::CertificateSet& set,
                                            const pki::TrustBundle& wanted,
                                            const pki::TrustBundle& issuing,
                                            absl::Time now);

// When the first of them with a life too short for a daily look is due, later
// by up to a tenth of its window (`jitter`, from 0 to 1); infinitely late if
// there is none.
absl::Time FirstShortRenewal(const CertificatesObservation& seen,
                             double jitter);

// The next daily look after `now`: between 02:00 and 02:30 of the node's day,
// `jitter` (from 0 to 1) into that half hour.
absl::Time NextRenewalCheck(absl::Time now, absl::TimeZone zone, double jitter);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_CERTIFICATE_CERTIFICATES_PLAN_H_
