// Server credentials that ask TlsIdentity at each handshake.
//
// gRPC 1.51 has no public C++ class for this: its file watcher drops to no
// service on a mismatched pair, while the C interface's fetcher keeps the last
// good one. A client certificate of the cluster CA is required.
#ifndef MICROOVN_AGENT_SERVER_SERVER_CREDENTIALS_H_
#define MICROOVN_AGENT_SERVER_SERVER_CREDENTIALS_H_

#include <memory>

#include "agent/server/tls_identity.h"
#include "grpcpp/security/server_credentials.h"

namespace microovn::agent {

// `identity` is borrowed and outlives the server. While it is empty, `nobody`
// is shown instead: gRPC refuses to start without a certificate, and with one
// that nobody trusts and that trusts nobody no handshake succeeds.
std::shared_ptr<grpc::ServerCredentials> MutualTlsServerCredentials(
    const TlsIdentity* identity, TlsMaterial nobody);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_SERVER_CREDENTIALS_H_
