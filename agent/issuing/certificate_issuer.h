// SPDX-License-Identifier: Apache-2.0
// Issues certificates and tokens from what the replicated state says.
//
// Runs on the leader, whose sealing key opens the CA keys; an opened CA is
// kept until its record changes. A certificate is built from the registry:
// of a request only the public key and the proof of possession count.
// Thread-safe.
#ifndef MICROOVN_AGENT_ISSUING_CERTIFICATE_ISSUER_H_
#define MICROOVN_AGENT_ISSUING_CERTIFICATE_ISSUER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"
#include "base/crypto/random.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "pki/authority/certificate_authority.h"
#include "pki/certificate/profile.h"
#include "pki/key/private_key.h"
#include "pki/name/member_name.h"
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
  // Borrowed; all outlive it. `sealing_key` may be null: then no CA's key can
  // be opened before UseSealingKey.
  CertificateIssuer(const pki::SealingKey* sealing_key, const Clock* clock,
                    RandomSource* random)
      : clock_(clock), random_(random), sealing_key_(sealing_key) {}

  // Borrowed; outlives it.
  void UseSealingKey(const pki::SealingKey* key) ABSL_LOCKS_EXCLUDED(mu_);

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
  // For a person: what to keep of it, its certificate included. `user` says
  // name and role; USER_REQUEST_INVALID when the request is none.
  absl::StatusOr<statepb::User> IssueUser(const ClusterState& state,
                                          const statepb::User& user,
                                          absl::string_view request_pem,
                                          absl::Duration lifetime);
  // Again for the same name and request id: the same token's key. An empty
  // request id is never the same.
  absl::StatusOr<IssuedToken> IssueToken(const ClusterState& state,
                                         const pki::MemberName& member_name,
                                         const std::string& request_id,
                                         absl::Duration lifetime);

  // The certificate of the cluster CA that comes (Authority.other), signed by
  // the one in use, in PEM; CA_NOT_AVAILABLE as above.
  absl::StatusOr<std::string> CrossCertify(const ClusterState& state);

  // The authority's record with its key sealed for `recipients` instead.
  absl::StatusOr<statepb::Authority> Reseal(
      const statepb::Authority& authority,
      const std::vector<const statepb::Member*>& recipients);

  // That `member_id`, this member, votes by the configuration with that index
  // (pki/authority/voter_proof.h).
  absl::StatusOr<std::string> ProveVoter(const ClusterState& state,
                                         const std::string& member_id,
                                         uint64_t configuration);

  const Clock& clock() const { return *clock_; }
  RandomSource& random() const { return *random_; }

  // The OVN CA's key that waits for its certificate; CA_NOT_REQUESTED when none
  // does.
  absl::StatusOr<pki::PrivateKey> OpenRequested(const ClusterState& state);

 private:
  struct OpenAuthority {
    std::string sealed_key;
    std::shared_ptr<const pki::CertificateAuthority> authority;
  };

  absl::StatusOr<std::shared_ptr<const pki::CertificateAuthority>> Open(
      const ClusterState& state, statepb::Plane plane) ABSL_LOCKS_EXCLUDED(mu_);

  const Clock* const clock_;
  RandomSource* const random_;
  Mutex mu_;
  const pki::SealingKey* sealing_key_ ABSL_GUARDED_BY(mu_);
  std::map<int, OpenAuthority> open_ ABSL_GUARDED_BY(mu_);
};

// What its certificates say of a member.
pki::MemberFacts FactsOf(const ClusterState& state,
                         const statepb::Member& member);

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
