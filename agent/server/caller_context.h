// SPDX-License-Identifier: Apache-2.0
// The caller of a gRPC call, from what the transport has proved.
#ifndef MICROOVN_AGENT_SERVER_CALLER_CONTEXT_H_
#define MICROOVN_AGENT_SERVER_CALLER_CONTEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/server/caller.h"
#include "grpcpp/server_context.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {

// What a TLS peer has shown, before the registry is asked.
// UNAUTHENTICATED, reason BAD_PEER_CERTIFICATE, when its certificate names no
// identity of the cluster `cluster_id` (or of any, when that is empty).
absl::StatusOr<Caller> CallerOf(const grpc::ServerContextBase& context,
                                const std::string& cluster_id, absl::Time now);

// The same of a certificate by itself, of whoever has shown it where.
absl::StatusOr<Caller> CallerWith(const pki::Certificate& certificate,
                                  const std::string& cluster_id,
                                  absl::Time now);

// What the server of the socket adds to a call's context: the user's number.
inline constexpr char kUidProperty[] = "microovn_uid";
// Of a call whose certificate is of the cluster CA that was retired last.
inline constexpr char kRetiredCaProperty[] = "microovn_retired_ca";

// The certificate that a TLS peer has shown.
absl::StatusOr<pki::Certificate> CertificateOf(
    const grpc::ServerContextBase& context);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_CALLER_CONTEXT_H_
