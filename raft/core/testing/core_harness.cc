// SPDX-License-Identifier: Apache-2.0
#include "raft/core/testing/core_harness.h"

#include <algorithm>
#include <utility>

namespace microovn::raft {
namespace {

constexpr Micros kTick = 10'000;

template <typename T>
void Move(std::vector<T>& from, std::vector<T>& to) {
  for (T& item : from) to.push_back(std::move(item));
}

template <typename T>
void Move(std::optional<T>& from, std::optional<T>& to) {
  if (from.has_value()) to = std::move(from);
}

// Appends what a test may look at.
void Merge(Output from, Output& to) {
  Move(from.fault, to.fault);
  Move(from.persist, to.persist);
  Move(from.sends, to.sends);
  Move(from.store_snapshot_chunk, to.store_snapshot_chunk);
  Move(from.install_snapshot, to.install_snapshot);
  Move(from.apply, to.apply);
  Move(from.accepted, to.accepted);
  Move(from.refused, to.refused);
  Move(from.reads, to.reads);
  Move(from.snapshots_wanted, to.snapshots_wanted);
  Move(from.compact, to.compact);
  Move(from.role_changes, to.role_changes);
  Move(from.configuration, to.configuration);
  Move(from.rejected, to.rejected);
}

}  // namespace

MemberId M(uint64_t n) { return MemberId(0, n); }

std::vector<MemberId> Ids(const std::vector<uint64_t>& numbers) {
  std::vector<MemberId> ids;
  for (const uint64_t n : numbers) ids.push_back(M(n));
  return ids;
}

Identity IdentityOf(uint64_t n) {
  return {ClusterId(0, 99), M(n), Incarnation(100 + n)};
}

Configuration ConfigurationOf(const std::vector<uint64_t>& voters,
                              const std::vector<uint64_t>& learners) {
  Configuration configuration;
  configuration.voters = Ids(voters);
  configuration.learners = Ids(learners);
  return configuration;
}

std::vector<Entry> EntriesOf(const Configuration& configuration,
                             const std::vector<uint64_t>& terms) {
  std::vector<Entry> entries;
  ChainHash chain;
  for (size_t i = 0; i <= terms.size(); ++i) {
    Entry entry;
    entry.index = LogIndex(i + 1);
    entry.term = Term(i == 0 ? 1 : terms[i - 1]);
    entry.kind = i == 0 ? EntryKind::kConfiguration : EntryKind::kCommand;
    entry.payload =
        Payload(i == 0 ? EncodeConfiguration(configuration) : "command");
    entry.chain = ChainOf(chain, entry);
    chain = entry.chain;
    entries.push_back(std::move(entry));
  }
  return entries;
}

Recovered LogOf(const Configuration& configuration,
                const std::vector<uint64_t>& terms) {
  Recovered recovered;
  recovered.entries = EntriesOf(configuration, terms);
  recovered.hard_state.term = recovered.entries.back().term;
  return recovered;
}

Message MessageTo(uint64_t to, uint64_t from, uint64_t term, MessageBody body) {
  const Identity sender = IdentityOf(from);
  return {
      {sender.cluster, sender.member, M(to), sender.incarnation, Term(term)},
      std::move(body)};
}

void CoreHarness::Add(uint64_t n, Recovered recovered) {
  Member& member = members_[n];
  member.disk = std::move(recovered);
  member.core.emplace(IdentityOf(n), options_, member.disk, /*seed=*/n, now_);
}

CoreHarness CoreHarness::Cluster(uint64_t voters, Options options) {
  CoreHarness harness(options);
  std::vector<uint64_t> numbers;
  for (uint64_t n = 1; n <= voters; ++n) numbers.push_back(n);
  for (const uint64_t n : numbers) {
    harness.Add(n, LogOf(ConfigurationOf(numbers)));
  }
  return harness;
}

Output CoreHarness::Take(uint64_t n) {
  return std::exchange(members_.at(n).taken, Output());
}

Output CoreHarness::Step(uint64_t n, Input input) {
  Output output = core(n).Step(now_, std::move(input));
  Handle(n, output);
  return output;
}

Output CoreHarness::Receive(uint64_t n, uint64_t from, uint64_t term,
                            MessageBody body) {
  return Step(n, Received{MessageTo(n, from, term, std::move(body))});
}

void CoreHarness::Handle(uint64_t n, Output output) {
  Member& member = members_.at(n);
  if (output.persist.has_value()) member.writing.push_back(*output.persist);
  for (const Send& send : output.sends) {
    if (send.after == StorageToken(0)) {
      Queue(send.message);
    } else {
      member.held.push_back(send);
    }
  }
  std::optional<LogIndex> applied;
  if (output.apply.has_value()) {
    applied = output.apply->entries.back().index;
    member.disk.applied = *applied;
  }
  if (output.compact.has_value()) {
    member.disk.base = output.compact->base;
    auto& entries = member.disk.entries;
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [&](const Entry& entry) {
                                   return entry.index <=
                                          output.compact->base.index;
                                 }),
                  entries.end());
  }
  Merge(std::move(output), member.taken);
  if (!manual_disk_ && stalled_.count(n) == 0) Sync(n);
  if (applied.has_value()) Step(n, Applied{*applied});
}

