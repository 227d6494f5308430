// SPDX-License-Identifier: Apache-2.0
// When a certificate is renewed: pure.
//
// Two policies, because the costs differ. OVN's certificates live for two
// years, and replacing one reconnects daemons: late is right. A member's lives
// for a month and is replaced without anybody noticing: half its life leaves
// two weeks in which the cluster may be without a majority.
#ifndef MICROOVN_PKI_AUTHORITY_RENEWAL_POLICY_H_
#define MICROOVN_PKI_AUTHORITY_RENEWAL_POLICY_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"

namespace microovn::pki {

// MicroOVN's documented window for OVN's certificates.
inline constexpr absl::Duration kOvnRenewalWindow = absl::Hours(10 * 24);

struct Validity {
  absl::Time not_before;
  absl::Time not_after;
};

enum class RenewalReason {
  kNone,
  kExpired,
  // Its window has come.
  kDue,
  // Made under a clock that was ahead: useless until then, maybe for years.
  // Whoever renews must not take it for a good one because its end is far.
  kNotYetValid,
};

// How long before its end a certificate of OVN's is due: kOvnRenewalWindow, or
// half of a life that is shorter than twice that.
absl::Duration OvnRenewalWindow(const Validity& validity);

// For OVN's certificates.
RenewalReason OvnRenewal(const Validity& validity, absl::Time now);

// Before the end of a CA that the cluster has made: before people are told that
// it ends, and never so early that a short life is rotated all the time.
inline constexpr absl::Duration kCaRenewalWindow = absl::Hours(100 * 24);

// Whether a CA's successor is to be made now: of one that the cluster has made
// itself, in its last kCaRenewalWindow or last quarter of its life, whichever
// is shorter, after its end, and before its beginning. Nobody makes the
// successor of yours.
bool CaRenewalIsDue(const Validity& validity, bool user_supplied,
                    absl::Time now);

// For member certificates: half of their life, moved by up to a tenth of that
// half either way, so that members do not all come at once. Draw it once per
// certificate.
absl::Time MemberRenewalTime(const Validity& validity, RandomSource& random);

// Due from `renewal_time` on.
RenewalReason MemberRenewal(const Validity& validity, absl::Time renewal_time,
                            absl::Time now);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_AUTHORITY_RENEWAL_POLICY_H_
