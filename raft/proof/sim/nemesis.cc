// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/nemesis.h"

#include <algorithm>
#include <limits>

#include "raft/core/values/quorum.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kMillion = 1'000'000;
constexpr Micros kLongestPause = 2'000'000;
constexpr Micros kLongestStall = 1'000'000;
constexpr Micros kLongestJump = 10'000'000;

}  // namespace

Nemesis::Nemesis(SimCluster& cluster) : cluster_(cluster) {
  const SimOptions& options = cluster.options();
  kinds_ = {Kind{&Nemesis::Partition, options.partition_every, Time(0)},
            Kind{&Nemesis::CrashOrStart, options.crash_every, Time(0)},
            Kind{&Nemesis::Pause, options.pause_every, Time(0)},
            Kind{&Nemesis::ChangeMembership, options.membership_every, Time(0)},
            Kind{&Nemesis::Transfer, options.transfer_every, Time(0)},
            Kind{&Nemesis::LoseTail, options.tail_loss_every, Time(0)},
            Kind{&Nemesis::ApplyWrongly, options.wrong_apply_every, Time(0)},
            Kind{&Nemesis::StallDisk, options.disk_stall_every, Time(0)},
            Kind{&Nemesis::JumpClock, options.clock_jump_every, Time(0)},
            Kind{&Nemesis::LoseMember, options.loss_every, Time(0)}};
  for (Kind& kind : kinds_) kind.next = After(kind.every);
}

Time Nemesis::next() const {
  return std::min_element(
             kinds_.begin(), kinds_.end(),
             [](const Kind& a, const Kind& b) { return a.next < b.next; })
      ->next;
}

void Nemesis::Act() {
  for (Kind& kind : kinds_) {
    if (kind.next > cluster_.now()) continue;
    (this->*kind.action)();
    kind.next = After(kind.every);
  }
}

Time Nemesis::After(Micros every) {
  if (every == 0) return Time(std::numeric_limits<uint64_t>::max());
  return cluster_.now() + 1 + cluster_.random().Uniform(2 * every);
}

bool Nemesis::OneIn(uint64_t n) { return cluster_.random().Uniform(n) == 0; }

size_t Nemesis::RandomSlot() {
  return static_cast<size_t>(cluster_.random().Uniform(cluster_.size()));
}

void Nemesis::Partition() {
  if (OneIn(2)) {
    cluster_.network().Heal();
    return;
  }
  switch (cluster_.random().Uniform(4)) {
    case 0:
      CutHalves();
      return;
    case 1:
      CutOne(RandomSlot());
      return;
    case 2:
      CutOne(cluster_.Leader().value_or(0));
      return;
    default:
      CutRandomLinks();
  }
}

void Nemesis::CutHalves() {
  const uint64_t side = cluster_.random().Next();
  for (size_t a = 0; a < cluster_.size(); ++a) {
    for (size_t b = 0; b < cluster_.size(); ++b) {
      if ((side >> a % 64 & 1) != (side >> b % 64 & 1)) Cut(a, b);
    }
  }
}

void Nemesis::CutOne(size_t slot) {
  const uint64_t directions = 1 + cluster_.random().Uniform(3);
  for (size_t other = 0; other < cluster_.size(); ++other) {
    if (other == slot) continue;
    if ((directions & 1) != 0) Cut(slot, other);
    if ((directions & 2) != 0) Cut(other, slot);
  }
}

void Nemesis::CutRandomLinks() {
  for (size_t a = 0; a < cluster_.size(); ++a) {
    for (size_t b = 0; b < cluster_.size(); ++b) {
      if (a != b && OneIn(3)) Cut(a, b);
    }
  }
}

void Nemesis::Cut(size_t from, size_t to) {
  cluster_.network().Cut(from, to);
  if (cluster_.random().Uniform(kMillion) < cluster_.options().hint_chance) {
    cluster_.HintConnection(from, to, false);
  }
}

void Nemesis::CrashOrStart() {
  if (OneIn(12)) {
    // Power loss.
    for (size_t slot = 0; slot < cluster_.size(); ++slot) cluster_.Crash(slot);
    for (size_t slot = 0; slot < cluster_.size(); ++slot) cluster_.Start(slot);
    return;
  }
  size_t slot = RandomSlot();
  if (OneIn(3)) slot = cluster_.Leader().value_or(slot);
  if (!cluster_.member(slot).up()) {
    cluster_.Start(slot);
    return;
  }
  cluster_.Crash(slot);
  if (OneIn(2)) cluster_.Start(slot);
  // Someone else who is down comes back, so that not all stay down.
  const size_t other = RandomSlot();
  if (other != slot) cluster_.Start(other);
}

void Nemesis::Pause() {
  const size_t slot = RandomSlot();
  cluster_.Pause(slot, cluster_.random().Uniform(kLongestPause));
}

void Nemesis::StallDisk() {
  const size_t slot = OneIn(2) ? cluster_.Leader().value_or(0) : RandomSlot();
  cluster_.StallDisk(slot, cluster_.random().Uniform(kLongestStall));
}

