#include "agent/service/testing/test_api.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/server/peer_channels.h"
#include "agent/state/testing/commands.h"
#include "base/unique_fd.h"
#include "glog/logging.h"
#include "google/protobuf/empty.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "grpcpp/impl/codegen/rpc_method.h"
#include "grpcpp/security/credentials.h"
#include "pki/key/key_access.h"

namespace microovn::agent {
namespace {

// A port that was free a moment ago.
int FreePort() {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  CHECK_EQ(bind(fd.get(), generic, size), 0);
  CHECK_EQ(getsockname(fd.get(), generic, &size), 0);
  return ntohs(address.sin_port);
}

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
        leaves_.at(name).certificate.public_key().Fingerprint());
    state.members.Put(member.member_id(), member);
  }
  return state;
}

TestApi::TestApi(const std::vector<std::string>& names)
    : pki_(absl::Now() - absl::Minutes(1)) {
  for (const std::string& name : names) {
    leaves_.emplace(name, Stranger(name, pki_.cluster_id()));
  }
  if (names.empty()) {
    node_.state = v1::GetClusterResponse::STATE_UNINITIALIZED;
    leaves_.emplace("", Stranger("nobody", pki_.cluster_id()));
  } else {
    internal::node::v1::NodeIdentity identity;
    identity.set_cluster_id(pki_.cluster_id());
    identity.set_member_id(TestId(names[0]));
    identity.set_name(names[0]);
    node_.membership =
        std::make_shared<FakeMembership>(identity, MakeState(names), &clock_);
  }
  identity_.Set(
      MaterialOf(leaves_.at(names.empty() ? "" : names[0]), pki_.cluster_ca()));
  services_ =
      std::make_unique<ApiServices>(&node_, &clock_, dir_.path() + "/pki");
  Server::Options options;
  options.socket_path = dir_.path() + "/s";
  options.services = services_->all();
  options.identity = &identity_;
  options.clock = &Clock::Real();
  auto server = Server::Start(options);
  CHECK(server.ok()) << server.status();
  server_ = *std::move(server);
}

pki::TestLeaf TestApi::Stranger(const std::string& name,
                                const std::string& cluster) {
  pki::MemberFacts facts = pki_.Facts(name);
  facts.member_id = TestId(name);
  facts.cluster_id = cluster;
  return pki_.Member(facts);
}

pki::TestLeaf TestApi::Joiner(const std::string& token_id) {
  const auto profile =
      pki::JoinerProfile(pki_.cluster_id(), token_id, absl::Hours(1));
  CHECK(profile.ok()) << profile.status();
  // A token's key is Ed25519; gRPC's TLS takes any that the chain vouches for.
  return pki_.Issue(pki_.cluster_ca(), *profile, pki_.now(),
                    pki::KeyType::kEd25519);
}

pki::TestLeaf TestApi::Operator(pki::OperatorRole role) {
  const auto profile =
      pki::OperatorProfile(pki_.cluster_id(), "alice", role, absl::Hours(1));
  CHECK(profile.ok()) << profile.status();
  return pki_.Issue(pki_.cluster_ca(), *profile, pki_.now());
}

std::shared_ptr<grpc::Channel> TestApi::Socket() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("unix:" + dir_.path() + "/s",
                                   grpc::experimental::LocalCredentials(UDS),
                                   arguments);
}

std::shared_ptr<grpc::Channel> TestApi::Tls(const pki::TestLeaf& leaf) {
  for (int attempt = 0; address_.empty() && attempt < 20; ++attempt) {
    const std::string address = absl::StrCat("127.0.0.1:", FreePort());
    if (server_->Listen(address).ok()) address_ = address;
  }
  CHECK(!address_.empty());
  const std::string target =
      node_.membership == nullptr ? TestId("nobody") : node_.membership->id();
  ServerCheck check;
  check.clock = &Clock::Real();
  return MutualTlsChannel(MaterialOf(leaf, pki_.cluster_ca()), address_, target,
                          check, {});
}

absl::Status CallByName(const std::shared_ptr<grpc::Channel>& channel,
                        const std::string& method) {
  const std::string path = "/" + method;
  const grpc::internal::RpcMethod rpc(path.c_str(),
                                      grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(20));
  google::protobuf::Empty response;
  return FromGrpcStatus(grpc::internal::BlockingUnaryCall(
      channel.get(), rpc, &context, google::protobuf::Empty(), &response));
}

}  // namespace microovn::agent
