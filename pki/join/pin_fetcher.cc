#include "pki/join/pin_fetcher.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/host_port.h"
#include "base/status_macros.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/errors.h"
#include "pki/join/socket.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

// What a stranger may make us parse before anything is known about it.
constexpr int kMaxChain = 8;

using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;

// What the verification needs and what it found out.
struct Verification {
  const HostPort& address;
  const JoinToken& token;
  const Clock& clock;
  // Unset until the server's chain has arrived.
  std::optional<absl::StatusOr<PinnedPeer>> result;
};

absl::StatusOr<std::vector<Certificate>> ToChain(const STACK_OF(X509) * stack) {
  const int size = sk_X509_num(stack);
  if (size < 1 || size > kMaxChain) {
    return CertificateInvalid(absl::StrCat("its chain has ", size, " links"));
  }
  std::vector<Certificate> chain;
  for (int i = 0; i < size; ++i) {
    unsigned char* der = nullptr;
    const int der_size = i2d_X509(sk_X509_value(stack, i), &der);
    if (der_size <= 0) return OpensslError("encoding a certificate");
    const OpensslMemory<unsigned char> owner(der);
    ASSIGN_OR_RETURN(Certificate certificate,
                     Certificate::FromDer(
                         absl::string_view(reinterpret_cast<const char*>(der),
                                           static_cast<size_t>(der_size))));
    chain.push_back(std::move(certificate));
  }
  return chain;
}

absl::StatusOr<PinnedPeer> Judge(const Verification& verification,
                                 const STACK_OF(X509) * stack) {
  const JoinToken& token = verification.token;
  ASSIGN_OR_RETURN(const std::vector<Certificate> chain, ToChain(stack));
  // By public key: the pin survives a CA certificate that was made anew. The CA
  // is taken from the wire, which is safe because it is the pin that makes it
  // one.
  const auto ca = std::find_if(
      chain.begin(), chain.end(), [&token](const Certificate& certificate) {
        return certificate.is_ca() &&
               certificate.public_key().Fingerprint() == token.ca_pin;
      });
  if (ca == chain.end())
    return CaPinMismatch(FormatHostPort(verification.address));
  ASSIGN_OR_RETURN(const TrustBundle anchor, TrustBundle::From({*ca}));
  RETURN_IF_ERROR(
      VerifyChain(anchor, {chain.front(), chain, Purpose::kTlsServer,
                           verification.clock.Now(), ""}));
  ASSIGN_OR_RETURN(PeerIdentity identity,
                   ParsePeerIdentity(chain.front().names().uri));
  if (identity.kind != PeerKind::kMember ||
      identity.cluster_id != token.cluster_id) {
    return PeerIdentityRefused("it is not that of a member of this cluster");
  }
  return PinnedPeer{*ca, chain.front(), std::move(identity)};
}

// Called by OpenSSL in place of its own verification, when the server's
// certificate has come and before ours goes out.
int Verify(X509_STORE_CTX* context, void* argument) {
  auto* verification = static_cast<Verification*>(argument);
  verification->result =
      Judge(*verification, X509_STORE_CTX_get0_untrusted(context));
  if (verification->result->ok()) return 1;
  X509_STORE_CTX_set_error(context, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

absl::StatusOr<SslCtxPtr> MakeContext(Verification& verification) {
  SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  const JoinToken& token = verification.token;
  // gRPC's servers speak HTTP/2 only.
  constexpr unsigned char kAlpn[] = {2, 'h', '2'};
  if (context == nullptr ||
      SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_use_certificate(context.get(), token.certificate.x509()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), token.key.evp()) != 1 ||
      // Unlike the calls around it, this one returns 0 for success.
      SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof(kAlpn)) != 0) {
    return OpensslError("preparing a TLS connection");
  }
  // The callback replaces X509_verify_cert altogether, so nothing is checked
  // but what Judge checks. It runs within SSL_do_handshake, on this thread.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), Verify, &verification);
  return context;
}

// OpenSSL works on memory, so that every wait has our deadline.
absl::StatusOr<SslPtr> MakeSession(SSL_CTX* context) {
  SslPtr session(SSL_new(context));
  BioPtr in(BIO_new(BIO_s_mem()));
  BioPtr out(BIO_new(BIO_s_mem()));
  if (session == nullptr || in == nullptr || out == nullptr) {
    return OpensslError("making a TLS connection");
  }
  SSL_set_bio(session.get(), in.release(), out.release());
  SSL_set_connect_state(session.get());
  return session;
}

absl::Status Flush(SSL* session, Socket& socket) {
  char* data = nullptr;
  BIO* out = SSL_get_wbio(session);
  const long size = BIO_get_mem_data(out, &data);  // NOLINT
  if (size <= 0) return absl::OkStatus();
  absl::Status sent =
      socket.Send(absl::string_view(data, static_cast<size_t>(size)));
  // Also when sending failed: no caller uses the session after that.
  BIO_reset(out);
  return sent;
}

absl::Status Feed(SSL* session, Socket& socket) {
  ASSIGN_OR_RETURN(const std::string data, socket.Receive());
  if (BIO_write(SSL_get_rbio(session), data.data(),
                static_cast<int>(data.size())) !=
      static_cast<int>(data.size())) {
    return OpensslError("taking in TLS data");
  }
  return absl::OkStatus();
}

absl::Status Handshake(SSL* session, Socket& socket) {
  for (;;) {
    const int done = SSL_do_handshake(session);
    const int error = SSL_get_error(session, done);
    const std::string cause = TakeOpensslError();
    // Also after a failure: the alert tells the other side.
    const absl::Status flushed = Flush(session, socket);
    // Whether our own certificate still arrived does not change what was seen.
    if (done == 1) return absl::OkStatus();
    if (error != SSL_ERROR_WANT_READ) {
      return absl::UnavailableError(
          absl::StrCat("it does not answer in TLS 1.3 (", cause, ")"));
    }
    RETURN_IF_ERROR(flushed);
    RETURN_IF_ERROR(Feed(session, socket));
  }
}

}  // namespace

absl::StatusOr<PinnedPeer> FetchPinnedCa(const HostPort& address,
                                         const JoinToken& token,
                                         absl::Duration timeout,
                                         const Clock& clock) {
  const ScopedOpensslErrors errors;
  Verification verification = {address, token, clock, std::nullopt};
  ASSIGN_OR_RETURN(const SslCtxPtr context, MakeContext(verification));
  ASSIGN_OR_RETURN(const SslPtr session, MakeSession(context.get()));
  absl::StatusOr<Socket> socket = Socket::Connect(address, timeout, clock);
  if (!socket.ok()) {
    return JoinAddressUnusable(FormatHostPort(address),
                               socket.status().message());
  }
  const absl::Status shaken = Handshake(session.get(), *socket);
  // The verdict explains more than the failed handshake that it causes.
  if (verification.result.has_value() && !verification.result->ok()) {
    return verification.result->status();
  }
  // A good chain alone may be replayed; the handshake proves its key.
  // CertificateVerify (RFC 8446 4.4.3) signs this very handshake.
  if (!shaken.ok()) {
    return JoinAddressUnusable(FormatHostPort(address), shaken.message());
  }
  if (!verification.result.has_value()) {
    return absl::InternalError("a TLS handshake ended without a certificate");
  }
  return *std::move(verification.result);
}

}  // namespace microovn::pki
