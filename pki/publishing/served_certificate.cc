// SPDX-License-Identifier: Apache-2.0
#include "pki/publishing/served_certificate.h"

#include <openssl/ssl.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "pki/certificate/certificate.h"
#include "pki/name/ovn_service.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/wire/handshake.h"
#include "pki/wire/socket.h"

namespace microovn::pki {
namespace {

// In place of OpenSSL's own verification, when the certificate has come.
int Note(X509_STORE_CTX* context, void* argument) {
  auto* fingerprint = static_cast<std::optional<std::string>*>(argument);
  unsigned char* der = nullptr;
  const int size = i2d_X509(X509_STORE_CTX_get0_cert(context), &der);
  const OpensslMemory<unsigned char> owner(der);
  if (size <= 0) return 1;
  const auto certificate = Certificate::FromDer(absl::string_view(
      reinterpret_cast<const char*>(der), static_cast<size_t>(size)));
  if (certificate.ok()) *fingerprint = certificate->fingerprint();
  return 1;
}

}  // namespace

absl::StatusOr<std::string> ServedFingerprint(const HostPort& address,
                                              const std::string& pki_directory,
                                              absl::Duration timeout) {
  const ScopedOpensslErrors errors;
  const SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return OpensslError("preparing a TLS connection");
  const std::string certificate =
      JoinPath(pki_directory, CertificateFile(OvnService::kClient));
  const std::string key =
      JoinPath(pki_directory, PrivateKeyFile(OvnService::kClient));
  if (SSL_CTX_use_certificate_file(context.get(), certificate.c_str(),
                                   SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(),
                                  SSL_FILETYPE_PEM) != 1) {
    TakeOpensslError();
  }
  // As in pki/wire/served_tls.h: a daemon may speak less than this process.
  SSL_CTX_clear_options(context.get(), SSL_OP_NO_TLSv1_2);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  std::optional<std::string> fingerprint;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), Note, &fingerprint);
  ASSIGN_OR_RETURN(const SslPtr session, MakeSession(context.get()));
  absl::StatusOr<Socket> socket =
      Socket::Connect(address, timeout, Clock::Real());
  if (absl::IsInvalidArgument(socket.status())) return socket.status();
  if (!socket.ok()) return absl::UnavailableError(socket.status().message());
  // Whether the server takes us is not the question.
  const absl::Status done = Handshake(session.get(), *socket, "TLS");
  if (done.ok()) Close(session.get(), *socket);
  if (fingerprint.has_value()) return *fingerprint;
  return absl::UnavailableError(absl::StrCat(FormatHostPort(address),
                                             " does not answer in TLS (",
                                             done.message(), ")"));
}

}  // namespace microovn::pki
