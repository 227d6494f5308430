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
#include "base/random.h"

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

// For OVN's certificates: due within `window` of their end.
RenewalReason OvnRenewal(const Validity& validity, absl::Time now,
                         absl::Duration window = kOvnRenewalWindow);

// For member certificates: half of their life, moved by up to a tenth of that
// half either way, so that members do not all come at once. Draw it once per
// certificate.
absl::Time MemberRenewalTime(const Validity& validity, RandomSource& random);

// Due from `renewal_time` on.
RenewalReason MemberRenewal(const Validity& validity, absl::Time renewal_time,
                            absl::Time now);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_AUTHORITY_RENEWAL_POLICY_H_
