// SPDX-License-Identifier: Apache-2.0
// Takes the dates of certificates out of TLS handshakes in this process, for a
// program that judges them itself.
//
// A member whose certificate has expired must still reach the log and its
// renewal, or members that have all been off for too long lock each other out
// for good; everything else stays closed to it. OpenSSL knows no such
// difference: it verifies chain, purpose and strength as before, and whoever
// makes TLS credentials then looks at the dates for each call.
#ifndef MICROOVN_PKI_CERTIFICATE_TLS_DATES_H_
#define MICROOVN_PKI_CERTIFICATE_TLS_DATES_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "pki/certificate/certificate.h"

namespace microovn::pki {

// For all handshakes that rely on OpenSSL's own verification. Later calls
// return what the first did. The first must not run beside a handshake.
// There is no way back and no exception: after it, a listener or a channel that
// forgets CheckDates accepts expired peers.
absl::Status LeaveDatesToCallers();

// OK, or CERTIFICATE_REFUSED with one sentence, when `certificate` is not
// valid at `at`.
absl::Status CheckDates(const Certificate& certificate, absl::Time at);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_CERTIFICATE_TLS_DATES_H_
