// SPDX-License-Identifier: Apache-2.0
// OpenSSL's per-thread error queue as absl::Status.
//
// Every function of this folder that calls OpenSSL opens with
// ScopedOpensslErrors, so that an error is never blamed on the wrong call.
#ifndef MICROOVN_PKI_OPENSSL_OPENSSL_ERROR_H_
#define MICROOVN_PKI_OPENSSL_OPENSSL_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::pki {

// Empties this thread's queue and returns what the oldest entry, the cause,
// says in words ("bad signature"); "unknown cause" for an empty queue.
// Later entries are the layers above that failed because of it.
std::string TakeOpensslError();

// INTERNAL, "WHAT: CAUSE". Empties the queue.
absl::Status OpensslError(absl::string_view what);

// Starts with an empty queue and checks that it is left empty: a leftover would
// be taken by the next user of this thread, gRPC among them, for its own.
class ScopedOpensslErrors {
 public:
  // Foreign leftovers are dropped, not checked: gRPC's handshakes run on the
  // same threads and do leave some.
  ScopedOpensslErrors();
  ~ScopedOpensslErrors();
  ScopedOpensslErrors(const ScopedOpensslErrors&) = delete;
  ScopedOpensslErrors& operator=(const ScopedOpensslErrors&) = delete;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_OPENSSL_OPENSSL_ERROR_H_
