// SPDX-License-Identifier: Apache-2.0
// Server credentials that ask TlsIdentity at each handshake.
//
// gRPC 1.51 has no public C++ class for this: its file watcher drops to no
// service on a mismatched pair, while the C interface's fetcher keeps the last
// good one. A client certificate of the cluster CA is required.
//
// Its dates are looked at for each call and not in the handshake: one outside
// of them reaches the methods that AcceptsExpired names, and no other, health
// and reflection included.
#ifndef MICROOVN_AGENT_SERVER_SERVER_CREDENTIALS_H_
#define MICROOVN_AGENT_SERVER_SERVER_CREDENTIALS_H_

#include <memory>

#include "agent/server/tls_identity.h"
#include "base/time/clock.h"
#include "grpcpp/security/server_credentials.h"

namespace microovn::agent {

// `identity` and `clock` are borrowed and outlive the server. While `identity`
// is empty, `nobody` is shown instead: gRPC refuses to start without a
// certificate, and with one that nobody trusts and that trusts nobody no
// handshake succeeds.
std::shared_ptr<grpc::ServerCredentials> MutualTlsServerCredentials(
    const TlsIdentity* identity, const Clock* clock, TlsMaterial nobody);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_SERVER_CREDENTIALS_H_
