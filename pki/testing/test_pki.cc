// SPDX-License-Identifier: Apache-2.0
#include "pki/testing/test_pki.h"

#include <utility>

#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "pki/name/member_name.h"

namespace microovn::pki {
namespace {

template <typename T>
T Checked(absl::StatusOr<T> result) {
  CHECK(result.ok()) << result.status();
  return *std::move(result);
}

CertificateAuthority MakeCa(Plane plane, absl::Time now, RandomSource& random) {
  return Checked(
      CertificateAuthority::Create(plane, KeyType::kP256, now, random));
}

}  // namespace

TestPki::TestPki(absl::Time now, uint64_t seed)
    : now_(now),
      random_(seed),
      cluster_id_(random_.Id()),
      cluster_ca_(MakeCa(Plane::kCluster, now, random_)),
      ovn_ca_(MakeCa(Plane::kOvn, now, random_)) {}

TrustBundle TestPki::ClusterBundle() const {
  return Checked(TrustBundle::From(cluster_ca_.chain()));
}

TrustBundle TestPki::OvnBundle() const {
  return Checked(TrustBundle::From(ovn_ca_.chain()));
}

MemberFacts TestPki::Facts(absl::string_view name, absl::string_view address) {
  return {cluster_id_, random_.Id(), Checked(MemberName::Parse(name)),
          std::string(address)};
}

TestLeaf TestPki::Member(const MemberFacts& facts, absl::Duration age) {
  return Issue(cluster_ca_, Checked(MemberProfile(facts)), now_ - age);
}

TestLeaf TestPki::Service(OvnService service, const MemberFacts& facts,
                          absl::Duration age) {
  return Issue(ovn_ca_, Checked(OvnServiceProfile(service, facts)), now_ - age);
}

TestLeaf TestPki::Issue(const CertificateAuthority& ca, const Profile& profile,
                        absl::Time at, KeyType type) {
  PrivateKey key = Checked(PrivateKey::Generate(type));
  Certificate certificate =
      Checked(ca.Issue(profile, key.public_key(), at, random_));
  return {std::move(certificate), std::move(key)};
}

}  // namespace microovn::pki
