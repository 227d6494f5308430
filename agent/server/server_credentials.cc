#include "agent/server/server_credentials.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "grpc/grpc_security.h"

namespace microovn::agent {
namespace {

class FetchingCredentials final : public grpc::ServerCredentials {
 public:
  FetchingCredentials(const TlsIdentity* identity, TlsMaterial nobody)
      : identity_(identity), nobody_(std::move(nobody)) {
    // The options own nothing of ours; the credentials take them over.
    grpc_ssl_server_credentials_options* options =
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, &Fetch,
            this);
    credentials_ = grpc_ssl_server_credentials_create_with_options(options);
  }
  ~FetchingCredentials() override {
    grpc_server_credentials_release(credentials_);
  }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    auto* credentials = static_cast<FetchingCredentials*>(self);
    const auto current = credentials->identity_->Current();
    const TlsMaterial& material =
        current == nullptr ? credentials->nobody_ : *current;
    if (credentials->served_.exchange(material.generation) ==
        material.generation) {
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    const std::string key(material.key_pem.Reveal());
    const grpc_ssl_pem_key_cert_pair pair = {key.c_str(),
                                             material.chain_pem.c_str()};
    *config = grpc_ssl_server_certificate_config_create(
        material.roots_pem.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  const TlsIdentity* const identity_;
  const TlsMaterial nobody_;  // of generation 0
  // The generation that gRPC holds.
  std::atomic<uint64_t> served_{UINT64_MAX};
  grpc_server_credentials* credentials_ = nullptr;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MutualTlsServerCredentials(
    const TlsIdentity* identity, TlsMaterial nobody) {
  return std::make_shared<FetchingCredentials>(identity, std::move(nobody));
}

}  // namespace microovn::agent
