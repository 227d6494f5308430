// SPDX-License-Identifier: Apache-2.0
// The person for whom another member passes a request on.
//
// That member says who it is: the user at its socket, or the certificate that
// it was shown. It is believed only when it is a registered member over TLS,
// which is for the caller of these to see to; what the person may do is then
// judged here, as if the request had come here first. Pure.
#ifndef MICROOVN_AGENT_SERVER_PASSED_CALLER_H_
#define MICROOVN_AGENT_SERVER_PASSED_CALLER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/server/caller.h"
#include "grpcpp/server_context.h"

namespace microovn::agent {

// Metadata of a request that is passed on: who asked, an Asker, and the
// certificate in PEM of whoever came with one.
inline constexpr char kAskerMetadata[] = "microovn-asker-bin";
inline constexpr char kAskerCertificateMetadata[] =
    "microovn-asker-certificate-bin";

// Whether the caller says that it asks for somebody else.
bool IsPassedOn(const grpc::ServerContextBase& context);

// What is trusted when a certificate is passed on.
struct PassedTrust {
  std::string cluster_id;
  // The cluster CA's bundle.
  std::string roots_pem;
  absl::Time now;
};

// `member` is the caller. UNAUTHENTICATED, reason BAD_PEER_CERTIFICATE, unless
// a user is named or a person's certificate of this cluster is shown.
absl::StatusOr<Caller> PassedCaller(const grpc::ServerContextBase& context,
                                    const Caller& member,
                                    const PassedTrust& trust);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_PASSED_CALLER_H_
