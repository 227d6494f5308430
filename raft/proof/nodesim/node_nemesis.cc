// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/nodesim/node_nemesis.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace microovn::raft {
namespace {

constexpr Micros kLongestSlowness = 500'000;
// Operations of the disk until a fault: within the next call or the next few.
constexpr uint64_t kSoon = 12;
constexpr uint64_t kLater = 120;

}  // namespace

NodeNemesis::NodeNemesis(NodeCluster* cluster) : cluster_(cluster) {
  const NodeSimOptions& options = cluster->options();
  const auto add = [this](Micros every, void (NodeNemesis::*action)()) {
    kinds_.push_back(
        {[this, action] { (this->*action)(); }, every, After(every)});
  };
  add(options.sim.partition_every, &NodeNemesis::Partition);
  add(options.sim.crash_every, &NodeNemesis::CutPower);
  add(options.kill_every, &NodeNemesis::Kill);
  add(options.fault_every, &NodeNemesis::BreakDisk);
  add(options.cut_every, &NodeNemesis::CutPowerWithin);
  add(options.slow_every, &NodeNemesis::SlowDown);
  add(options.sim.membership_every, &NodeNemesis::ChangeMembership);
}

Time NodeNemesis::next() const {
  return std::min_element(
             kinds_.begin(), kinds_.end(),
             [](const Kind& a, const Kind& b) { return a.next < b.next; })
      ->next;
}

void NodeNemesis::Act() {
  for (Kind& kind : kinds_) {
    if (kind.next > cluster_->now()) continue;
    kind.action();
    kind.next = After(kind.every);
  }
}

Time NodeNemesis::After(Micros every) {
  if (every == 0) return Time(std::numeric_limits<uint64_t>::max());
  return cluster_->now() + 1 + cluster_->random().Uniform(2 * every);
}

size_t NodeNemesis::DrawSlot() {
  const size_t any = cluster_->random().Uniform(cluster_->size());
  return OneIn(3) ? cluster_->Leader().value_or(any) : any;
}

void NodeNemesis::Partition() {
  if (OneIn(2)) {
    cluster_->network().Heal();
    return;
  }
  const uint64_t side = cluster_->random().Next();
  const uint64_t directions = 1 + cluster_->random().Uniform(3);
  for (size_t a = 0; a < cluster_->size(); ++a) {
    for (size_t b = 0; b < a; ++b) {
      if ((side >> a % 64 & 1) == (side >> b % 64 & 1)) continue;
      if ((directions & 1) != 0) cluster_->network().Cut(a, b);
      if ((directions & 2) != 0) cluster_->network().Cut(b, a);
    }
  }
}

void NodeNemesis::CutPower() {
  if (OneIn(6)) {
    for (size_t slot = 0; slot < cluster_->size(); ++slot) {
      cluster_->CutPower(slot);
    }
    for (size_t slot = 0; slot < cluster_->size(); ++slot) {
      cluster_->Start(slot);
    }
    return;
  }
  const size_t slot = DrawSlot();
  cluster_->CutPower(slot);
  StartLater(slot);
}

void NodeNemesis::Kill() {
  const size_t slot = DrawSlot();
  cluster_->KillProcess(slot);
  StartLater(slot);
}

// At once, or when it is drawn again; somebody who is down comes back, so that
// not all stay down.
void NodeNemesis::StartLater(size_t slot) {
  if (OneIn(2)) cluster_->Start(slot);
  const size_t other = cluster_->random().Uniform(cluster_->size());
  if (other != slot) cluster_->Start(other);
}

void NodeNemesis::BreakDisk() {
  constexpr size_t kFaults = std::size(kDiskFaults);
  const DiskFault fault = kDiskFaults[cluster_->random().Uniform(kFaults)];
  cluster_->Arm(DrawSlot(), fault, 1 + cluster_->random().Uniform(kLater));
}

void NodeNemesis::CutPowerWithin() {
  cluster_->Arm(DrawSlot(), DiskFault::kPowerCut,
                1 + cluster_->random().Uniform(OneIn(2) ? kSoon : kLater));
}

void NodeNemesis::SlowDown() {
  cluster_->SlowDown(DrawSlot(),
                     1 + cluster_->random().Uniform(kLongestSlowness));
}

void NodeNemesis::ChangeMembership() {
  const auto leader = cluster_->Leader();
  if (!leader.has_value()) return;
  const Status status = cluster_->node(*leader).core().Describe();
  ProposeConfiguration propose;
  propose.id = cluster_->NextRequest();
  propose.expected = status.configuration_index;
  propose.target = DrawTarget(status.configuration);
  cluster_->Give(*leader, std::move(propose));
}

ConfigurationTarget NodeNemesis::DrawTarget(const Configuration& from) {
  std::vector<MemberId> members = from.Members();
  if (members.size() < cluster_->options().sim.max_members && OneIn(4)) {
    members.push_back(cluster_->identity(cluster_->AddMember()).member);
  }
  ConfigurationTarget target;
  for (const MemberId member : members) {
    const uint64_t draw = cluster_->random().Uniform(8);
    if (draw == 0 && members.size() > 2) continue;  // removed
    if (draw <= 2 && members.size() > 1) {
      target.learners.push_back(member);
    } else if (target.voters.size() < kMaxVoters) {
      target.voters.push_back(member);
    }
  }
  for (size_t slot = 0; slot < cluster_->size(); ++slot) {
    const Identity& identity = cluster_->identity(slot);
    target.incarnations.push_back({identity.member, identity.incarnation});
  }
  return target;
}

}  // namespace microovn::raft
