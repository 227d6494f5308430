// SPDX-License-Identifier: Apache-2.0
// Whether the server at the other end of a channel is the member that is
// meant, and its certificate good now. OpenSSL has verified the chain before,
// and the handshake that the key is there; names and dates are looked at here.
// Pure and thread-safe.
#ifndef MICROOVN_AGENT_SERVER_SERVER_CHECK_H_
#define MICROOVN_AGENT_SERVER_SERVER_CHECK_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "grpcpp/security/tls_certificate_verifier.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {

struct ServerCheck {
  // Borrowed; outlives the channel's connections.
  const Clock* clock = nullptr;
  // Whether this member's certificate is put up with outside of its dates, or
  // although it is of the CA that was retired last. Never, when empty.
  std::function<bool(const std::string& member_id,
                     const pki::Certificate& certificate)>
      accepts_expired;
  // TlsMaterial::retired_pem, where connections let certificates of it through.
  std::string retired_pem;
};

// OK, or CERTIFICATE_REFUSED.
absl::Status CheckServer(absl::string_view certificate_pem,
                         const std::string& member_id,
                         const ServerCheck& check);

// The same for gRPC, for servers that must be `member_id`.
std::shared_ptr<grpc::experimental::CertificateVerifier> ServerVerifier(
    const std::string& member_id, ServerCheck check);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_SERVER_CHECK_H_
