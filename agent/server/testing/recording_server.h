// SPDX-License-Identifier: Apache-2.0
// A server of one member on a port of its own that shows each call to the test
// and answers UNIMPLEMENTED.
#ifndef MICROOVN_AGENT_SERVER_TESTING_RECORDING_SERVER_H_
#define MICROOVN_AGENT_SERVER_TESTING_RECORDING_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/server/peer_channels.h"
#include "agent/server/server.h"
#include "agent/server/server_check.h"
#include "agent/server/tls_identity.h"
#include "base/testing/temp_dir.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "pki/key/key_access.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {

inline TlsMaterial TestMaterial(const pki::TestPki& pki,
                                const pki::TestLeaf& leaf) {
  TlsMaterial material;
  material.roots_pem = pki.cluster_ca().certificate().ToPem();
  material.chain_pem =
      absl::StrCat(leaf.certificate.ToPem(), material.roots_pem);
  auto key = leaf.key.ToPem(pki::KeyAccess::Granted());
  CHECK(key.ok()) << key.status();
  material.key_pem = *std::move(key);
  return material;
}

class RecordingServer {
 public:
  using See = std::function<void(const grpc::ServerContextBase& context)>;

  // `see` runs on the server's threads. Borrowed but for it.
  RecordingServer(const pki::TestPki* pki, const pki::TestLeaf& leaf,
                  std::string member_id, const Clock* clock, See see)
      : pki_(pki),
        clock_(clock),
        member_id_(std::move(member_id)),
        service_(std::move(see)) {
    tls_.Set(TestMaterial(*pki, leaf));
    Server::Options options;
    options.socket_path = absl::StrCat(directory_.path(), "/socket");
    options.identity = &tls_;
    options.clock = clock;
    options.configure = [this](grpc::ServerBuilder* builder) {
      builder->RegisterCallbackGenericService(&service_);
    };
    auto server = Server::Start(options);
    CHECK(server.ok()) << server.status();
    server_ = *std::move(server);
    for (uint16_t port = 20'200; port < 20'600 && address_.port == 0; ++port) {
      const HostPort address = {"127.0.0.1", port};
      if (server_->Listen(address).ok()) address_ = address;
    }
    CHECK_NE(address_.port, 0) << "no port is free";
  }

  const HostPort& address() const { return address_; }

  TlsIdentity& tls() { return tls_; }

  // By who has `leaf`; returns when the server has answered.
  grpc::Status Call(const pki::TestLeaf& leaf, const std::string& method) {
    return Call(TestMaterial(*pki_, leaf), method, nullptr);
  }
  // By who has `material`, and puts up with what `accepts` says.
  grpc::Status Call(const TlsMaterial& material, const std::string& method,
                    decltype(ServerCheck::accepts_expired) accepts) {
    ServerCheck check;
    check.clock = clock_;
    check.accepts_expired = std::move(accepts);
    grpc::GenericStub stub(MutualTlsChannel(material, address_, member_id_,
                                            check, grpc::ChannelArguments()));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareUnaryCall(&context, "/" + method,
                                            grpc::ByteBuffer(), &queue);
    call->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->Finish(&answer, &status, this);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }

 private:
  class Service final : public grpc::CallbackGenericService {
   public:
    explicit Service(See see) : see_(std::move(see)) {}
    grpc::ServerGenericBidiReactor* CreateReactor(
        grpc::GenericCallbackServerContext* context) override {
      see_(*context);
      return CallbackGenericService::CreateReactor(context);
    }

   private:
    const See see_;
  };

  const pki::TestPki* const pki_;
  const Clock* const clock_;
  const std::string member_id_;
  TempDir directory_;
  TlsIdentity tls_;
  Service service_;
  HostPort address_;
  std::unique_ptr<Server> server_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_TESTING_RECORDING_SERVER_H_
