// SPDX-License-Identifier: Apache-2.0
#include "agent/refresh/refresh_certificates.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kDay = absl::Hours(24);

void Add(v1::ListCertificatesResponse& list, const std::string& service,
         absl::Time end) {
  v1::Certificate* certificate = list.add_certificates();
  certificate->set_service(service);
  certificate->set_verified(true);
  certificate->mutable_expire_time()->set_seconds(absl::ToUnixSeconds(end));
}

TEST(ServicesToReissue, ThoseThatEndSoon) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  v1::ListCertificatesResponse list;
  EXPECT_THAT(ServicesToReissue(list, now, 10 * kDay), IsEmpty());
  Add(list, "ca", now + kDay);
  Add(list, "ovnnb", now + 10 * kDay);
  Add(list, "ovnsb", now + 10 * kDay + absl::Seconds(1));
  Add(list, "client", now - kDay);
  EXPECT_THAT(ServicesToReissue(list, now, 10 * kDay),
              ElementsAre("ovnnb", "client"));
  EXPECT_THAT(ServicesToReissue(list, now, 11 * kDay),
              ElementsAre("ovnnb", "ovnsb", "client"));
}

TEST(ServicesToReissue, ThoseThatCannotBeUsed) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  v1::ListCertificatesResponse list;
  Add(list, "ovnnb", now + 100 * kDay);
  Add(list, "ovnsb", now + 100 * kDay);
  list.mutable_certificates(0)->set_verified(false);
  list.mutable_certificates(1)->clear_expire_time();
  EXPECT_THAT(ServicesToReissue(list, now, kDay),
              ElementsAre("ovnnb", "ovnsb"));
}

}  // namespace
}  // namespace microovn::agent
