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

// The certificate that a TLS peer has shown.
absl::StatusOr<pki::Certificate> CertificateOf(
    const grpc::ServerContextBase& context);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_CALLER_CONTEXT_H_