void CoreHarness::Unstall(uint64_t n) {
  stalled_.erase(n);
  Sync(n);
}

void CoreHarness::Sync(uint64_t n) {
  Member& member = members_.at(n);
  while (!member.writing.empty()) {
    Persist persist = std::move(member.writing.front());
    member.writing.pop_front();
    MakeDurable(member, persist);
    Handle(n, core(n).Step(now_, Stored{persist.token}));
    while (!member.held.empty() && member.held.front().after <= persist.token) {
      Queue(member.held.front().message);
      member.held.pop_front();
    }
  }
}

void CoreHarness::MakeDurable(Member& member, Persist& persist) {
  auto& entries = member.disk.entries;
  if (persist.hard_state.has_value()) {
    member.disk.hard_state = *persist.hard_state;
  }
  while (persist.truncate_from.has_value() && !entries.empty() &&
         entries.back().index >= *persist.truncate_from) {
    entries.pop_back();
  }
  for (Entry& entry : persist.entries) entries.push_back(std::move(entry));
  if (persist.ends_quarantine) member.disk.quarantine.reset();
}

void CoreHarness::Crash(uint64_t n) {
  Member& member = members_.at(n);
  member.writing.clear();
  member.held.clear();
  member.taken = Output();
  member.core.emplace(IdentityOf(n), options_, member.disk, /*seed=*/n + 1000,
                      now_);
}

void CoreHarness::Crash(uint64_t n, Recovered disk) {
  members_.at(n).disk = std::move(disk);
  Crash(n);
}

void CoreHarness::Isolate(uint64_t n) {
  drop_ = [n](const Message& message) {
    return message.header.from == M(n) || message.header.to == M(n);
  };
}

void CoreHarness::Queue(Message message) {
  if (drop_ && drop_(message)) return;
  queue_.push_back(std::move(message));
}

void CoreHarness::Settle() {
  while (!queue_.empty()) {
    const Message message = queue_.front();
    queue_.pop_front();
    const auto to = members_.find(message.header.to.low());
    if (to == members_.end() || (drop_ && drop_(message))) continue;
    Step(to->first, Received{message, ProofOf(message.header.from)});
  }
}

LogIndex CoreHarness::ProofOf(MemberId sender) const {
  const auto at = members_.find(sender.low());
  return at == members_.end() ? LogIndex(0) : at->second.core->voter_at();
}

void CoreHarness::Advance(Micros micros) {
  for (const Time end = now_ + micros; now_ < end;) {
    now_ = now_ + kTick;
    for (const auto& [n, member] : members_) Step(n, Tick{});
    Settle();
  }
}

void CoreHarness::ExpireTimer(uint64_t n) {
  // The first late tick is forgiven (raft.md 5b.22), so arrive in two.
  now_ = now_ + options_.election_timeout;
  Step(n, Tick{});
  now_ = now_ + options_.election_timeout;
  Step(n, Tick{});
}

void CoreHarness::Elect(uint64_t n) {
  for (int i = 0; i < 5 && core(n).role() != Role::kLeader; ++i) {
    ExpireTimer(n);
    Settle();
  }
  Advance(2 * options_.heartbeat_interval);
}

LogIndex CoreHarness::Propose(uint64_t n, const std::string& payload) {
  const Output output =
      Step(n, raft::Propose{{Proposal{RequestId(1), Payload(payload)}}});
  return output.accepted.empty() ? LogIndex(0) : output.accepted[0].index;
}

}  // namespace microovn::raft
