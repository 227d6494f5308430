// SPDX-License-Identifier: Apache-2.0
#include "pki/trial/tls_trial.h"

#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "pki/errors.h"
#include "pki/name/distinguished_name.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;

// A handshake of TLS 1.2 takes two turns of each side.
constexpr int kTurns = 10;

absl::Status Trust(SSL_CTX* context, const TrustBundle& bundle,
                   absl::Time now) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const Certificate& ca : bundle.certificates()) {
    if (X509_STORE_add_cert(store, ca.x509()) != 1 ||
        SSL_CTX_add_client_CA(context, ca.x509()) != 1) {
      return OpensslError("trusting a CA");
    }
  }
  X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), absl::ToTimeT(now));
  return absl::OkStatus();
}

absl::StatusOr<SslCtxPtr> MakeContext(const TlsParty& party, int version,
                                      absl::Time now) {
  SslCtxPtr context(SSL_CTX_new(TLS_method()));
  if (context == nullptr) return OpensslError("preparing TLS");
  // What this process speaks itself says nothing about OVN's daemons.
  SSL_CTX_clear_options(context.get(), SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3);
  if (SSL_CTX_set_min_proto_version(context.get(), version) != 1 ||
      SSL_CTX_set_max_proto_version(context.get(), version) != 1) {
    return OpensslError("preparing TLS");
  }
  RETURN_IF_ERROR(Trust(context.get(), party.trusts, now));
  if (SSL_CTX_use_certificate(context.get(), party.certificate.x509()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), party.key.evp()) != 1) {
    return CertificateRefused(
        ToText(party.certificate.subject()),
        absl::StrCat("TLS does not take it: ", TakeOpensslError()));
  }
  SSL_CTX_set_verify(context.get(),
                     SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  return context;
}

// One of two sides that talk through memory.
absl::StatusOr<SslPtr> MakeSide(SSL_CTX* context, BIO* reads, BIO* writes) {
  SslPtr side(SSL_new(context));
  if (side == nullptr || BIO_up_ref(reads) != 1 || BIO_up_ref(writes) != 1) {
    return OpensslError("making a TLS connection");
  }
  SSL_set_bio(side.get(), reads, writes);
  return side;
}

// Whether this side is done; an error is its own, or the peer's alert.
absl::StatusOr<bool> Turn(SSL* side, const Certificate& peer) {
  const int done = SSL_do_handshake(side);
  if (done == 1) return true;
  if (SSL_get_error(side, done) == SSL_ERROR_WANT_READ) {
    TakeOpensslError();
    return false;
  }
  const long verdict = SSL_get_verify_result(side);  // NOLINT
  const std::string cause = TakeOpensslError();
  return CertificateRefused(
      ToText(peer.subject()),
      verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : cause);
}

}  // namespace

absl::Status TryTls(const TlsParty& server, const TlsParty& client, int version,
                    absl::Time now) {
  const ScopedOpensslErrors errors;
  ASSIGN_OR_RETURN(const SslCtxPtr server_context,
                   MakeContext(server, version, now));
  ASSIGN_OR_RETURN(const SslCtxPtr client_context,
                   MakeContext(client, version, now));
  const BioPtr up(BIO_new(BIO_s_mem()));
  const BioPtr down(BIO_new(BIO_s_mem()));
  if (up == nullptr || down == nullptr) return OpensslError("making memory");
  ASSIGN_OR_RETURN(const SslPtr served,
                   MakeSide(server_context.get(), up.get(), down.get()));
  ASSIGN_OR_RETURN(const SslPtr asking,
                   MakeSide(client_context.get(), down.get(), up.get()));
  SSL_set_accept_state(served.get());
  SSL_set_connect_state(asking.get());
  for (int turn = 0; turn < kTurns; ++turn) {
    ASSIGN_OR_RETURN(const bool asked, Turn(asking.get(), server.certificate));
    ASSIGN_OR_RETURN(const bool answered,
                     Turn(served.get(), client.certificate));
    if (asked && answered) return absl::OkStatus();
  }
  return CertificateRefused(ToText(server.certificate.subject()),
                            "the handshake does not end");
}

}  // namespace microovn::pki
