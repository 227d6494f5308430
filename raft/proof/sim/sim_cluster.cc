// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/sim_cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kMillion = 1'000'000;

}  // namespace

SimCluster::SimCluster(const SimOptions& options)
    : options_(options),
      random_(options.seed),
      network_(options),
      registers_(options.search_linearizability) {
  const uint64_t high = random_.Next();
  cluster_ = ClusterId(high, random_.Next());
  // The members begin with one log, as if bootstrap and joins had just ended.
  for (size_t i = 0; i < options.voters + options.learners; ++i) {
    MintMember(i);
  }
  Recovered recovered = Bootstrap(members_[0].identity);
  Configuration configuration;
  for (size_t i = 0; i < members_.size(); ++i) {
    auto& list =
        i < options.voters ? configuration.voters : configuration.learners;
    list.push_back(members_[i].identity.member);
  }
  std::sort(configuration.voters.begin(), configuration.voters.end());
  std::sort(configuration.learners.begin(), configuration.learners.end());
  told_voters_ = configuration.voters;
  Entry& first = recovered.entries.front();
  first.payload = Payload(EncodeConfiguration(configuration));
  first.chain = ChainOf(ChainHash(0), first);
  configurations_.Appended(first.index, configuration);
  if (options.lie_every > 0 && options.learners > 0) {
    liar_ = members_.size() - 1;
    members_[*liar_].lies = true;
    Schedule(options.lie_every, Kind::kLie, *liar_, 0, 0);
  }
  for (size_t i = 0; i < members_.size(); ++i) {
    members_[i].disk = SimDisk(recovered);
    if (options.tail_loss_every > 0) members_[i].disk.KeepTail();
    Start(i);
  }
  for (size_t i = 0; i < options.clients; ++i) {
    client_operation_.push_back(0);
    Schedule(random_.Uniform(options.client_pause + 1), Kind::kClient, i, 0, 0);
  }
}

// The order of evaluation of arguments is not defined, so each draw is a
// statement of its own.
void SimCluster::MintMember(size_t slot) {
  SimMember member;
  member.identity.cluster = cluster_;
  const uint64_t high = random_.Next();
  member.identity.member = MemberId(high, random_.Next());
  member.identity.incarnation = Incarnation(random_.Next());
  if (options_.tail_loss_every > 0) member.disk.KeepTail();
  slots_[member.identity.member] = slot;
  members_.push_back(std::move(member));
}

void SimCluster::RunUntil(Time until) {
  while (failure_.empty() && !events_.empty() && events_.top().time <= until) {
    const Event event = events_.top();
    events_.pop();
    now_ = std::max(now_, event.time);
    Dispatch(event);
  }
  now_ = std::max(now_, until);
}

void SimCluster::Dispatch(const Event& event) {
  if (event.kind == Kind::kClient || event.kind == Kind::kLie) {
    ++stats_.events;
    if (event.kind == Kind::kClient) OnClient(event.slot);
    if (event.kind == Kind::kLie) OnLie();
    return;
  }
  if (Defer(event)) return;
  Input input;
  if (event.kind == Kind::kInput) {
    input = std::move(inputs_[event.argument]);
    inputs_[event.argument] = Tick{};
    free_inputs_.push_back(event.argument);
  }
  SimMember& member = members_[event.slot];
  if (!member.up()) return;
  if (event.epoch != 0 && event.epoch != member.epoch) return;
  ++stats_.events;
  switch (event.kind) {
    case Kind::kTick:
      Schedule(options_.tick, Kind::kTick, event.slot, event.epoch, 0);
      Give(event.slot, Tick{});
      break;
    case Kind::kInput:
      Give(event.slot, std::move(input));
      break;
    case Kind::kSynced:
      OnSynced(member, event.slot, StorageToken(event.argument));
      break;
    case Kind::kInstalled:
      OnInstalled(member, event.slot);
      break;
    case Kind::kClient:
    case Kind::kLie:
      break;
  }
}

bool SimCluster::Defer(const Event& event) {
  const SimMember& member = members_[event.slot];
  if (!member.up() || member.paused_until <= now_) return false;
  // Popped in order, so put back in order, and before what was to happen at
  // that time anyway.
  Event later = event;
  later.time = member.paused_until;
  later.order = ++deferred_;
  events_.push(later);
  return true;
}

void SimCluster::OnSynced(SimMember& member, size_t slot, StorageToken token) {
  member.disk.Sync(token);
  // One sync may have served several batches.
  member.stored = std::max(member.stored, token);
  Give(slot, Stored{token});
  std::vector<Send> released;
  while (!member.held.empty() && member.held.front().after <= member.stored) {
    released.push_back(std::move(member.held.front()));
    member.held.pop_front();
  }
  if (member.up()) HandleSends(slot, std::move(released));
}

void SimCluster::OnInstalled(SimMember& member, size_t slot) {
  SnapshotInstalled answer;
  answer.snapshot = member.incoming->metadata;
  const SnapshotFile& file = *member.incoming;
  const auto state = SimStateMachine::Restore(file.bytes);
  // A chunk of it that came twice and late may have begun it anew, behind what
  // the core was told of it: as LogStorage::Install has it, that is refused.
  const bool whole =
      file.bytes.size() == SimStateMachine::SnapshotSize(answer.snapshot.index);
  if (whole && !state.has_value()) Fail("a snapshot arrived damaged");
  // One in ten fails, as for want of space, and leaves nothing.
  answer.installed = state.has_value() && random_.Uniform(10) != 0;
  if (answer.installed) {
    ++stats_.installs;
    member.disk.Install(member.incoming->metadata, *state);
    member.state = *state;
    member.wrong = IsWrong(*state);
    member.checkpointed = state->applied();
  }
  member.incoming.reset();
  Give(slot, std::move(answer));
  CompleteReads(slot);
}

