// SPDX-License-Identifier: Apache-2.0
// Authorities and certificates for tests, in one line each. Failures CHECK.
//
// The certificates are real and verify with real OpenSSL; only time is made up,
// so a test moves a clock instead of waiting for an expiry.
#ifndef MICROOVN_PKI_TESTING_TEST_PKI_H_
#define MICROOVN_PKI_TESTING_TEST_PKI_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "pki/authority/certificate_authority.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/profile.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/key/key_type.h"
#include "pki/key/private_key.h"
#include "pki/name/ovn_service.h"

namespace microovn::pki {

struct TestLeaf {
  Certificate certificate;
  PrivateKey key;
};

// One cluster's two authorities. Keys are random; ids and serials come from a
// seed. Not thread-safe.
class TestPki {
 public:
  // FakeClock's start.
  explicit TestPki(absl::Time now = absl::FromUnixSeconds(1'700'000'000),
                   uint64_t seed = 1);

  absl::Time now() const { return now_; }
  RandomSource& random() { return random_; }
  const std::string& cluster_id() const { return cluster_id_; }
  const CertificateAuthority& cluster_ca() const { return cluster_ca_; }
  const CertificateAuthority& ovn_ca() const { return ovn_ca_; }
  TrustBundle ClusterBundle() const;
  TrustBundle OvnBundle() const;

  // A member with a fresh id.
  MemberFacts Facts(absl::string_view name,
                    absl::string_view address = "127.0.0.1");

  // Leaves made `age` ago: one older than its lifetime has expired, a negative
  // age gives one that is not yet valid.
  TestLeaf Member(const MemberFacts& facts,
                  absl::Duration age = absl::ZeroDuration());
  TestLeaf Service(OvnService service, const MemberFacts& facts,
                   absl::Duration age = absl::ZeroDuration());

  // Any profile of the plane of `ca`, for a fresh key.
  TestLeaf Issue(const CertificateAuthority& ca, const Profile& profile,
                 absl::Time at, KeyType type = KeyType::kP256);

 private:
  absl::Time now_;
  SeededRandom random_;
  std::string cluster_id_;
  CertificateAuthority cluster_ca_;
  CertificateAuthority ovn_ca_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_TESTING_TEST_PKI_H_
