// SPDX-License-Identifier: Apache-2.0
// Keeps the certificates of OVN's services on this node: makes keys here, has
// requests signed by whoever issues (the leader), publishes complete sets.
//
// A failure keeps the published set. What could not be published at once (OVS
// must not see two sets within a second) is kept and published later.
#ifndef MICROOVN_AGENT_RECONCILE_CERTIFICATE_CERTIFICATES_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_CERTIFICATE_CERTIFICATES_RECONCILER_H_

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/reconcile/certificate/certificates_plan.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "agent/state/values/cluster_state.h"
#include "agent/watch/change_watch.h"
#include "base/crypto/random.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "pki/key/private_key.h"
#include "pki/name/ovn_service.h"
#include "pki/publishing/certificate_set.h"
#include "pki/publishing/generation_publisher.h"

namespace microovn::agent {

struct CertificateDemand {
  pki::OvnService service = pki::OvnService::kClient;
  // PKCS #10.
  std::string request_pem;
};

struct IssuedCertificates {
  // In the order of the demands.
  std::vector<std::string> certificates_pem;
  // The CAs to trust.
  std::string bundle_pem;
};

struct CertificatesReconcilerOptions {
  // data/pki. Its parent exists when the first set is published.
  std::string directory;
  // Asks the leader. Called by the reconcile thread; may block for seconds.
  std::function<absl::StatusOr<IssuedCertificates>(
      const std::vector<CertificateDemand>& demands)>
      issue;
  // Borrowed; outlive the object.
  const Clock* clock = nullptr;
  RandomSource* random = nullptr;
  // What tells of changes of the files; may be null.
  ChangeWatch* watch = nullptr;
};

// Fills in NodeFacts::certificates. Reconcile is for the reconcile thread,
// Demand for any.
class CertificatesReconciler final : public Reconciler {
 public:
  // Told when the demanded certificates are published, or why they will not
  // be; on the reconcile thread, or on that of Cancel.
  using Done = std::function<void(const absl::Status&)>;

  // `facts` outlives the object.
  CertificatesReconciler(CertificatesReconcilerOptions options,
                         NodeFacts* facts);

  absl::string_view name() const override { return "certificates"; }
  absl::Status Reconcile(const NodeView& view) override;
  bool hears() const override {
    // Nothing tells of a renewal that comes in a moment.
    return options_.watch != nullptr && options_.watch->Hears() &&
           options_.clock->Now() + absl::Minutes(1) < next_short_;
  }

  // Has these issued again, whatever their dates, with the next call of
  // Reconcile that can publish. Services that need no certificate on this node
  // are left out; CERTIFICATE_SERVICE_NOT_ENABLED when that leaves none.
  void Demand(const std::set<pki::OvnService>& services, Done done)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Answers all demands with `why`. Not beside Reconcile.
  void Cancel(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Demanded {
    std::set<pki::OvnService> services;
    Done done;
  };

  // What the published set was found to be in order for, and when.
  struct InOrder {
    std::string wanted_pem;
    std::string issuing_pem;
    std::set<pki::OvnService> needed;
    absl::Time since;

    // Whether it still is, in the situation of `other`.
    bool Is(const InOrder& other) const;
  };

  std::vector<Demanded> TakeDemands() ABSL_LOCKS_EXCLUDED(mu_);
  static void Answer(const std::vector<Demanded>& demands,
                     const absl::Status& status);
  // Demands for nothing that this node needs are answered, the rest returned.
  std::vector<Demanded> AnswerNeedless(const NodeView& view,
                                       std::vector<Demanded> demands) const;

  absl::Status ReconcileSet(const NodeView& view,
                            const std::set<pki::OvnService>& demanded);
  absl::Status PublishWhatIsDue(
      const NodeView& view, const std::set<pki::OvnService>& demanded,
      const internal::state::v1::Authority& authority);
  absl::Status Open();
  absl::Status Load();
  // After somebody may have touched the files: they are read again, and the
  // documented names are put right.
  absl::Status FollowFiles();
  absl::StatusOr<pki::CertificateSet> Build(
      const std::set<pki::OvnService>& needed,
      const std::set<pki::OvnService>& issue, pki::TrustBundle bundle);
  absl::StatusOr<std::vector<pki::ServiceCertificate>> Issue(
      const std::set<pki::OvnService>& services);
  // Answers those that wait for `pending_`, unless they have to wait on.
  absl::Status Publish();
  double Jitter();
  void NoteRenewalCheck();

  const CertificatesReconcilerOptions options_;
  NodeFacts& facts_;
  std::optional<pki::GenerationPublisher> publisher_;
  // What is published, and when it was read; empty before the first set.
  std::optional<pki::CertificateSet> current_;
  absl::Duration loaded_at_;
  // Empty after the set was read.
  std::optional<InOrder> in_order_;
  // Of options_.watch, when the files were last looked after.
  std::optional<uint64_t> files_version_;
  // Built, not published yet.
  std::optional<pki::CertificateSet> pending_;
  // Demands that it holds.
  std::vector<Demanded> in_pending_;
  // At the start and then daily.
  absl::Time next_check_ = absl::InfinitePast();
  // Of those that do not last from one day to the next.
  absl::Time next_short_ = absl::InfiniteFuture();

  Mutex mu_;
  // Not planned yet.
  std::vector<Demanded> demanded_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_CERTIFICATE_CERTIFICATES_RECONCILER_H_
