// SPDX-License-Identifier: Apache-2.0
#include "pki/join/pin_fetcher.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/errors.h"
#include "pki/join/token_issuer.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/wire/handshake.h"
#include "pki/wire/socket.h"

namespace microovn::pki {
namespace {

// What a stranger may make us parse before anything is known about it.
constexpr int kMaxChain = 8;

// What the verification needs and what it found out.
struct Verification {
  const HostPort& address;
  const JoinToken& token;
  const Clock& clock;
  // Unset until the server's chain has arrived.
  std::optional<absl::StatusOr<PinnedPeer>> result;
};

absl::Time MiddleOf(const Certificate& certificate) {
  return certificate.not_before() +
         (certificate.not_after() - certificate.not_before()) / 2;
}

// Why dates do not fit: `refused`, unless this system's clock and the one by
// which the token was made cannot both be right. A token is used on the day on
// which it was made.
absl::Status OfTheClocks(const Verification& verification,
                         const absl::Status& refused) {
  const absl::Time now = verification.clock.Now();
  const absl::Time made =
      verification.token.certificate.not_before() + kBackdating;
  if (now >= made && now <= made + kMaxTokenLifetime) return refused;
  return ClocksDiffer(now, made);
}

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
  // one. A cross-certificate has the same key, and leads elsewhere.
  const auto ca = std::find_if(
      chain.begin(), chain.end(), [&token](const Certificate& certificate) {
        return certificate.is_ca() && certificate.is_self_issued() &&
               certificate.public_key().Fingerprint() == token.ca_pin;
      });
  if (ca == chain.end())
    return CaPinMismatch(FormatHostPort(verification.address));
  ASSIGN_OR_RETURN(const TrustBundle anchor, TrustBundle::From({*ca}));
  ChainQuery query = {chain.front(), chain, Purpose::kTlsServer,
                      verification.clock.Now(), ""};
  absl::Status verified = VerifyChain(anchor, query);
  if (!verified.ok()) {
    // A chain that is good at its own time fails by its dates alone.
    query.at = MiddleOf(chain.front());
    return VerifyChain(anchor, query).ok() ? OfTheClocks(verification, verified)
                                           : verified;
  }
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
  const absl::Status shaken = Handshake(session.get(), *socket, "TLS 1.3");
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
