#include "agent/identity/certificate_renewal.h"

#include <string>
#include <vector>

#include "agent/state/testing/commands.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(NextRenewalStepTest, IsDecidedFromTheRecordAndTheTime) {
  const absl::Time start = absl::FromUnixSeconds(kTestTime);
  constexpr auto kActive = statepb::Member::STATE_ACTIVE;
  constexpr auto kNothing = RenewalStep::kNothing;
  constexpr auto kRenew = RenewalStep::kRenew;
  constexpr auto kRetire = RenewalStep::kRetireOldKeys;
  const struct {
    const char* what;
    statepb::Member::State state;
    std::vector<std::string> keys;
    absl::Duration after_start;
    absl::Duration shown_for;
    RenewalStep step;
  } cases[] = {
      {"young", kActive, {"new"}, absl::Hours(1), absl::Hours(1), kNothing},
      {"before its time",
       kActive,
       {"new"},
       absl::Hours(15) - absl::Seconds(1),
       absl::Hours(1),
       kNothing},
      {"at its time",
       kActive,
       {"new"},
       absl::Hours(15),
       absl::Hours(1),
       kRenew},
      {"expired", kActive, {"new"}, absl::Hours(31), absl::Hours(1), kRenew},
      {"made under a clock that was ahead",
       kActive,
       {"new"},
       -absl::Hours(1),
       absl::Hours(1),
       kRenew},
      {"renewed a moment ago",
       kActive,
       {"old", "new"},
       absl::Hours(1),
       kKeyOverlap - absl::Milliseconds(1),
       kNothing},
      {"renewed a while ago",
       kActive,
       {"old", "new"},
       absl::Hours(1),
       kKeyOverlap,
       kRetire},
      {"due again before the old key is retired",
       kActive,
       {"old", "new"},
       absl::Hours(20),
       absl::Hours(1),
       kRenew},
      {"not registered: nothing else may be taken away",
       kActive,
       {"old", "other"},
       absl::Hours(1),
       absl::Hours(1),
       kNothing},
      {"joining",
       statepb::Member::STATE_JOINING,
       {"new"},
       absl::Hours(20),
       absl::Hours(1),
       kNothing},
      {"leaving",
       statepb::Member::STATE_LEAVING,
       {"old", "new"},
       absl::Hours(20),
       absl::Hours(1),
       kNothing},
  };
  for (const auto& test : cases) {
    statepb::Member self;
    self.set_state(test.state);
    for (const std::string& key : test.keys) self.add_spki_sha256(key);
    ShownCertificate shown;
    shown.spki_sha256 = "new";
    shown.validity = {start, start + absl::Hours(30)};
    shown.renewal_time = start + absl::Hours(15);
    shown.shown_since = absl::Hours(100);
    EXPECT_EQ(NextRenewalStep(self, shown, start + test.after_start,
                              shown.shown_since + test.shown_for),
              test.step)
        << test.what;
  }
}

}  // namespace
}  // namespace microovn::agent
