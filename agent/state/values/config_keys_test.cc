// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/config_keys.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::HasSubstr;
using testing::IsNull;

std::string SeventeenAddresses() {
  std::string value = "10.0.0.1";
  for (int i = 2; i <= 17; ++i) absl::StrAppend(&value, ",10.0.0.", i);
  return value;
}

TEST(ConfigKeysTest, ValuesAreValidatedByTheirKey) {
  const struct {
    std::string key;
    std::string value;
    bool valid;
  } cases[] = {
      {kConfigCentralIps, "10.0.0.1", true},
      {kConfigCentralIps, "10.0.0.1,10.0.0.2", true},
      {kConfigCentralIps, "2001:db8::1,10.0.0.2", true},
      {kConfigCentralIps, "", false},
      {kConfigCentralIps, "10.0.0.1,", false},
      {kConfigCentralIps, ",10.0.0.1", false},
      {kConfigCentralIps, "10.0.0.1,,10.0.0.2", false},
      {kConfigCentralIps, "127.0.0", false},
      {kConfigCentralIps, "[2001:db8::1]", false},
      {kConfigCentralIps, "10.0.0.1, 10.0.0.2", false},
      {kConfigCentralIps, "10.0.0.1,10.0.0.1", false},
      {kConfigCentralIps, "2001:db8::1,2001:DB8:0::1", false},
      {kConfigCentralIps, "central.example", false},
      {kConfigCentralIps, "10.0.0.1:6641", false},
      {kConfigCentralIps, SeventeenAddresses(), false},
      {kConfigCentralCount, "1", true},
      {kConfigCentralCount, "5", true},
      {kConfigCentralCount, "2", false},
      {kConfigCentralCount, "03", false},
      {kConfigUpgrade, "automatic", true},
      {kConfigUpgrade, "hold", true},
      {kConfigUpgrade, "held", false},
      {kConfigUpgrade, "", false},
      {kConfigVoters, "3", true},
      {kConfigVoters, "5", true},
      {kConfigVoters, "1", false},
      {kConfigVoters, "4", false},
      {kConfigVoters, "7", false},
      {kConfigCertificateLifetime, "60", true},
      {kConfigCertificateLifetime, "59", false},
      {kConfigCertificateLifetime, "31536001", false},
      {kConfigOvnCertificateLifetime, "60", true},
      {kConfigOvnCertificateLifetime, "59", false},
      {kConfigOvnCertificateLifetime, "315360000", true},
      {kConfigOvnCertificateLifetime, "315360001", false},
      {kConfigVoterTimeout, "5", true},
      {kConfigVoterTimeout, "3600", true},
      {kConfigVoterTimeout, "4", false},
      {kConfigVoterTimeout, "3601", false},
      {kConfigVoterTimeout, "020", false},
      {kConfigVoterTimeout, "20s", false},
      {kConfigVoters, "", false},
      {kConfigLogLevel, "off", true},
      {kConfigLogLevel, "emer", true},
      {kConfigLogLevel, "err", true},
      {kConfigLogLevel, "warn", true},
      {kConfigLogLevel, "info", true},
      {kConfigLogLevel, "dbg", true},
      {kConfigLogLevel, "DBG", false},
      {kConfigLogLevel, "debug", false},
      {kConfigLogLevel, "", false},
      {kConfigElectionTimer, "1000", true},
      {kConfigElectionTimer, "60000", true},
      {kConfigElectionTimer, "999", false},
      {kConfigElectionTimer, "60001", false},
      {kConfigElectionTimer, "16s", false},
      {kConfigEncapsulation, "geneve", true},
      {kConfigEncapsulation, "vxlan", true},
      {kConfigEncapsulation, "geneve,vxlan", true},
      {kConfigEncapsulation, "vxlan,geneve", false},
      {kConfigEncapsulation, "geneve,geneve", false},
      {kConfigEncapsulation, "geneve, vxlan", false},
      {kConfigEncapsulation, "stt", false},
      {kConfigEncapsulation, "", false},
      {kConfigProbeInterval, "0", true},
      {kConfigProbeInterval, "1000", true},
      {kConfigProbeInterval, "3600000", true},
      {kConfigProbeInterval, "999", false},
      {kConfigProbeInterval, "3600001", false},
      {kConfigProbeInterval, "-1", false},
      {kConfigProbeInterval, "00", false},
      {kConfigProbeInterval, "60s", false},
      {kConfigProbeInterval, "", false},
      {kConfigUpgradeSlot, "node1", true},
      {kConfigUpgradeSlot, "rack1.node-1", true},
      {kConfigUpgradeSlot, "", false},
      {kConfigUpgradeSlot, "-node1", false},
      {kConfigUpgradeSlot, "node1 node2", false},
      {kConfigUpgradeSlot, "../node1", false},
  };
  for (const auto& c : cases) {
    const absl::Status status = ValidateConfig(c.key, c.value);
    EXPECT_EQ(status.ok(), c.valid)
        << c.key << "=" << c.value << ": " << status;
    EXPECT_THAT(status, HasReason(c.valid ? "" : "CONFIG_VALUE_INVALID"));
  }
}

