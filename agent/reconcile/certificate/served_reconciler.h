// SPDX-License-Identifier: Apache-2.0
// Sees on the wire that this node's daemons serve, and trust, what a rotation
// of OVN's CA wants of them by now: files alone do not say what a daemon has
// read.
//
// It looks after each phase until it has seen it, and never otherwise.
#ifndef MICROOVN_AGENT_RECONCILE_CERTIFICATE_SERVED_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_CERTIFICATE_SERVED_RECONCILER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "base/text/host_port.h"
#include "pki/publishing/certificate_set.h"
#include "pki/wire/served_tls.h"
#include "supervisor/service/service.h"

namespace microovn::agent {

// A daemon that serves, with which certificate and where.
struct ServingDaemon {
  supervisor::Service daemon;
  pki::OvnService certificate;
  std::vector<uint16_t> ports;
};

struct ServedReconcilerOptions {
  // data/pki
  std::string directory;
  std::vector<ServingDaemon> daemons;
  // What is served at an address of this node to who shows `client`;
  // NOT_FOUND when nothing listens there.
  std::function<absl::StatusOr<pki::ServedTls>(
      const HostPort& address, const pki::ServiceCertificate& client)>
      observe;
  // Ends the connections to a database's server.
  std::function<absl::Status(supervisor::Service daemon)> end_sessions;
};

// Fills in NodeFacts::ovn_observed_generation.
class ServedReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  ServedReconciler(ServedReconcilerOptions options, NodeFacts* facts)
      : options_(std::move(options)), facts_(*facts) {}

  absl::string_view name() const override { return "served-certificates"; }
  absl::Status Reconcile(const NodeView& view) override;
  // Only the state wants something new of it.
  bool hears() const override { return true; }

 private:
  absl::Status Look(const NodeView& view);
  // What was opened with a certificate of the CA before, when that was rotated
  // away from because a member that was removed may misuse it.
  absl::Status EndSessions(const NodeView& view,
                           const statepb::Authority& authority);
  absl::Status LookAt(const HostPort& address, const pki::CertificateSet& set,
                      const pki::ServiceCertificate& wanted);

  const ServedReconcilerOptions options_;
  NodeFacts& facts_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_CERTIFICATE_SERVED_RECONCILER_H_
