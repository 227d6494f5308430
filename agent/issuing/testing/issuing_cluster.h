// SPDX-License-Identifier: Apache-2.0
// A leader with the keys of both authorities, in a cluster of three: what
// issuing needs, without a log or a network. Failures CHECK.
#ifndef MICROOVN_AGENT_ISSUING_TESTING_ISSUING_CLUSTER_H_
#define MICROOVN_AGENT_ISSUING_TESTING_ISSUING_CLUSTER_H_

#include <memory>
#include <optional>
#include <string>

#include "agent/cluster/testing/fake_membership.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/state/values/cluster_state.h"
#include "base/crypto/random.h"
#include "base/testing/fake_clock.h"
#include "base/testing/temp_dir.h"
#include "pki/sealing/sealing_key.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {

class IssuingCluster {
 public:
  // node1 leads; it has central and chassis. node2 has a switch. node3 joins.
  // The ids are TestId's.
  IssuingCluster();

  FakeMembership& leader() { return *leader_; }
  CertificateIssuer& issuer() { return *issuer_; }
  FakeClock& clock() { return clock_; }
  const pki::TestPki& pki() const { return pki_; }
  const pki::SealingKey& sealing_key() const { return *sealing_key_; }

  // sealing_key() as its file gives it.
  pki::SealingKey SameSealingKey();
  // A sealing key of another member.
  pki::SealingKey OtherSealingKey();

  // For a fresh key, in PEM.
  std::string Request();

 private:
  ClusterState MakeState();

  TempDir directory_;
  FakeClock clock_;
  pki::TestPki pki_;
  RandomSource& random_ = RandomSource::Real();
  pki::SealingKey LoadSealingKey(int number);

  int sealing_keys_ = 0;
  std::optional<pki::SealingKey> sealing_key_;
  std::unique_ptr<FakeMembership> leader_;
  std::unique_ptr<CertificateIssuer> issuer_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ISSUING_TESTING_ISSUING_CLUSTER_H_