TEST(ConfigKeysTest, ABadValueIsToldWhatIsAllowed) {
  const absl::Status status = ValidateConfig(kConfigVoters, "4");
  EXPECT_THAT(DetailOf(status).remedy, HasSubstr("3 or 5"));
}

TEST(ConfigKeysTest, WhatMakesThingsWorseIsWarnedOf) {
  for (const ConfigKey& key : ConfigKeys()) {
    EXPECT_EQ(ConfigWarning(key.name, key.default_value), "");
  }
  EXPECT_THAT(ConfigWarning(kConfigEncapsulation, "vxlan"), HasSubstr("4095"));
  EXPECT_THAT(ConfigWarning(kConfigEncapsulation, "geneve,vxlan"),
              HasSubstr("4095"));
  EXPECT_THAT(ConfigWarning(kConfigProbeInterval, "0"), HasSubstr("TCP"));
  EXPECT_EQ(ConfigWarning(kConfigProbeInterval, "1000"), "");
  EXPECT_EQ(ConfigWarning(kConfigCentralIps, "0"), "");
}

TEST(ConfigKeysTest, AnUnknownKeyIsToldTheKnownOnes) {
  const absl::Status status = ValidateConfig("ovn.central-ip", "10.0.0.1");
  EXPECT_THAT(status, HasReason("CONFIG_KEY_UNKNOWN"));
  EXPECT_THAT(DetailOf(status).remedy, HasSubstr("ovn.central-ips"));
  EXPECT_THAT(FindConfigKey("ovn.central-ip"), IsNull());
}

TEST(ConfigKeysTest, TheRegistryIsSortedAndItsDefaultsAreValid) {
  std::vector<std::string> names;
  for (const ConfigKey& key : ConfigKeys()) {
    names.push_back(std::string(key.name));
    EXPECT_FALSE(key.description.empty());
    EXPECT_TRUE(key.default_value.empty() || key.valid(key.default_value));
  }
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

// A section for each key, in their order, that begins with its default and what
// it takes; and no section of a key that there is not.
TEST(ConfigKeysTest, ThePageOfSettingsSaysTheSame) {
  const auto page = ReadFile("docs/reference/settings.md", 1 << 20);
  ASSERT_OK(page);
  std::vector<std::string> headings, keys;
  for (absl::string_view line : absl::StrSplit(*page, '\n')) {
    if (absl::ConsumePrefix(&line, "## "))
      headings.push_back(std::string(line));
  }
  for (const ConfigKey& key : ConfigKeys()) {
    keys.push_back(std::string(key.name));
    const std::string value = key.default_value.empty()
                                  ? "none"
                                  : absl::StrCat("`", key.default_value, "`");
    const std::string begins =
        absl::StrCat("## ", key.name, "\n\n* Default: ", value);
    const std::string takes = absl::StrCat("\n* Takes: ", key.allowed, "\n\n");
    EXPECT_THAT(*page, HasSubstr(begins));
    EXPECT_TRUE(absl::StrContains(
        page->substr(std::min(page->find(begins), page->size()), 200), takes))
        << key.name << takes;
  }
  EXPECT_EQ(headings, keys);
}

}  // namespace
}  // namespace microovn::agent
