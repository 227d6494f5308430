// SPDX-License-Identifier: Apache-2.0
// A power cut on disks that lie: so many voters lose acknowledged writes that
// no leader can come. What ends it is `microovnd --recover`, on one member
// after the other, the one whose log ends last first, until there is a leader.
// No entry is lost that a sound member, or one of those, still has; what else
// was committed is the accepted loss.
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "raft/core/log/possible_loss.h"
#include "raft/proof/sim/sim_cluster.h"
#include "raft/proof/sim/sim_options.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kSeeds = 100;
constexpr Micros kSecond = 1'000'000;

struct Covered {
  uint64_t runs = 0;
  uint64_t with_loss = 0;
  uint64_t without_loss = 0;
};

SimOptions OptionsFor(uint64_t seed) {
  SimOptions options;
  options.seed = seed;
  options.voters = 1 + 2 * static_cast<size_t>(seed % 3);
  options.core.election_timeout = 100'000;
  options.core.heartbeat_interval = 20'000;
  options.core.retained_entries = 5 + seed % 30;
  options.client_pause = 2'000;
  options.tail_loss_every = 1;  // the disks remember what they may lose
  return options;
}

class Outage {
 public:
  explicit Outage(uint64_t seed)
      : cluster_(OptionsFor(seed)), needed_(cluster_.size() / 2 + 1) {}

  // Says what is broken; empty: nothing is.
  std::string Run(Covered& covered);

 private:
  void CutPower();
  bool Leads(Micros patience);
  bool Commits(Micros patience);
  std::vector<size_t> Quarantined() const;
  size_t LongestLog() const;

  mutable SimCluster cluster_;
  const size_t needed_;
};

void Outage::CutPower() {
  for (size_t slot = 0; slot < cluster_.size(); ++slot) cluster_.Crash(slot);
  while (cluster_.size() - Quarantined().size() >= needed_) {
    const size_t victim = cluster_.random().Uniform(cluster_.size());
    cluster_.LoseTail(victim);
  }
  // What the last leader sent is gone with the switches: by it a member could
  // still be brought past what it lost.
  cluster_.RunUntil(cluster_.now() + kSecond);
}

std::vector<size_t> Outage::Quarantined() const {
  std::vector<size_t> slots;
  for (size_t slot = 0; slot < cluster_.size(); ++slot) {
    if (cluster_.member(slot).disk.in_quarantine()) slots.push_back(slot);
  }
  return slots;
}

// As `microovnd --recover` shows it on each of them.
size_t Outage::LongestLog() const {
  const std::vector<size_t> slots = Quarantined();
  return *std::max_element(slots.begin(), slots.end(), [&](size_t a, size_t b) {
    const LogPosition left = EndOf(cluster_.member(a).disk.Recover());
    const LogPosition right = EndOf(cluster_.member(b).disk.Recover());
    return std::tie(left.term, left.index) < std::tie(right.term, right.index);
  });
}

bool Outage::Leads(Micros patience) {
  for (const Time end = cluster_.now() + patience;
       cluster_.now() < end && cluster_.failure().empty();) {
    cluster_.RunUntil(cluster_.now() + kSecond / 10);
    if (cluster_.Leader().has_value()) return true;
  }
  return false;
}

bool Outage::Commits(Micros patience) {
  const uint64_t writes = cluster_.history().writes();
  for (const Time end = cluster_.now() + patience;
       cluster_.now() < end && cluster_.failure().empty();) {
    cluster_.RunUntil(cluster_.now() + kSecond / 10);
    if (cluster_.history().writes() > writes + 10) return true;
  }
  return false;
}

std::string Outage::Run(Covered& covered) {
  if (!Commits(20 * kSecond)) return "nothing was committed";
  CutPower();
  for (size_t slot = 0; slot < cluster_.size(); ++slot) cluster_.Start(slot);
  if (Leads(10 * kSecond)) return "a leader came without a majority";

  const LogIndex before = cluster_.committed();
  LogIndex kept;
  for (size_t slot = 0; slot < cluster_.size(); ++slot) {
    cluster_.Crash(slot);
    if (!cluster_.member(slot).disk.in_quarantine()) {
      kept = std::max(kept, cluster_.CommittedOn(slot));
    }
  }
  while (cluster_.size() - Quarantined().size() < needed_) {
    const size_t slot = LongestLog();
    kept = std::max(kept, cluster_.CommittedOn(slot));
    cluster_.member(slot).disk.EndQuarantine();
  }
  ++covered.runs;
  ++(kept < before ? covered.with_loss : covered.without_loss);
  cluster_.AcceptLoss(std::min(kept, before));
  for (size_t slot = 0; slot < cluster_.size(); ++slot) cluster_.Start(slot);
  if (!Commits(20 * kSecond)) {
    return absl::StrCat("no leader after it was decided; ", cluster_.failure());
  }
  cluster_.RunUntil(cluster_.now() + 5 * kSecond);
  for (const size_t slot : Quarantined()) {
    return absl::StrCat("slot ", slot, " is still in quarantine");
  }
  return cluster_.failure();
}

TEST(RecoveryTest, AMajorityInQuarantineComesBackAndLosesOnlyWhatNobodyHas) {
  Covered covered;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ASSERT_EQ(Outage(seed).Run(covered), "") << "seed " << seed;
  }
  EXPECT_EQ(covered.runs, kSeeds);
  // Both kinds must have been met, or the test proves nothing.
  EXPECT_GT(covered.with_loss, kSeeds / 20);
  EXPECT_GT(covered.without_loss, kSeeds / 20);
}

}  // namespace
}  // namespace microovn::raft
