// SPDX-License-Identifier: Apache-2.0
// What may go wrong with members, and how all of it ends.
#include <algorithm>
#include <utility>

#include "raft/proof/sim/electable.h"
#include "raft/proof/sim/sim_cluster.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kMillion = 1'000'000;

// Of the log as it is, or as it will be found.
LogEnd EndOf(const SimMember& member) {
  if (member.up()) {
    const RaftCore& core = *member.core;
    return {member.identity.member, core.log().last(),
            core.configurations().InForce().configuration};
  }
  const Recovered stored = member.disk.Recover();
  LogEnd end{member.identity.member,
             {stored.base.index, stored.base.term},
             stored.base.configuration};
  for (const Entry& entry : stored.entries) {
    end.last = {entry.index, entry.term};
    if (entry.kind == EntryKind::kConfiguration) {
      end.configuration = *DecodeConfiguration(entry.payload.bytes());
    }
  }
  return end;
}

}  // namespace

void SimCluster::Crash(size_t slot) {
  SimMember& member = members_[slot];
  if (!member.up()) return;
  ++stats_.crashes;
  Abandon(member);
  member.disk.Crash(random_);
  member.core.reset();
  member.held.clear();
  member.outgoing.clear();
  ++member.epoch;
  if (random_.Uniform(2) == 0) member.incoming.reset();
  for (size_t other = 0; other < members_.size(); ++other) {
    if (random_.Uniform(kMillion) < options_.hint_chance) {
      HintConnection(slot, other, false);
    }
  }
}

void SimCluster::Pause(size_t slot, Micros duration) {
  // A shorter pause does not end a longer one: what was put off would be
  // overtaken.
  Time& until = members_[slot].paused_until;
  until = std::max(until, now_ + duration);
}

void SimCluster::StallDisk(size_t slot, Micros duration) {
  ++stats_.disk_stalls;
  members_[slot].disk_stalled_until = now_ + duration;
}

void SimCluster::LoseTail(size_t slot) {
  Crash(slot);
  SimDisk& disk = members_[slot].disk;
  const bool before = disk.in_quarantine();
  disk.LoseTail(random_);
  if (disk.in_quarantine() && !before) ++stats_.lost_tails;
}

void SimCluster::AcceptLoss(LogIndex kept) {
  checker_.AcceptLoss(kept);
  history_.AcceptLoss(kept);
  reference_ = SimStateMachine();
  for (const SimMember& member : members_) {
    const SimStateMachine& state = member.disk.state();
    if (state.applied() <= kept && state.applied() > reference_.applied()) {
      reference_ = state;
    }
  }
}

bool SimCluster::AnyWrong() const {
  return std::any_of(members_.begin(), members_.end(),
                     [](const SimMember& member) {
                       return (member.wrong || member.wrong_next) &&
                              !member.stopped && !member.lost;
                     });
}

bool SimCluster::IsSound(size_t slot) const {
  const SimMember& member = members_[slot];
  return !member.lost && !member.lies && !member.stopped && !member.wrong &&
         !member.wrong_next && !member.disk.in_quarantine();
}

void SimCluster::JumpClock(size_t slot, Micros by) {
  members_[slot].clock_start = members_[slot].clock_start + by;
}

bool SimCluster::CanSpare(size_t slot) const {
  std::vector<bool> rest = Sound();
  rest[slot] = false;
  return CanDecide(rest);
}

bool SimCluster::Lose(size_t slot) {
  if (!IsSound(slot)) return false;
  if (!CanSpare(slot)) return false;
  Crash(slot);
  members_[slot].lost = true;
  ++stats_.losses;
  return true;
}

void SimCluster::HintConnection(size_t a, size_t b, bool up) {
  if (a == b) return;
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    ScheduleInput(random_.Uniform(options_.max_delay), from,
                  members_[from].epoch,
                  PeerConnection{members_[to].identity.member, up});
  }
}

std::vector<bool> SimCluster::Alive() const {
  std::vector<bool> alive;
  for (const SimMember& member : members_) {
    alive.push_back(!member.lost && !member.lies && !member.stopped);
  }
  return alive;
}

std::vector<bool> SimCluster::Sound() const {
  std::vector<bool> sound;
  for (size_t slot = 0; slot < members_.size(); ++slot) {
    sound.push_back(IsSound(slot));
  }
  return sound;
}

bool SimCluster::CanDecide(const std::vector<bool>& slots) const {
  const auto present = [&](MemberId member) {
    const auto slot = FindSlot(member);
    return slot.has_value() && slots[*slot];
  };
  const auto alive = [&](MemberId member) {
    const auto slot = FindSlot(member);
    return slot.has_value() && !members_[*slot].lost &&
           !members_[*slot].stopped;
  };
  if (!configurations_.HaveQuorum(present, alive)) return false;
  std::vector<LogEnd> ends;
  for (size_t slot = 0; slot < members_.size(); ++slot) {
    if (slots[slot]) ends.push_back(EndOf(members_[slot]));
  }
  return SomebodyCanWin(ends);
}

std::vector<bool> SimCluster::DrawQuorum() {
  std::vector<bool> quorum = Sound();
  if (!CanDecide(quorum)) return Alive();
  for (size_t tries = 2 * members_.size(); tries > 0; --tries) {
    std::vector<bool> smaller = quorum;
    smaller[random_.Uniform(members_.size())] = false;
    if (CanDecide(smaller)) quorum = std::move(smaller);
  }
  return quorum;
}

void SimCluster::Heal(const std::vector<bool>& slots) {
  network_.BecomeReliable();
  for (size_t slot = 0; slot < members_.size(); ++slot) {
    // Goes on.
    if (members_[slot].lies) continue;
    if (!slots[slot]) {
      if (random_.Uniform(2) == 0) Crash(slot);
      for (size_t other = 0; other < members_.size(); ++other) {
        network_.Cut(slot, other);
        network_.Cut(other, slot);
      }
      continue;
    }
    members_[slot].disk_stalled_until = Time(0);
    // Nothing more is applied wrongly, so that what was has time to be noticed.
    members_[slot].wrong_next = false;
    Start(slot);
  }
}

}  // namespace microovn::raft
