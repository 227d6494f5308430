// SPDX-License-Identifier: Apache-2.0
// The certificate that a TLS peer has shown.
//
// gRPC hands its PEM to every call of a connection. To decode one takes OpenSSL
// some 0.2 ms and most of what a small call costs, so those that were decoded
// last are kept. Thread-safe.
#ifndef MICROOVN_AGENT_SERVER_PEER_CERTIFICATE_H_
#define MICROOVN_AGENT_SERVER_PEER_CERTIFICATE_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {

// Peers have one each; a cluster with more members than these decodes again.
inline constexpr size_t kPeerCertificatesKept = 128;

// As pki::Certificate::FromPem.
absl::StatusOr<pki::Certificate> PeerCertificate(absl::string_view pem);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_PEER_CERTIFICATE_H_
