// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/certificate/served_reconciler.h"

#include "absl/strings/str_cat.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/member_view.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "pki/name/distinguished_name.h"

namespace microovn::agent {

absl::Status ServedReconciler::Reconcile(const NodeView& view) {
  const statepb::Authority* authority =
      view.state().authorities.Find(AuthorityKey(statepb::PLANE_OVN));
  // Before the first rotation nobody asks.
  if (authority == nullptr || authority->rotation_id().empty() ||
      view.leaving()) {
    return absl::OkStatus();
  }
  const uint64_t generation = authority->generation();
  if (facts_.ovn_observed_generation == generation) return absl::OkStatus();
  if (facts_.ovn_published_generation != generation) {
    return absl::UnavailableError("the certificates are not published yet");
  }
  const statepb::MemberReport* said = view.state().reports.Find(view.self_id());
  // Seen before this agent started.
  const bool seen =
      said != nullptr && said->ovn_observed_generation() == generation;
  if (!seen) {
    RETURN_IF_ERROR(Look(view));
    RETURN_IF_ERROR(EndSessions(view, *authority));
  }
  facts_.ovn_observed_generation = generation;
  return absl::OkStatus();
}

absl::Status ServedReconciler::Look(const NodeView& view) {
  ASSIGN_OR_RETURN(
      const pki::CertificateSet set,
      pki::LoadCertificateSet(absl::StrCat(options_.directory, "/current")));
  const std::string host = AddressOf(*view.self()).host;
  for (const ServingDaemon& serving : options_.daemons) {
    if (!facts_.Running(serving.daemon)) continue;
    const pki::ServiceCertificate* wanted = pki::Find(set, serving.certificate);
    if (wanted == nullptr) continue;
    for (const uint16_t port : serving.ports) {
      RETURN_IF_ERROR(LookAt({host, port}, set, *wanted));
    }
  }
  return absl::OkStatus();
}

absl::Status ServedReconciler::EndSessions(
    const NodeView& view, const statepb::Authority& authority) {
  const statepb::Operation* rotation =
      view.state().operations.Find(authority.rotation_id());
  if (authority.phase() != statepb::Authority::PHASE_UNSPECIFIED ||
      rotation == nullptr || rotation->because_of().empty()) {
    return absl::OkStatus();
  }
  for (const ServingDaemon& serving : options_.daemons) {
    if (!facts_.Running(serving.daemon)) continue;
    RETURN_IF_ERROR(options_.end_sessions(serving.daemon));
    LOG(INFO) << "ended the connections to "
              << supervisor::ServiceName(serving.daemon)
              << ": the certificates of the CA before are good no more, and "
              << rotation->because_of() << " may have some";
  }
  return absl::OkStatus();
}

absl::Status ServedReconciler::LookAt(const HostPort& address,
                                      const pki::CertificateSet& set,
                                      const pki::ServiceCertificate& wanted) {
  const auto served = options_.observe(address, wanted);
  // A daemon that does not listen reads its files when it begins to.
  if (absl::IsNotFound(served.status())) return absl::OkStatus();
  const std::string at = FormatHostPort(address);
  if (!served.ok()) {
    return absl::UnavailableError(
        absl::StrCat(at, " does not answer: ", served.status().message()));
  }
  if (served->leaf != wanted.certificate) {
    return absl::UnavailableError(
        absl::StrCat(at, " still serves the certificate before"));
  }
  for (const pki::Certificate& ca : set.bundle.certificates()) {
    if (pki::AsksFor(*served, ca)) continue;
    return absl::UnavailableError(absl::StrCat(
        at, " does not trust ", pki::ToText(ca.subject()), " yet"));
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
