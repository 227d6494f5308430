// SPDX-License-Identifier: Apache-2.0
#include "pki/wire/served_tls.h"

#include <algorithm>
#include <utility>

#include "base/status/status_macros.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/wire/handshake.h"
#include "pki/wire/socket.h"

namespace microovn::pki {
namespace {

std::string DerOf(const X509_NAME* name) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_NAME(name, &der);
  const OpensslMemory<unsigned char> owner(der);
  if (size <= 0) return "";
  return std::string(reinterpret_cast<const char*>(der),
                     static_cast<size_t>(size));
}

absl::StatusOr<Certificate> LeafOf(const SSL* session) {
  const X509* leaf = SSL_get0_peer_certificate(session);
  if (leaf == nullptr) {
    return absl::UnavailableError("it shows no certificate");
  }
  unsigned char* der = nullptr;
  const int size = i2d_X509(leaf, &der);
  const OpensslMemory<unsigned char> owner(der);
  if (size <= 0) return OpensslError("encoding a certificate");
  return Certificate::FromDer(absl::string_view(
      reinterpret_cast<const char*>(der), static_cast<size_t>(size)));
}

std::vector<std::string> CaNamesOf(const SSL* session) {
  std::vector<std::string> names;
  const STACK_OF(X509_NAME)* list = SSL_get0_peer_CA_list(session);
  for (int i = 0; i < sk_X509_NAME_num(list); ++i) {
    names.push_back(DerOf(sk_X509_NAME_value(list, i)));
  }
  return names;
}

absl::StatusOr<SslCtxPtr> MakeContext(const Certificate& certificate,
                                      const PrivateKey& key) {
  SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return OpensslError("preparing a TLS connection");
  // A daemon may speak less than this process does. Without 1.2, and with 1.1
  // and 1.3, Open vSwitch breaks the handshake off.
  SSL_CTX_clear_options(context.get(), SSL_OP_NO_TLSv1_2);
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_use_certificate(context.get(), certificate.x509()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.evp()) != 1) {
    return OpensslError("preparing a TLS connection");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return context;
}

}  // namespace

std::string NameOf(const Certificate& ca) {
  return DerOf(X509_get_subject_name(ca.x509()));
}

bool AsksFor(const ServedTls& served, const Certificate& ca) {
  const std::string name = NameOf(ca);
  return std::find(served.ca_names.begin(), served.ca_names.end(), name) !=
         served.ca_names.end();
}

absl::StatusOr<ServedTls> ObserveTls(const HostPort& address,
                                     const Certificate& certificate,
                                     const PrivateKey& key,
                                     absl::Duration timeout,
                                     const Clock& clock) {
  const ScopedOpensslErrors errors;
  ASSIGN_OR_RETURN(const SslCtxPtr context, MakeContext(certificate, key));
  ASSIGN_OR_RETURN(const SslPtr session, MakeSession(context.get()));
  absl::StatusOr<Socket> connected = Socket::Connect(address, timeout, clock);
  if (absl::IsDeadlineExceeded(connected.status())) return connected.status();
  if (!connected.ok()) return absl::NotFoundError(connected.status().message());
  Socket& socket = *connected;
  RETURN_IF_ERROR(Handshake(session.get(), socket, "TLS"));
  ASSIGN_OR_RETURN(Certificate leaf, LeafOf(session.get()));
  ServedTls served = {std::move(leaf), CaNamesOf(session.get())};
  Close(session.get(), socket);
  return served;
}

}  // namespace microovn::pki
