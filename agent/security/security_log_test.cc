// SPDX-License-Identifier: Apache-2.0
#include "agent/security/security_log.h"

#include "base/testing/fake_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

class SecurityLogTest : public testing::Test {
 protected:
  std::string Taken() { return std::exchange(written_, ""); }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::string written_;
  SecurityLog log_{&clock_,
                   [this](const std::string& line) { written_ += line; }};
};

constexpr char kTime[] = "time=2023-11-14T22:13:20+00:00 level=info ";

TEST_F(SecurityLogTest, StartAndEnd) {
  log_.Startup("7.8.9");
  EXPECT_EQ(Taken(), std::string(kTime) +
                         "security=true category=SYS event=sys_startup "
                         "version=7.8.9\n");
  log_.Shutdown();
  EXPECT_EQ(Taken(), std::string(kTime) +
                         "security=true category=SYS event=sys_shutdown\n");
}

TEST_F(SecurityLogTest, ChangesAreWrittenAndReadsAreNot) {
  log_.Changed("microovn.v1.ConfigService/UpdateConfig", "uid 0", "node1",
               "ok");
  EXPECT_EQ(Taken(), std::string(kTime) +
                         "security=true category=AUTHZ event=authz_admin "
                         "action=UpdateConfig subject=\"uid 0\" node=node1 "
                         "outcome=ok\n");
  log_.Changed("microovn.v1.CertificateService/ReissueCertificates", "member",
               "node1", "NO_QUORUM");
  EXPECT_EQ(Taken(), std::string(kTime) +
                         "security=true category=AUTHN "
                         "event=authn_password_changed "
                         "action=ReissueCertificates subject=member "
                         "node=node1 outcome=NO_QUORUM\n");
  for (const char* read : {"microovn.v1.StatusService/GetStatus",
                           "microovn.v1.ClusterService/ListMembers", "x"}) {
    log_.Changed(read, "s", "n", "ok");
    EXPECT_EQ(Taken(), "") << read;
  }
}

TEST_F(SecurityLogTest, RefusalsAreCountedAndDoNotFillTheLog) {
  const auto refuse = [this](const char* action) {
    log_.Refused(action, "member:node4", "node1", "METHOD_NOT_ALLOWED");
    return Taken();
  };
  const std::string line =
      std::string(kTime) +
      "security=true category=AUTHZ event=authz_fail "
      "action=propose_set_config subject=member:node4 node=node1 "
      "outcome=METHOD_NOT_ALLOWED count=";
  EXPECT_EQ(refuse("propose_set_config"), line + "1\n");
  EXPECT_EQ(refuse("propose_set_config"), "");
  EXPECT_NE(refuse("propose_set_authority"), "");
  clock_.Advance(absl::Seconds(11));
  EXPECT_THAT(refuse("propose_set_config"), testing::HasSubstr(" count=3\n"));
}

TEST_F(SecurityLogTest, ForeignTextStaysOneField) {
  log_.Changed("/RemoveMember", "a\"b\nc\\", "", "ok");
  EXPECT_EQ(Taken(),
            std::string(kTime) +
                "security=true category=AUTHZ event=authz_admin "
                "action=RemoveMember subject=\"a\\\"b\\\\nc\\\\\" node=\"\" "
                "outcome=ok\n");
}

}  // namespace
}  // namespace microovn::agent
