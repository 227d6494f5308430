// SPDX-License-Identifier: Apache-2.0
#include "pki/authority/renewal_policy.h"

#include <algorithm>

#include "pki/certificate/certificate.h"

namespace microovn::pki {
namespace {

// Parts per million are fine enough for a jitter.
constexpr int64_t kMillion = 1'000'000;
constexpr int64_t kMaxJitter = kMillion / 10;

}  // namespace

absl::Duration OvnRenewalWindow(const Validity& validity) {
  // Its life begins when it was made, not at the date it bears.
  const absl::Duration life =
      validity.not_after - validity.not_before - kBackdating;
  return std::min(kOvnRenewalWindow, std::max(life, absl::ZeroDuration()) / 2);
}

RenewalReason OvnRenewal(const Validity& validity, absl::Time now) {
  return MemberRenewal(validity,
                       validity.not_after - OvnRenewalWindow(validity), now);
}

bool CaRenewalIsDue(const Validity& validity, bool user_supplied,
                    absl::Time now) {
  if (user_supplied) return false;
  // Made under a clock that was ahead: nothing that it issues is valid yet.
  if (now < validity.not_before) return true;
  const absl::Duration life =
      validity.not_after - validity.not_before - kBackdating;
  const absl::Duration window =
      std::min(kCaRenewalWindow, std::max(life, absl::ZeroDuration()) / 4);
  return now >= validity.not_after - window;
}

absl::Time MemberRenewalTime(const Validity& validity, RandomSource& random) {
  // not_before lies kBackdating before the making. That moves the half of a
  // month by minutes, which is nothing; a lifetime shorter than kBackdating
  // would be due from the start.
  const absl::Duration half = (validity.not_after - validity.not_before) / 2;
  const int64_t jitter =
      static_cast<int64_t>(random.Uniform(2 * kMaxJitter + 1)) - kMaxJitter;
  return validity.not_before + half + (half / kMillion) * jitter;
}

RenewalReason MemberRenewal(const Validity& validity, absl::Time renewal_time,
                            absl::Time now) {
  // Expiry first: it is what a finding names, whatever else is wrong.
  if (now >= validity.not_after) return RenewalReason::kExpired;
  if (now < validity.not_before) return RenewalReason::kNotYetValid;
  if (now >= renewal_time) return RenewalReason::kDue;
  return RenewalReason::kNone;
}

}  // namespace microovn::pki
