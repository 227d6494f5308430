// SPDX-License-Identifier: Apache-2.0
// absl::Status <-> grpc::Status, with details as google.rpc.Status, which is
// what grpcurl and every other client reads.
#ifndef MICROOVN_BASE_STATUS_GRPC_STATUS_H_
#define MICROOVN_BASE_STATUS_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace microovn {

grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace microovn

#endif  // MICROOVN_BASE_STATUS_GRPC_STATUS_H_
