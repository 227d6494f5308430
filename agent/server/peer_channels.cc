// SPDX-License-Identifier: Apache-2.0
#include "agent/server/peer_channels.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/grpc_status.h"
#include "base/status/refused_handshake.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "grpcpp/support/channel_arguments.h"

namespace microovn::agent {
namespace {

// gRPC names literal addresses "ipv4:..." and "ipv6:..."; without that it
// would ask a resolver.
std::string Target(const HostPort& address) {
  return absl::StrCat(absl::StrContains(address.host, ':') ? "ipv6:" : "ipv4:",
                      FormatHostPort(address));
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
    const TlsMaterial& material, const HostPort& address,
    const std::string& target_name, ServerCheck check,
    grpc::ChannelArguments arguments) {
  const std::vector<grpc::experimental::IdentityKeyCertPair> own = {
      {std::string(material.key_pem.Reveal()), material.chain_pem}};
  std::string roots = material.roots_pem;
  if (check.accepts_expired != nullptr) {
    check.retired_pem = material.retired_pem;
    roots += material.retired_pem;
  }
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<grpc::experimental::StaticDataCertificateProvider>(roots,
                                                                          own));
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

absl::StatusOr<std::shared_ptr<grpc::Channel>> PeerChannels::To(
    const ChannelKey& key) {
  const auto material = identity_->Current();
  if (material == nullptr) return nullptr;
  MutexLock lock(&mu_);
  if (generation_ != material->generation) {
    lines_.clear();
    generation_ = material->generation;
  }
  Line& line = lines_[key];
  if (line.redial.UntilDue(clock_->Monotonic()) > absl::ZeroDuration()) {
    return line.refusal;
  }
  if (line.channel == nullptr) line.channel = Dial(*material, key);
  return line.channel;
}

PeerChannels::Turn PeerChannels::Report(const ChannelKey& key,
                                        const grpc::Status& status) {
  MutexLock lock(&mu_);
  const auto found = lines_.find(key);
  if (found == lines_.end()) return Turn::kNone;
  Line& line = found->second;
  const bool refused_before = line.redial.refused();
  if (IsRefusedHandshake(status)) {
    line.redial.Refuse(clock_->Monotonic());
    line.refusal = FromGrpcStatus(status);
    line.channel = nullptr;
    return refused_before ? Turn::kNone : Turn::kRefused;
  }
  // A call that ran out of time, or was ended here, has learnt nothing.
  if (!refused_before ||
      status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
      status.error_code() == grpc::StatusCode::CANCELLED) {
    return Turn::kNone;
  }
  line.redial.Reset();
  return status.ok() ? Turn::kAnswers : Turn::kNone;
}

void PeerChannels::HearFrom(const std::string& member_id) {
  MutexLock lock(&mu_);
  for (auto& [key, line] : lines_) {
    if (key.member_id == member_id) line.redial.Reset();
  }
}

void PeerChannels::Clear() {
  MutexLock lock(&mu_);
  lines_.clear();
}

std::shared_ptr<grpc::Channel> PeerChannels::Dial(const TlsMaterial& material,
                                                  const ChannelKey& key) const {
  ServerCheck check;
  check.clock = clock_;
  if (key.use == ChannelUse::kRenewal) {
    check.accepts_expired = [registry = identity_->registry()](
                                const std::string& id,
                                const pki::Certificate& certificate) {
      return registry->Accepts(ExpiredUse::kRenewal, id, certificate);
    };
  }
  return MutualTlsChannel(material, key.address, key.member_id,
                          std::move(check), CallArguments());
}

}  // namespace microovn::agent
