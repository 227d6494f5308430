#include "agent/state/values/config_keys.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
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
      {kConfigVoters, "3", true},
      {kConfigVoters, "5", true},
      {kConfigVoters, "1", false},
      {kConfigVoters, "4", false},
      {kConfigVoters, "7", false},
      {kConfigCertificateLifetime, "60", true},
      {kConfigCertificateLifetime, "59", false},
      {kConfigCertificateLifetime, "31536001", false},
      {kConfigVoterTimeout, "5", true},
      {kConfigVoterTimeout, "3600", true},
      {kConfigVoterTimeout, "4", false},
      {kConfigVoterTimeout, "3601", false},
      {kConfigVoterTimeout, "020", false},
      {kConfigVoterTimeout, "20s", false},
      {kConfigVoters, "", false},
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

}  // namespace
}  // namespace microovn::agent