void Nemesis::JumpClock() {
  const size_t slot = RandomSlot();
  cluster_.JumpClock(slot, cluster_.random().Uniform(kLongestJump));
}

// Sooner or later it comes back with an empty disk, as someone new.
void Nemesis::LoseMember() {
  const size_t slot = RandomSlot();
  if (!MayLose(slot) || !cluster_.Lose(slot)) return;
  if (OneIn(2)) cluster_.AddMember();
}

void Nemesis::LoseTail() {
  const size_t slot = RandomSlot();
  if (!MayLose(slot)) return;
  cluster_.LoseTail(slot);
  if (!OneIn(3)) cluster_.Start(slot);
}

void Nemesis::ApplyWrongly() {
  const size_t slot = RandomSlot();
  const auto leader = cluster_.Leader();
  if (was_wrong_ || !leader.has_value() || !MayLose(slot)) return;
  // Who is no member applies nothing.
  const SimMember& member = cluster_.member(slot);
  const RaftCore& core = *cluster_.member(*leader).core;
  if (!core.configurations().InForce().configuration.Contains(
          member.identity.member)) {
    return;
  }
  was_wrong_ = true;
  cluster_.ApplyWrongly(slot);
}

bool Nemesis::MayLose(size_t slot) const {
  if (cluster_.member(slot).lies || !cluster_.CanSpare(slot)) return false;
  const auto lossy = [this, slot](MemberId id) {
    const auto at = cluster_.FindSlot(id);
    return at.has_value() && (*at == slot || !cluster_.IsSound(*at));
  };
  const auto bears = [&lossy](const Configuration& configuration) {
    return configuration.voters.empty() ||
           HasQuorum(configuration, [&](MemberId id) { return !lossy(id); });
  };
  for (size_t at = 0; at < cluster_.size(); ++at) {
    const SimMember& member = cluster_.member(at);
    if (member.lost) continue;
    const Recovered stored = member.disk.Recover();
    if (!bears(stored.base.configuration)) return false;
    for (const Entry& entry : stored.entries) {
      if (entry.kind == EntryKind::kConfiguration &&
          !bears(*DecodeConfiguration(entry.payload.bytes()))) {
        return false;
      }
    }
    if (!member.up()) continue;
    const ConfigurationHistory& history = member.core->configurations();
    if (!bears(history.InForce().configuration) ||
        !bears(history.BeforeInForce().configuration)) {
      return false;
    }
  }
  return true;
}

bool Nemesis::AnyInQuarantine() const {
  for (size_t slot = 0; slot < cluster_.size(); ++slot) {
    const SimMember& member = cluster_.member(slot);
    if (!member.lost && member.disk.in_quarantine()) return true;
  }
  return false;
}

void Nemesis::ChangeMembership() {
  const auto leader = cluster_.Leader();
  // Whoever changes the membership looks first: with fewer others, those in
  // quarantine might be the majority, and wait for each other.
  if (!leader.has_value() || AnyInQuarantine()) return;
  const Status status = cluster_.member(*leader).core->Describe();
  ProposeConfiguration propose;
  propose.id = cluster_.NextRequest();
  propose.expected = status.configuration_index;
  propose.target = DrawTarget(status.configuration);
  cluster_.Give(*leader, propose);
}

ConfigurationTarget Nemesis::DrawTarget(const Configuration& from) {
  std::vector<MemberId> members = from.Members();
  SeededRandom& random = cluster_.random();
  // The lost ones make room.
  members.erase(std::remove_if(members.begin(), members.end(),
                               [this](MemberId member) {
                                 const auto slot = cluster_.FindSlot(member);
                                 return cluster_.member(*slot).lost;
                               }),
                members.end());
  if (members.size() < cluster_.options().max_members && OneIn(3)) {
    members.push_back(cluster_.member(Newcomer(from)).identity.member);
  }
  ConfigurationTarget target;
  for (const MemberId member : members) {
    const uint64_t draw = random.Uniform(8);
    if (draw == 0 && members.size() > 2) continue;  // removed
    if (cluster_.IsLiar(member) || (draw <= 2 && members.size() > 1)) {
      target.learners.push_back(member);
    } else if (target.voters.size() < kMaxVoters) {
      target.voters.push_back(member);
    }
  }
  for (size_t slot = 0; slot < cluster_.size(); ++slot) {
    const Identity& identity = cluster_.member(slot).identity;
    target.incarnations.push_back({identity.member, identity.incarnation});
  }
  return target;
}

size_t Nemesis::Newcomer(const Configuration& from) {
  for (size_t slot = 0; slot < cluster_.size(); ++slot) {
    const SimMember& member = cluster_.member(slot);
    const MemberId id = member.identity.member;
    if (!member.lost && !from.Contains(id) && !from.IsRemoved(id)) return slot;
  }
  return cluster_.AddMember();
}

void Nemesis::Transfer() {
  const auto leader = cluster_.Leader();
  if (!leader.has_value()) return;
  MemberId to;
  if (!OneIn(3)) {
    to = cluster_.member(RandomSlot()).identity.member;
  }
  cluster_.Give(*leader, raft::Transfer{cluster_.NextRequest(), to});
}

}  // namespace microovn::raft
