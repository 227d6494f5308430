// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/nodesim/node_cluster.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kMillion = 1'000'000;
constexpr Micros kShortestOutage = 20'000;
constexpr Micros kLongestOutage = 500'000;
constexpr Micros kLongestStateWriteDelay = 20'000;
constexpr uint64_t kSlowFactor = 40;
constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

}  // namespace

NodeCluster::NodeCluster(const NodeSimOptions& options)
    : options_(options), random_(options.sim.seed), network_(options.sim) {
  cluster_ = ClusterId(1, 1);
  const size_t members = options.sim.voters + options.sim.learners;
  slots_.resize(members);
  for (Slot& slot : slots_) slot.identity = NextIdentity();
  const std::vector<DiskImage>& disks = FirstDisks();
  SeedRocksdb(static_cast<uint32_t>(options.sim.seed));
  for (size_t i = 0; i < members; ++i) {
    slots_[i].disk = AfterCrash(disks[i], Survival::kNothing, random_);
    Start(i);
  }
  clients_.resize(options.sim.clients);
  for (size_t i = 0; i < clients_.size(); ++i) {
    After(random_.Uniform(options.sim.client_pause + 1),
          [this, i] { OnClient(i); });
  }
}

// What the members begin with: one log, as if bootstrap and joins had just
// ended. To make a database takes long, and clusters of a size begin alike.
const std::vector<DiskImage>& NodeCluster::FirstDisks() {
  static auto& made =
      *new std::map<std::pair<size_t, size_t>, std::vector<DiskImage>>();
  std::vector<DiskImage>& disks =
      made[{options_.sim.voters, options_.sim.learners}];
  if (!disks.empty()) return disks;
  Configuration configuration;
  for (size_t i = 0; i < slots_.size(); ++i) {
    auto& list =
        i < options_.sim.voters ? configuration.voters : configuration.learners;
    list.push_back(slots_[i].identity.member);
  }
  std::sort(configuration.voters.begin(), configuration.voters.end());
  std::sort(configuration.learners.begin(), configuration.learners.end());
  Recovered recovered = Bootstrap(slots_[0].identity);
  Entry& first = recovered.entries.front();
  first.payload = Payload(EncodeConfiguration(configuration));
  first.chain = ChainOf(ChainHash(0), first);
  for (size_t i = 0; i < slots_.size(); ++i) {
    disks.push_back(Create(i, recovered));
  }
  return disks;
}

DiskImage NodeCluster::Create(size_t slot, const Recovered& initial) {
  const std::unique_ptr<SimulatedNode> node = MakeNode(slot, DiskImage());
  const absl::Status created = node->Create(slots_[slot].identity, initial);
  if (!created.ok()) Fail(created.ToString());
  return node->Kill();
}

void NodeCluster::RunUntil(Time until) {
  while (failure_.empty() && !events_.empty() &&
         events_.begin()->first.first <= until) {
    const auto event = events_.extract(events_.begin());
    now_ = std::max(now_, event.key().first);
    event.mapped()();
  }
  now_ = std::max(now_, until);
}

void NodeCluster::After(Micros delay, std::function<void()> act) {
  events_.emplace(std::pair(now_ + delay, ++order_), std::move(act));
}

void NodeCluster::AfterIn(size_t slot, Micros delay,
                          std::function<void()> act) {
  After(delay, [this, slot, epoch = slots_[slot].epoch, act = std::move(act)] {
    if (slots_[slot].epoch != epoch || !slots_[slot].running()) return;
    ++stats_.events;
    act();
  });
}

SimulatedNodeContext NodeCluster::ContextOf(size_t slot) {
  SimulatedNodeContext context;
  context.send = [this, slot](const Message& message) {
    Transmit(slot, message);
  };
  context.writer_due = [this, slot] {
    AfterIn(slot, StorageDelay(slot), [this, slot] { WriterTurn(slot); });
  };
  context.applier_due = [this, slot] {
    AfterIn(slot, random_.Uniform(options_.sim.max_apply + 1),
            [this, slot] { ApplierTurn(slot); });
  };
  context.state_write_due = [this, slot] {
    AfterIn(slot, random_.Uniform(kLongestStateWriteDelay + 1),
            [this, slot] { StateWriteTurn(slot); });
  };
  context.report = [this, slot](const Input& input) {
    AfterIn(slot, 0, [this, slot, input] { Give(slot, input); });
  };
  return context;
}

std::unique_ptr<SimulatedNode> NodeCluster::MakeNode(size_t slot,
                                                     DiskImage disk) {
  return std::make_unique<SimulatedNode>(
      std::move(disk),
      SimulatedNode::Settings{options_.sim.core, options_.sim.checkpoint_every},
      ContextOf(slot));
}

