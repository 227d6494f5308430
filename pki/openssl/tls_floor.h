// SPDX-License-Identifier: Apache-2.0
// What TLS may be in this process, whoever opens the connection: version 1.3
// only and no session tickets.
//
// gRPC 1.51 sets its own minimum version and lets an expired or removed peer
// resume a session; both are overruled by OpenSSL's defaults for new contexts,
// which this sets in the process: no file and no environment variable to lose.
// A resumed session skips the certificate, and with it every check of who the
// peer is (RFC 8446 2.2); without tickets each connection shows its certificate
// anew.
#ifndef MICROOVN_PKI_OPENSSL_TLS_FLOOR_H_
#define MICROOVN_PKI_OPENSSL_TLS_FLOOR_H_

#include "absl/status/status.h"

namespace microovn::pki {

// Call it in main before the first key or TLS credential is made; also sets up
// the memory that private keys are held in, outside of core dumps and swap as
// far as the process's limits allow. Later calls return what the first did.
// Thread-safe.
absl::Status ApplyTlsFloor();

// Whether that memory, a megabyte at most, is kept out of swap; not before
// ApplyTlsFloor. Thread-safe.
bool PrivateKeysAreLocked();

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_OPENSSL_TLS_FLOOR_H_
