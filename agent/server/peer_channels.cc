#include "agent/server/peer_channels.h"

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace microovn::agent {
namespace {

// gRPC names literal addresses "ipv4:..." and "ipv6:..."; without that it
// would ask a resolver.
std::string Target(const std::string& address) {
  const bool v6 = !address.empty() && address.front() == '[';
  return absl::StrCat(v6 ? "ipv6:" : "ipv4:", address);
}

grpc::ChannelArguments CallArguments() {
  grpc::ChannelArguments arguments;
  // A restarted peer is found again at once, not after gRPC's two minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  return arguments;
}

}  // namespace

std::shared_ptr<grpc::Channel> MutualTlsChannel(
    const TlsMaterial& material, const std::string& address,
    const std::string& target_name, grpc::ChannelArguments arguments) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = material.roots_pem;
  options.pem_private_key = std::string(material.key_pem.Reveal());
  options.pem_cert_chain = material.chain_pem;
  arguments.SetSslTargetNameOverride(target_name);
  // A certificate's renewal must reach a new connection, not a shared old one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(Target(address),
                                   grpc::SslCredentials(options), arguments);
}

std::shared_ptr<grpc::Channel> PeerChannels::To(const std::string& member_id,
                                                const std::string& address) {
  const auto material = identity_->Current();
  if (material == nullptr) return nullptr;
  MutexLock lock(&mu_);
  if (generation_ != material->generation) {
    channels_.clear();
    generation_ = material->generation;
  }
  std::shared_ptr<grpc::Channel>& channel = channels_[{member_id, address}];
  if (channel == nullptr) {
    channel = MutualTlsChannel(*material, address, member_id, CallArguments());
  }
  return channel;
}

void PeerChannels::Clear() {
  MutexLock lock(&mu_);
  channels_.clear();
}

}  // namespace microovn::agent
