// Issues certificates and tokens from what the replicated state says.
//
// Runs on the leader, whose sealing key opens the CA keys; an opened CA is
// kept until its record changes. A certificate is built from the registry:
// of a request only the public key and the proof of possession count.
// Thread-safe.
#ifndef MICROOVN_AGENT_ISSUING_CERTIFICATE_ISSUER_H_
#define MICROOVN_AGENT_ISSUING_CERTIFICATE_ISSUER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "pki/authority/certificate_authority.h"
#include "pki/sealing/sealing_key.h"

namespace microovn::agent {

struct IssuedLeaf {
  std::string certificate_pem;
  // What the log keeps of it.
  statepb::IssuedCertificate record;
};

struct IssuedToken {
  statepb::JoinToken record;
  // For the person who asked; not kept.
  SecretString encoded;
};

class CertificateIssuer {
 public:
  // Borrowed; all outlive it.
  CertificateIssuer(const pki::SealingKey* sealing_key, const Clock* clock,
                    RandomSource* random)
      : sealing_key_(sealing_key), clock_(clock), random_(random) {}

  // FAILED_PRECONDITION, reason CA_NOT_AVAILABLE, when the CA's key is not
  // sealed for this member.
  absl::StatusOr<IssuedLeaf> IssueMember(const ClusterState& state,
                                         const statepb::Member& member,
                                         absl::string_view request_pem);
  // `service` is an OVN service's name.
  absl::StatusOr<IssuedLeaf> IssueOvn(const ClusterState& state,
                                      const statepb::Member& member,
                                      absl::string_view service,
                                      absl::string_view request_pem);
  // Again for the same name and request id: the same token's key. An empty
  // request id is never the same.
  absl::StatusOr<IssuedToken> IssueToken(const ClusterState& state,
                                         const std::string& member_name,
                                         const std::string& request_id,
                                         absl::Duration lifetime);

  // The authority's record with its key sealed for `recipients` instead.
  absl::StatusOr<statepb::Authority> Reseal(
      const statepb::Authority& authority,
      const std::vector<const statepb::Member*>& recipients);

 private:
  struct OpenAuthority {
    std::string sealed_key;
    std::shared_ptr<const pki::CertificateAuthority> authority;
  };

  absl::StatusOr<std::shared_ptr<const pki::CertificateAuthority>> Open(
      const ClusterState& state, statepb::Plane plane) ABSL_LOCKS_EXCLUDED(mu_);

  const pki::SealingKey* const sealing_key_;
  const Clock* const clock_;
  RandomSource* const random_;
  Mutex mu_;
  std::map<int, OpenAuthority> open_ ABSL_GUARDED_BY(mu_);
};

// What the log keeps of a certificate that was issued for `member_id`.
statepb::IssuedCertificate RecordOf(const pki::Certificate& certificate,
                                    statepb::Plane plane,
                                    const std::string& member_id,
                                    absl::string_view service);

// A fresh authority's record, its key sealed for `recipient` only.
absl::StatusOr<statepb::Authority> FoundAuthority(
    const pki::CertificateAuthority& authority, const std::string& recipient_id,
    const pki::Certificate& recipient, bool user_supplied);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ISSUING_CERTIFICATE_ISSUER_H_
