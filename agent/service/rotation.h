// SPDX-License-Identifier: Apache-2.0
// A request for a new CA: made or taken, tried, sealed, and given to the log as
// an operation.
#ifndef MICROOVN_AGENT_SERVICE_ROTATION_H_
#define MICROOVN_AGENT_SERVICE_ROTATION_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/cluster/membership.h"
#include "base/crypto/random.h"
#include "google/longrunning/operations.pb.h"
#include "microovn/internal/state/v1/state.pb.h"
#include "microovn/v1/certificate.pb.h"

namespace microovn::agent {

// The operation that was started, or that goes on. For the CA that is in use,
// one that is done and says that nothing was issued.
absl::StatusOr<google::longrunning::Operation> RotateAuthority(
    Membership& member, const v1::RotateAuthorityRequest& request,
    const internal::state::v1::Asker& asker, absl::Time now,
    RandomSource& random);

// Makes a key in the cluster and the request that a user's CA signs, or returns
// the one that waits for its certificate.
absl::StatusOr<v1::RequestAuthorityCertificateResponse>
RequestAuthorityCertificate(
    Membership& member, const v1::RequestAuthorityCertificateRequest& request,
    const internal::state::v1::Asker& asker);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_ROTATION_H_
