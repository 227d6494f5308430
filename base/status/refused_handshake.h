// SPDX-License-Identifier: Apache-2.0
// What gRPC says of a call that found no connection. There are no codes for it,
// only words. Pure.
#ifndef MICROOVN_BASE_STATUS_REFUSED_HANDSHAKE_H_
#define MICROOVN_BASE_STATUS_REFUSED_HANDSHAKE_H_

#include "grpcpp/support/status.h"

namespace microovn {

// Whether the other end was reached and the two did not agree on TLS: one does
// not trust the other. Not of a call that waited for its channel, which only
// hears that its time is over.
bool IsRefusedHandshake(const grpc::Status& status);

}  // namespace microovn

#endif  // MICROOVN_BASE_STATUS_REFUSED_HANDSHAKE_H_
