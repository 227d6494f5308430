// SPDX-License-Identifier: Apache-2.0
// The wording of what can go wrong with certificates, keys and tokens: one
// constructor for each reason, so that codes, reasons and remedies agree.
//
// `why` is a clause that ends the sentence, without a full stop. Free
// functions, thread-safe.
//
// The code says who has to act. INVALID_ARGUMENT: what somebody typed or sent
// is wrong and stays wrong, so nothing is tried again. FAILED_PRECONDITION: a
// file, a clock or the cluster's state has to change first. UNAUTHENTICATED:
// the other side is not who it has to be. UNAVAILABLE: the caller may try
// again.
#ifndef MICROOVN_PKI_ERRORS_H_
#define MICROOVN_PKI_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace microovn::pki {

// What was given cannot be read or is not acceptable.
absl::Status CertificateInvalid(absl::string_view why);
absl::Status PrivateKeyInvalid(absl::string_view why);
absl::Status CertificateRequestInvalid(absl::string_view why);
absl::Status CaInvalid(absl::string_view why);
absl::Status MemberNameInvalid(absl::string_view name, absl::string_view why);
absl::Status AddressInvalid(absl::string_view address, absl::string_view why);

// A chain of certificates that does not hold.
absl::Status CertificateRefused(absl::string_view subject,
                                absl::string_view why);
// A peer whose certificate says something we do not accept.
absl::Status PeerIdentityRefused(absl::string_view why);

// Join tokens.
// How a token broke is told apart, because the remedies differ: copying the
// line again mends a short or altered one, and never one for another system.
absl::Status TokenMalformed(absl::string_view why);
absl::Status TokenTruncated();
absl::Status TokenTooLong(size_t limit);
absl::Status TokenCorrupt();
absl::Status TokenNameMismatch(absl::string_view token_name,
                               absl::string_view own_name);
// Without a remedy: who sends an honest statement never meets this.
absl::Status JoinStatementRefused();

// Finding the cluster with a token.
absl::Status CaPinMismatch(absl::string_view address);
// `here` by this system's clock; the token was made `there` by the cluster's.
absl::Status ClocksDiffer(absl::Time here, absl::Time there);
absl::Status JoinAddressUnusable(absl::string_view address,
                                 absl::string_view why);

// Custody and files.
absl::Status SealedKeyUnreadable(absl::string_view why);
// `means` is a CustodyText. The key is there, but what keeps it does not give
// it; and: it cannot keep a key.
absl::Status SealingKeyOutOfReach(absl::string_view means,
                                  absl::string_view why);
absl::Status SealingMeansNotAvailable(absl::string_view means,
                                      absl::string_view why);
absl::Status PrivateFileRefused(absl::string_view path, absl::string_view why);
absl::Status CertificateSetInvalid(absl::string_view why);
// `wait` is all it takes: the caller keeps its set and publishes it then.
absl::Status PublishTooSoon(absl::Duration wait);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_ERRORS_H_