void SimCluster::Give(size_t slot, Input input) {
  SimMember& member = members_[slot];
  if (!member.up()) return;
  const LogIndex committed = member.core->commit();
  trace_.AddInput(now_, slot, input);
  Output output = member.core->Step(LocalTime(member), std::move(input));
  if (output.fault.has_value()) {
    OnFault(slot, *output.fault);
    return;
  }
  const RaftCore& core = *member.core;
  Fail(checker_.AfterStep(core, output));
  CheckDurableQuorum(core, committed);
  TrackConfigurations(core, output);
  trace_.AddOutput(output);
  if (failure_.empty()) Handle(slot, std::move(output));
}

void SimCluster::Start(size_t slot) {
  SimMember& member = members_[slot];
  if (member.up() || member.lost || member.stopped || member.lies) return;
  if (options_.max_skew > 0) {
    member.skew = static_cast<int64_t>(random_.Uniform(2 * options_.max_skew)) -
                  static_cast<int64_t>(options_.max_skew);
  }
  // Clocks of different members, and of one before and after a reboot, have
  // nothing to do with each other.
  member.clock_start = Time(random_.Uniform(kMillion * kMillion));
  member.paused_until = Time(0);
  member.applied_told = Time(0);
  member.disk_stalled_until = Time(0);
  member.stored = StorageToken(0);
  member.state = member.disk.state();
  member.wrong = IsWrong(member.state);
  member.checkpointed = member.state.applied();
  ++member.epoch;
  member.core.emplace(member.identity, options_.core, member.disk.Recover(),
                      random_.Next(), LocalTime(member));
  Fail(checker_.AfterRestart(*member.core));
  Schedule(random_.Uniform(options_.tick), Kind::kTick, slot, member.epoch, 0);
}

void SimCluster::OnFault(size_t slot, const Fault& fault) {
  SimMember& member = members_[slot];
  if (fault.kind != FaultKind::kStateDivergence || !member.wrong) {
    Fail(absl::StrCat("fault in slot ", slot, ": ", fault.detail));
    return;
  }
  ++stats_.divergences;
  StopForGood(slot);
}

void SimCluster::StopForGood(size_t slot) {
  Crash(slot);
  members_[slot].stopped = true;
}

size_t SimCluster::AddMember() {
  const size_t slot = members_.size();
  MintMember(slot);
  std::vector<MemberId> voters = KnownVoters();
  // Nobody is up: it was admitted before.
  if (voters.empty()) voters = told_voters_;
  told_voters_ = voters;
  members_[slot].disk = SimDisk(JoinerOf(std::move(voters)));
  if (options_.tail_loss_every > 0) members_[slot].disk.KeepTail();
  Start(slot);
  return slot;
}

// As the answer to a join says; of somebody if nobody leads.
std::vector<MemberId> SimCluster::KnownVoters() const {
  std::vector<MemberId> voters;
  for (const SimMember& member : members_) {
    if (!member.up()) continue;
    const bool leads = member.core->role() == Role::kLeader;
    if (!leads && !voters.empty()) continue;
    voters = member.core->configurations().InForce().configuration.voters;
  }
  return voters;
}

std::optional<size_t> SimCluster::FindSlot(MemberId member) const {
  const auto found = slots_.find(member);
  if (found == slots_.end()) return std::nullopt;
  return found->second;
}

std::optional<size_t> SimCluster::Leader() const {
  std::optional<size_t> leader;
  for (size_t i = 0; i < members_.size(); ++i) {
    if (!members_[i].up() || members_[i].core->role() != Role::kLeader) {
      continue;
    }
    if (!leader.has_value() || members_[*leader].core->hard_state().term <
                                   members_[i].core->hard_state().term) {
      leader = i;
    }
  }
  return leader;
}

SimCluster::Stats SimCluster::GetStats() const {
  Stats stats = stats_;
  stats.commits = checker_.committed().value();
  stats.elections = checker_.elections();
  stats.writes = history_.writes();
  stats.reads = history_.reads();
  stats.simulated = now_.value();
  stats.trace = trace_.value();
  return stats;
}

void SimCluster::Schedule(Micros delay, Kind kind, size_t slot, uint32_t epoch,
                          uint64_t argument) {
  Event event;
  event.time = now_ + delay;
  event.order = ++order_;
  event.kind = kind;
  event.slot = static_cast<uint32_t>(slot);
  event.epoch = epoch;
  event.argument = argument;
  events_.push(event);
}

void SimCluster::ScheduleInput(Micros delay, size_t slot, uint32_t epoch,
                               Input input) {
  size_t at = inputs_.size();
  if (free_inputs_.empty()) {
    inputs_.push_back(std::move(input));
  } else {
    at = free_inputs_.back();
    free_inputs_.pop_back();
    inputs_[at] = std::move(input);
  }
  Schedule(delay, Kind::kInput, slot, epoch, at);
}

void SimCluster::Fail(std::optional<std::string> what) {
  if (!what.has_value() || !failure_.empty()) return;
  failure_ = absl::StrCat("at ", now_.value(), " us: ", *what);
}

}  // namespace microovn::raft
