// SPDX-License-Identifier: Apache-2.0
#include "agent/service/testing/test_api.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/server/peer_channels.h"
#include "agent/server/testing/socket_channel.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/users.h"
#include "base/testing/loopback.h"
#include "glog/logging.h"
#include "google/protobuf/empty.pb.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "grpcpp/impl/codegen/rpc_method.h"
#include "pki/key/key_access.h"

namespace microovn::agent {
namespace {

TlsMaterial MaterialOf(const pki::TestLeaf& leaf,
                       const pki::CertificateAuthority& ca) {
  TlsMaterial material;
  material.chain_pem =
      absl::StrCat(leaf.certificate.ToPem(), ca.certificate().ToPem());
  material.roots_pem = ca.certificate().ToPem();
  auto key = leaf.key.ToPem(pki::KeyAccess::Granted());
  CHECK(key.ok()) << key.status();
  material.key_pem = *std::move(key);
  return material;
}

}  // namespace

ClusterState TestApi::MakeState(const std::vector<std::string>& names) {
  ClusterState state = TestCluster(names);
  for (const std::string& name : names) {
    statepb::Member member = *state.members.Find(TestId(name));
    member.clear_spki_sha256();
    member.add_spki_sha256(
        leaves_->at(name).certificate.public_key().Fingerprint());
    state.members.Put(member.member_id(), member);
  }
  return state;
}

TestApi::TestApi(const std::vector<std::string>& names)
    : pki_(std::make_shared<pki::TestPki>(absl::Now() - absl::Minutes(1))),
      leaves_(std::make_shared<std::map<std::string, pki::TestLeaf>>()) {
  for (const std::string& name : names) {
    leaves_->emplace(name, Stranger(name, pki_->cluster_id()));
  }
  if (names.empty()) {
    node_.state = v1::GetClusterResponse::STATE_UNINITIALIZED;
    leaves_->emplace("", Stranger("nobody", pki_->cluster_id()));
    Start("");
    return;
  }
  BecomeMember(names[0], MakeState(names));
  Start(names[0]);
}

TestApi::TestApi(TestApi& first, const std::string& name)
    : pki_(first.pki_), leaves_(first.leaves_) {
  BecomeMember(name, first.membership().committed());
  Start(name);
  const std::string other = first.membership().name();
  const auto meet = [&](ClusterState& state) {
    for (const auto& [who, where] :
         {std::pair(other, first.Listen()), std::pair(name, Listen())}) {
      statepb::Member member = *state.members.Find(TestId(who));
      member.set_address(FormatHostPort(where));
      state.members.Put(member.member_id(), member);
    }
  };
  Change(meet);
  first.Change(meet);
  membership().Follow(Peer{TestId(other), other, first.Listen()});
}

void TestApi::BecomeMember(const std::string& name, ClusterState state) {
  internal::node::v1::NodeIdentity identity;
  identity.set_cluster_id(pki_->cluster_id());
  identity.set_member_id(TestId(name));
  identity.set_name(name);
  node_.membership =
      std::make_shared<FakeMembership>(identity, std::move(state), &clock_);
  node_.membership->SpeakAs(MaterialOf(leaves_->at(name), pki_->cluster_ca()));
}

void TestApi::Change(const std::function<void(ClusterState&)>& change) {
  ClusterState state = membership().committed();
  change(state);
  const std::string name = membership().name();
  BecomeMember(name, std::move(state));
}

void TestApi::Start(const std::string& name) {
  identity_.Set(MaterialOf(leaves_->at(name), pki_->cluster_ca()));
  services_ = std::make_unique<ApiServices>(&node_, &clock_, pki_directory(),
                                            /*security=*/nullptr, &calls_);
  Server::Options options;
  options.socket_path = dir_.path() + "/s";
  options.services = services_->all();
  options.identity = &identity_;
  options.calls = &calls_;
  options.clock = &Clock::Real();
  auto server = Server::Start(options);
  CHECK(server.ok()) << server.status();
  server_ = *std::move(server);
}

pki::TestLeaf TestApi::Stranger(const std::string& name,
                                const std::string& cluster) {
  pki::MemberFacts facts = pki_->Facts(name);
  facts.member_id = TestId(name);
  facts.cluster_id = cluster;
  return pki_->Member(facts);
}

pki::TestLeaf TestApi::Joiner(const std::string& token_id) {
  const auto profile =
      pki::JoinerProfile(pki_->cluster_id(), token_id, absl::Hours(1));
  CHECK(profile.ok()) << profile.status();
  // A token's key is Ed25519; gRPC's TLS takes any that the chain vouches for.
  return pki_->Issue(pki_->cluster_ca(), *profile, pki_->now(),
                     pki::KeyType::kEd25519);
}

pki::TestLeaf TestApi::Operator(pki::OperatorRole role) {
  const auto profile =
      pki::OperatorProfile(pki_->cluster_id(), "alice", role, absl::Hours(1));
  CHECK(profile.ok()) << profile.status();
  return pki_->Issue(pki_->cluster_ca(), *profile, pki_->now());
}

void TestApi::Register(const pki::TestLeaf& leaf) {
  const statepb::User user = UserOf(leaf);
  Change([&user](ClusterState& state) { state.users.Put(user.name(), user); });
}

std::shared_ptr<grpc::Channel> TestApi::Socket() {
  return SocketChannel(dir_.File("s"));
}

const HostPort& TestApi::Listen() {
  for (int attempt = 0; address_.port == 0 && attempt < 20; ++attempt) {
    const HostPort address = {"127.0.0.1", FreePort()};
    if (server_->Listen(address).ok()) address_ = address;
  }
  CHECK_NE(address_.port, 0);
  return address_;
}

std::shared_ptr<grpc::Channel> TestApi::Tls(const pki::TestLeaf& leaf) {
  Listen();
  const std::string target =
      node_.membership == nullptr ? TestId("nobody") : node_.membership->id();
  ServerCheck check;
  check.clock = &Clock::Real();
  return MutualTlsChannel(MaterialOf(leaf, pki_->cluster_ca()), address_,
                          target, check, {});
}

statepb::User UserOf(const pki::TestLeaf& leaf) {
  const pki::DistinguishedName& subject = leaf.certificate.subject();
  statepb::User user;
  user.set_name(subject.common_name);
  for (const auto role :
       {statepb::User::ROLE_VIEWER, statepb::User::ROLE_OPERATOR,
        statepb::User::ROLE_ADMIN}) {
    if (UserRoleName(role) == subject.organizational_unit) user.set_role(role);
  }
  user.set_serial(leaf.certificate.serial());
  user.set_spki_sha256(leaf.certificate.public_key().Fingerprint());
  user.set_certificate_pem(leaf.certificate.ToPem());
  user.set_not_after_seconds(absl::ToUnixSeconds(leaf.certificate.not_after()));
  return user;
}

absl::Status CallByName(const std::shared_ptr<grpc::Channel>& channel,
                        const std::string& method, absl::string_view request) {
  const std::string path = "/" + method;
  const grpc::internal::RpcMethod rpc(path.c_str(),
                                      grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(20));
  const grpc::Slice bytes(request.data(), request.size());
  grpc::ByteBuffer response;
  return FromGrpcStatus(grpc::internal::BlockingUnaryCall(
      channel.get(), rpc, &context, grpc::ByteBuffer(&bytes, 1), &response));
}

}  // namespace microovn::agent