// The same in all runs, in an order of their ids that looks drawn.
Identity NodeCluster::NextIdentity() {
  SeededRandom drawn(++identities_);
  Identity identity;
  identity.cluster = cluster_;
  const uint64_t high = drawn.Next();
  identity.member = MemberId(high, drawn.Next());
  identity.incarnation = Incarnation(drawn.Next());
  return identity;
}

void NodeCluster::Transmit(size_t from, const Message& message) {
  const auto to =
      std::find_if(slots_.begin(), slots_.end(), [&message](const Slot& slot) {
        return slot.identity.member == message.header.to;
      });
  if (to == slots_.end()) return;
  const auto target = static_cast<size_t>(to - slots_.begin());
  const LogIndex voter_at = slots_[from].node->core().voter_at();
  for (const Micros delay : network_.Route(from, target, random_)) {
    After(delay, [this, target, message, voter_at] {
      if (!slots_[target].running()) return;
      ++stats_.events;
      Give(target, Received{message, voter_at});
    });
  }
}

void NodeCluster::Tick(size_t slot) {
  AfterIn(slot, options_.sim.tick, [this, slot] { Tick(slot); });
  Give(slot, raft::Tick{});
}

void NodeCluster::Give(size_t slot, Input input) {
  if (!slots_[slot].running()) return;
  SimulatedNode& node = *slots_[slot].node;
  Output output = node.Step(LocalTime(slots_[slot]), std::move(input));
  if (output.fault.has_value()) {
    Fail(absl::StrCat("fault: ", output.fault->detail));
    return;
  }
  const RaftCore& core = node.core();
  Fail(checker_.AfterStep(core, output));
  Mix(now_.value() ^ uint64_t{slot} << 48 ^ core.commit().value() << 24 ^
      core.log().last_chain().value() ^ core.hard_state().term.value() << 12);
  if (!failure_.empty()) return;
  if (core.role() == Role::kLeader) likely_leader_ = slot;
  if (output.configuration.has_value()) ++stats_.configurations;
  if (output.install_snapshot.has_value()) ++stats_.installs;
  if (output.compact.has_value()) ++stats_.compactions;
  for (const RejectedSender& rejected : output.rejected) {
    if (rejected.reason != RejectedReason::kRemovedMember &&
        rejected.reason != RejectedReason::kNoVoter) {
      Fail("an honest member was rejected");
    }
  }
  Accept(slot, output);
  node.Handle(&output);
  Answer(slot, output);
}

void NodeCluster::WriterTurn(size_t slot) {
  const absl::Status status = slots_[slot].node->WriterTurn();
  if (!status.ok()) Failed(slot, status);
}

void NodeCluster::StateWriteTurn(size_t slot) {
  const absl::Status status = slots_[slot].node->StateWriteTurn();
  if (!status.ok()) Failed(slot, status);
}

void NodeCluster::ApplierTurn(size_t slot) {
  SimulatedNode& node = *slots_[slot].node;
  std::vector<AppliedCommand> applied;
  const absl::Status status = node.ApplierTurn(&applied);
  // What was applied is answered at once: the log has it, so that it is there
  // again even if the write of the state fails.
  for (const AppliedCommand& each : applied) {
    if (each.index > history_.applied() && each.command &&
        each.operation == 0) {
      ++stats_.repeated;
    }
    Fail(history_.Apply(each.index, each.operation, each.hash));
    Complete(slot, each);
  }
  if (!status.ok()) {
    Failed(slot, status);
    return;
  }
  CheckState(node);
  CompleteReads(slot);
}

// A node ends at its first failure, and comes back after a while.
void NodeCluster::Failed(size_t slot, const absl::Status& status) {
  const SimVolume& volume = slots_[slot].node->volume();
  if (!volume.failed()) {
    Fail(absl::StrCat("a sound disk failed: ", status.ToString()));
    return;
  }
  ++(volume.halted() ? stats_.crashes : stats_.io_errors);
  const bool machine = volume.halted() || random_.Uniform(4) == 0;
  End(slot, machine ? DrawSurvival() : Survival::kProcess);
  After(kShortestOutage + random_.Uniform(kLongestOutage),
        [this, slot] { Start(slot); });
}

void NodeCluster::CutPower(size_t slot) {
  if (!slots_[slot].running()) return;
  ++stats_.crashes;
  End(slot, DrawSurvival());
}

void NodeCluster::KillProcess(size_t slot) {
  if (!slots_[slot].running()) return;
  ++stats_.kills;
  End(slot, Survival::kProcess);
}

