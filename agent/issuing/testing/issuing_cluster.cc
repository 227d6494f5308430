// SPDX-License-Identifier: Apache-2.0
#include "agent/issuing/testing/issuing_cluster.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/state/testing/commands.h"
#include "base/file/file.h"
#include "glog/logging.h"
#include "pki/certificate/certificate_request.h"
#include "pki/key/private_key.h"

namespace microovn::agent {

IssuingCluster::IssuingCluster()
    : clock_(absl::FromUnixSeconds(kTestTime)), pki_(clock_.Now()) {
  sealing_key_.emplace(OtherSealingKey());
  ClusterState state = MakeState();
  internal::node::v1::NodeIdentity identity;
  identity.set_cluster_id(state.cluster().cluster_id());
  identity.set_member_id(TestId("node1"));
  identity.set_name("node1");
  identity.set_address("10.0.0.1:6686");
  leader_ =
      std::make_unique<FakeMembership>(identity, std::move(state), &clock_);
  issuer_ =
      std::make_unique<CertificateIssuer>(&*sealing_key_, &clock_, &random_);
}

ClusterState IssuingCluster::MakeState() {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  for (const auto* name : {"node1", "node2", "node3"}) {
    statepb::Member member = *state.members.Find(TestId(name));
    member.clear_services();
    member.set_sealing_certificate_pem(sealing_key_->certificate().ToPem());
    if (member.name() == "node1") {
      member.add_services(statepb::SERVICE_CENTRAL);
      member.add_services(statepb::SERVICE_CHASSIS);
    }
    if (member.name() == "node2") member.add_services(statepb::SERVICE_SWITCH);
    if (member.name() == "node3") {
      member.set_state(statepb::Member::STATE_JOINING);
    }
    state.members.Put(member.member_id(), member);
  }
  for (const auto* authority : {&pki_.cluster_ca(), &pki_.ovn_ca()}) {
    auto record =
        FoundAuthority(*authority, TestId("node1"), sealing_key_->certificate(),
                       /*user_supplied=*/false);
    CHECK(record.ok()) << record.status();
    state.authorities.Put(AuthorityKey(record->plane()), *std::move(record));
  }
  return state;
}

pki::SealingKey IssuingCluster::LoadSealingKey(int number) {
  pki::SealingKey::Options options;
  options.state_directory = directory_.File(absl::StrCat("sealing", number));
  CHECK(MakeDirectories(options.state_directory, 0700).ok());
  auto key = pki::SealingKey::LoadOrCreate(options, clock_, random_);
  CHECK(key.ok()) << key.status();
  return *std::move(key);
}

pki::SealingKey IssuingCluster::OtherSealingKey() {
  return LoadSealingKey(++sealing_keys_);
}

// The first was made for the cluster.
pki::SealingKey IssuingCluster::SameSealingKey() { return LoadSealingKey(1); }

std::string IssuingCluster::Request() {
  const auto key = pki::PrivateKey::Generate();
  CHECK(key.ok());
  const auto request = pki::CertificateRequest::Create(*key);
  CHECK(request.ok());
  return request->ToPem();
}

}  // namespace microovn::agent
