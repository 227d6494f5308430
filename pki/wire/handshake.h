// SPDX-License-Identifier: Apache-2.0
// A TLS client's handshake over a Socket, so that every wait has its deadline.
#ifndef MICROOVN_PKI_WIRE_HANDSHAKE_H_
#define MICROOVN_PKI_WIRE_HANDSHAKE_H_

#include <openssl/ssl.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/wire/socket.h"

namespace microovn::pki {

using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;

// A client that works on memory; Handshake moves what it reads and writes.
absl::StatusOr<SslPtr> MakeSession(SSL_CTX* context);

// UNAVAILABLE when the other side does not finish it in `protocol`, as people
// call it. Whether our own certificate still arrived is not known.
absl::Status Handshake(SSL* session, Socket& socket,
                       absl::string_view protocol);

// Says goodbye, so that the other side does not log an error.
void Close(SSL* session, Socket& socket);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_WIRE_HANDSHAKE_H_
