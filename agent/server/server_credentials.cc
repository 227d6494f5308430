// SPDX-License-Identifier: Apache-2.0
#include "agent/server/server_credentials.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "agent/server/caller.h"
#include "agent/server/caller_context.h"
#include "agent/server/peer_certificate.h"
#include "agent/server/retired_ca.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "grpc/grpc_security.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/tls_dates.h"

namespace microovn::agent {
namespace {

absl::string_view ViewOf(const grpc_slice& slice) {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)),
          GRPC_SLICE_LENGTH(slice)};
}

// "microovn.v1.StatusService/GetStatus"; empty when there is none.
absl::string_view MethodOf(const grpc_metadata* metadata, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (ViewOf(metadata[i].key) != ":path") continue;
    const absl::string_view path = ViewOf(metadata[i].value);
    return path.empty() ? path : path.substr(1);
  }
  return "";
}

absl::string_view PeerPem(const grpc_auth_context* context) {
  grpc_auth_property_iterator found = grpc_auth_context_find_properties_by_name(
      context, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  const grpc_auth_property* property = grpc_auth_property_iterator_next(&found);
  if (property == nullptr) return "";
  return {property->value, property->value_length};
}

// Services that do not look at their callers: gRPC's own.
bool IsForeign(absl::string_view method) {
  return !HasRule(method) &&
         !absl::StartsWith(method, "microovn.internal.raft.");
}

// Before each call, whatever its method. What is of the CA that was retired is
// marked for those who look at callers.
absl::Status CheckCall(grpc_auth_context* context, absl::string_view method,
                       const TlsIdentity& identity, absl::Time now) {
  const auto material = identity.Current();
  const auto certificate = PeerCertificate(PeerPem(context));
  if (!certificate.ok()) return certificate.status();
  absl::Status current = pki::CheckDates(*certificate, now);
  if (material != nullptr && IsOfRetired(material->retired_pem, *certificate)) {
    grpc_auth_context_add_cstring_property(context, kRetiredCaProperty, "1");
    current = RetiredCa(*certificate);
  }
  if (!AcceptsExpired(method)) RETURN_IF_ERROR(current);
  if (IsForeign(method) && !identity.registry()->IsRegistered(*certificate)) {
    return absl::UnauthenticatedError(
        "the caller's certificate is not registered");
  }
  return absl::OkStatus();
}

class FetchingCredentials final : public grpc::ServerCredentials {
 public:
  FetchingCredentials(const TlsIdentity* identity, const Clock* clock,
                      TlsMaterial nobody)
      : identity_(identity), clock_(clock), nobody_(std::move(nobody)) {
    const absl::Status left = pki::LeaveDatesToCallers();
    LOG_IF(ERROR, !left.ok())
        << "a member that was off past its certificate's end cannot come back: "
        << left;
    // The options own nothing of ours; the credentials take them over.
    grpc_ssl_server_credentials_options* options =
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, &Fetch,
            this);
    credentials_ = grpc_ssl_server_credentials_create_with_options(options);
    grpc_server_credentials_set_auth_metadata_processor(
        credentials_, {&Process, /*destroy=*/nullptr, this});
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
    const std::string roots =
        absl::StrCat(material.roots_pem, material.retired_pem);
    *config =
        grpc_ssl_server_certificate_config_create(roots.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  static void Process(void* self, grpc_auth_context* context,
                      const grpc_metadata* metadata, size_t count,
                      grpc_process_auth_metadata_done_cb done,
                      void* user_data) {
    const auto* credentials = static_cast<const FetchingCredentials*>(self);
    const absl::Status checked =
        CheckCall(context, MethodOf(metadata, count), *credentials->identity_,
                  credentials->clock_->Now());
    done(user_data, nullptr, 0, nullptr, 0,
         checked.ok() ? GRPC_STATUS_OK : GRPC_STATUS_UNAUTHENTICATED,
         checked.ok() ? nullptr : std::string(checked.message()).c_str());
  }

  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  const TlsIdentity* const identity_;
  const Clock* const clock_;
  const TlsMaterial nobody_;  // of generation 0
  // The generation that gRPC holds.
  std::atomic<uint64_t> served_{UINT64_MAX};
  grpc_server_credentials* credentials_ = nullptr;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MutualTlsServerCredentials(
    const TlsIdentity* identity, const Clock* clock, TlsMaterial nobody) {
  return std::make_shared<FetchingCredentials>(identity, clock,
                                               std::move(nobody));
}

}  // namespace microovn::agent
