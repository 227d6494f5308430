#include "agent/server/peer_channels.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
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
    const std::string& target_name, ServerCheck check,
    grpc::ChannelArguments arguments) {
  const std::vector<grpc::experimental::IdentityKeyCertPair> own = {
      {std::string(material.key_pem.Reveal()), material.chain_pem}};
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
          material.roots_pem, own));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  // In place of gRPC's look at the server's name.
  options.set_certificate_verifier(
      ServerVerifier(target_name, std::move(check)));
  options.set_check_call_host(false);
  arguments.SetSslTargetNameOverride(target_name);
  // A certificate's renewal must reach a new connection, not a shared old one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(
      Target(address), grpc::experimental::TlsCredentials(options), arguments);
}

std::shared_ptr<grpc::Channel> PeerChannels::To(const std::string& member_id,
                                                const std::string& address,
                                                ChannelUse use) {
  const auto material = identity_->Current();
  if (material == nullptr) return nullptr;
  MutexLock lock(&mu_);
  if (generation_ != material->generation) {
    channels_.clear();
    generation_ = material->generation;
  }
  std::shared_ptr<grpc::Channel>& channel =
      channels_[{member_id, address, use}];
  if (channel == nullptr) {
    ServerCheck check;
    check.clock = clock_;
    if (use == ChannelUse::kRenewal) {
      check.accepts_expired = [registry = identity_->registry()](
                                  const std::string& id,
                                  const pki::Certificate& certificate) {
        return registry->Accepts(ExpiredUse::kRenewal, id, certificate);
      };
    }
    channel = MutualTlsChannel(*material, address, member_id, std::move(check),
                               CallArguments());
  }
  return channel;
}

void PeerChannels::Clear() {
  MutexLock lock(&mu_);
  channels_.clear();
}

}  // namespace microovn::agent