void NodeCluster::End(size_t slot, Survival survival) {
  Slot& ending = slots_[slot];
  ending.expected = ending.node->expected();
  const DiskImage before = ending.node->Kill();
  ending.disk = AfterCrash(before, survival, random_);
  if (SimulatedNode::LostBytes(before, ending.disk)) ++stats_.losses;
  Mix(ending.node->volume().operations());
  ending.node = nullptr;
  ending.writes.clear();
  ending.reads.clear();
  ++ending.epoch;
}

Survival NodeCluster::DrawSurvival() {
  constexpr Survival kMachine[] = {Survival::kNothing, Survival::kAll,
                                   Survival::kRandom, Survival::kTornPage};
  return kMachine[random_.Uniform(4)];
}

void NodeCluster::Arm(size_t slot, DiskFault fault, uint64_t operations) {
  if (!slots_[slot].running()) return;
  slots_[slot].node->volume().FailAt(fault, operations);
}

void NodeCluster::SlowDown(size_t slot, Micros duration) {
  slots_[slot].slow_until = now_ + duration;
}

void NodeCluster::Start(size_t slot) {
  Slot& starting = slots_[slot];
  if (starting.running()) return;
  ++starting.epoch;
  // Clocks before and after a reboot have nothing to do with each other.
  starting.clock_start = Time(random_.Uniform(kMillion * kMillion));
  starting.node = MakeNode(slot, starting.disk);
  if (!reliable_ && random_.Uniform(8) == 0) {
    starting.node->volume().FailAt(static_cast<DiskFault>(random_.Uniform(4)),
                                   1 + random_.Uniform(60));
  }
  const absl::Status started = starting.node->Start(
      random_.Next(), LocalTime(starting), starting.expected);
  if (!started.ok()) {
    const std::vector<LogTail> expected = starting.expected;
    if (!starting.node->volume().failed()) {
      Fail(
          absl::StrCat("slot ", slot, " does not start: ", started.ToString()));
      return;
    }
    Failed(slot, started);
    starting.expected = expected;
    return;
  }
  Fail(checker_.AfterRestart(starting.node->core()));
  CheckState(*starting.node);
  AfterIn(slot, random_.Uniform(options_.sim.tick),
          [this, slot] { Tick(slot); });
}

size_t NodeCluster::AddMember() {
  const size_t slot = slots_.size();
  slots_.emplace_back();
  slots_[slot].identity = NextIdentity();
  slots_[slot].disk =
      AfterCrash(Create(slot, Recovered()), Survival::kNothing, random_);
  Start(slot);
  return slot;
}

std::optional<size_t> NodeCluster::Leader() const {
  std::optional<size_t> leader;
  Term term;
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].running()) continue;
    const RaftCore& core = slots_[i].node->core();
    if (core.role() != Role::kLeader || core.hard_state().term < term) continue;
    leader = i;
    term = core.hard_state().term;
  }
  return leader;
}

void NodeCluster::BecomeReliable() {
  network_.BecomeReliable();
  reliable_ = true;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    slots_[slot].slow_until = Time(0);
    // A fault that has not happened yet never will.
    if (random_.Uniform(2) == 0) KillProcess(slot);
    Arm(slot, DiskFault::kPowerCut, kNever);
    Start(slot);
  }
}

NodeCluster::Stats NodeCluster::GetStats() const {
  Stats stats = stats_;
  stats.commits = checker_.committed().value();
  stats.elections = checker_.elections();
  stats.writes = history_.writes();
  stats.reads = history_.reads();
  stats.simulated = now_.value();
  return stats;
}

Micros NodeCluster::StorageDelay(size_t slot) {
  const Micros delay =
      options_.sim.min_sync +
      random_.Uniform(options_.sim.max_sync - options_.sim.min_sync + 1);
  return slots_[slot].slow_until > now_ ? delay * kSlowFactor : delay;
}

Time NodeCluster::LocalTime(const Slot& slot) const {
  return Time(slot.clock_start.value() + now_.value());
}

// Members that applied as much have the same hash and the same records.
void NodeCluster::CheckState(const SimulatedNode& node) {
  const State here{node.hash(), node.machine().digest()};
  const auto [known, first] = states_.emplace(node.applied(), here);
  if (first || (known->second.hash == here.hash &&
                known->second.digest == here.digest)) {
    return;
  }
  Fail(absl::StrCat("two states at index ", node.applied().value()));
}

void NodeCluster::Mix(uint64_t what) {
  stats_.trace = SeededRandom(stats_.trace ^ what).Next();
}

void NodeCluster::Fail(std::optional<std::string> what) {
  if (!what.has_value() || !failure_.empty()) return;
  failure_ = absl::StrCat("at ", now_.value(), " us: ", *what);
}

}  // namespace microovn::raft
