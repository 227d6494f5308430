// SPDX-License-Identifier: Apache-2.0
#include "pki/authority/renewal_policy.h"

#include <algorithm>

#include "base/crypto/random.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate.h"

namespace microovn::pki {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

TEST(RenewalPolicy, OvnCertificatesInTheirLastTenDays) {
  const Validity validity = {kStart, kStart + 730 * kDay};
  struct Case {
    absl::Duration age;
    RenewalReason reason;
  };
  const Case cases[] = {
      {-absl::Seconds(1), RenewalReason::kNotYetValid},
      {absl::ZeroDuration(), RenewalReason::kNone},
      {720 * kDay - absl::Seconds(1), RenewalReason::kNone},
      {720 * kDay, RenewalReason::kDue},
      {730 * kDay - absl::Seconds(1), RenewalReason::kDue},
      {730 * kDay, RenewalReason::kExpired},
      {3650 * kDay, RenewalReason::kExpired},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(OvnRenewal(validity, kStart + c.age), c.reason) << c.age;
  }
}

TEST(RenewalPolicy, AShortLifeIsRenewedAtItsHalf) {
  // It bears a date of the day before.
  const Validity validity = {kStart - kBackdating, kStart + absl::Seconds(60)};
  EXPECT_EQ(OvnRenewalWindow(validity), absl::Seconds(30));
  EXPECT_EQ(OvnRenewal(validity, kStart + absl::Seconds(29)),
            RenewalReason::kNone);
  EXPECT_EQ(OvnRenewal(validity, kStart + absl::Seconds(30)),
            RenewalReason::kDue);
  EXPECT_EQ(OvnRenewalWindow({kStart, kStart}), absl::ZeroDuration());
}

TEST(RenewalPolicy, ACaThatTheClusterMadeGetsASuccessorInTime) {
  const Validity decade = {kStart - kBackdating, kStart + 3650 * kDay};
  EXPECT_FALSE(CaRenewalIsDue(decade, false, kStart));
  EXPECT_TRUE(CaRenewalIsDue(decade, false, kStart - 2 * kDay))
      << "of the future";
  EXPECT_FALSE(CaRenewalIsDue(decade, true, kStart - 2 * kDay));
  EXPECT_FALSE(CaRenewalIsDue(decade, false, kStart + 3549 * kDay));
  EXPECT_TRUE(CaRenewalIsDue(decade, false, kStart + 3550 * kDay));
  EXPECT_TRUE(CaRenewalIsDue(decade, false, kStart + 3650 * kDay));
  EXPECT_FALSE(CaRenewalIsDue(decade, true, kStart + 3650 * kDay));
  const Validity brief = {kStart - kBackdating, kStart + 4 * kDay};
  EXPECT_FALSE(CaRenewalIsDue(brief, false, kStart + 2 * kDay));
  EXPECT_TRUE(CaRenewalIsDue(brief, false, kStart + 3 * kDay));
}

TEST(RenewalPolicy, MemberCertificatesAtHalfLifeGiveOrTakeATenth) {
  const Validity validity = {kStart, kStart + 30 * kDay};
  SeededRandom random(1);
  absl::Time earliest = absl::InfiniteFuture();
  absl::Time latest = absl::InfinitePast();
  for (int i = 0; i < 1000; ++i) {
    const absl::Time at = MemberRenewalTime(validity, random);
    earliest = std::min(earliest, at);
    latest = std::max(latest, at);
  }
  // Within the range, and using most of it.
  EXPECT_GE(earliest, kStart + 15 * kDay - 1.5 * kDay);
  EXPECT_LE(latest, kStart + 15 * kDay + 1.5 * kDay);
  EXPECT_LT(earliest, kStart + 15 * kDay - 1.4 * kDay);
  EXPECT_GT(latest, kStart + 15 * kDay + 1.4 * kDay);
}

TEST(RenewalPolicy, MemberCertificateIsDueFromItsTimeOn) {
  const Validity validity = {kStart, kStart + 30 * kDay};
  const absl::Time at = kStart + 15 * kDay;
  EXPECT_EQ(MemberRenewal(validity, at, kStart - absl::Seconds(1)),
            RenewalReason::kNotYetValid);
  EXPECT_EQ(MemberRenewal(validity, at, at - absl::Seconds(1)),
            RenewalReason::kNone);
  EXPECT_EQ(MemberRenewal(validity, at, at), RenewalReason::kDue);
  EXPECT_EQ(MemberRenewal(validity, at, validity.not_after),
            RenewalReason::kExpired);
}

}  // namespace
}  // namespace microovn::pki
