// SPDX-License-Identifier: Apache-2.0
// A few cores that a test drives by hand: messages wait in a queue, the disk
// completes when told, time passes when told. For tests of single rules; the
// simulator (raft/proof/sim) is for everything at once. Thread-compatible.
#ifndef MICROOVN_RAFT_CORE_TESTING_CORE_HARNESS_H_
#define MICROOVN_RAFT_CORE_TESTING_CORE_HARNESS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "raft/core/raft_core.h"

namespace microovn::raft {

// Members are numbered from 1 on.
MemberId M(uint64_t n);
std::vector<MemberId> Ids(const std::vector<uint64_t>& numbers);
Identity IdentityOf(uint64_t n);
Configuration ConfigurationOf(const std::vector<uint64_t>& voters,
                              const std::vector<uint64_t>& learners = {});

// What a member has on disk whose log is the configuration entry of term 1,
// then commands with the given terms, and whose term is the last one's.
Recovered LogOf(const Configuration& configuration,
                const std::vector<uint64_t>& terms = {});
// The log's entries, also when it is another member's.
std::vector<Entry> EntriesOf(const Configuration& configuration,
                             const std::vector<uint64_t>& terms);

Message MessageTo(uint64_t to, uint64_t from, uint64_t term, MessageBody body);

class CoreHarness {
 public:
  explicit CoreHarness(Options options = Options()) : options_(options) {}

  void Add(uint64_t n, Recovered recovered);
  // Members 1..voters with the same fresh log.
  static CoreHarness Cluster(uint64_t voters, Options options = Options());

  RaftCore& core(uint64_t n) { return *members_.at(n).core; }
  // Everything that a Step gave out since the last Take, merged; persists and
  // sends are also acted on.
  Output Take(uint64_t n);
  Output Step(uint64_t n, Input input);
  Output Receive(uint64_t n, uint64_t from, uint64_t term, MessageBody body);

  // By default the disk and the state machine are immediate.
  void set_manual_disk(bool manual) { manual_disk_ = manual; }
  // The disk of one member only.
  void Stall(uint64_t n) { stalled_.insert(n); }
  void Unstall(uint64_t n);
  void Sync(uint64_t n);
  void Crash(uint64_t n);  // loses what is not synced, starts again
  // Starts again with `disk` in the place of what it had.
  void Crash(uint64_t n, Recovered disk);
  const Recovered& disk(uint64_t n) const { return members_.at(n).disk; }

  // Messages for which this is true are lost.
  void set_drop(std::function<bool(const Message&)> drop) {
    drop_ = std::move(drop);
  }
  void Isolate(uint64_t n);
  void Heal() { drop_ = nullptr; }

  // Delivers the queue, and what follows from it, until it is empty.
  void Settle();
  std::deque<Message>& queue() { return queue_; }
  // Time passes for all, with ticks and deliveries every 10 ms.
  void Advance(Micros micros);
  // Time passes for one only, without deliveries: its timer fires.
  void ExpireTimer(uint64_t n);
  // Makes `n` the leader.
  void Elect(uint64_t n);
  // Through the leader `n`; returns where it was appended.
  LogIndex Propose(uint64_t n, const std::string& payload);

  // Bodies of one type in the queue, from `n`.
  template <typename Body>
  std::vector<Body> Queued(uint64_t from) const {
    std::vector<Body> bodies;
    for (const Message& message : queue_) {
      if (message.header.from != M(from)) continue;
      if (const auto* body = std::get_if<Body>(&message.body)) {
        bodies.push_back(*body);
      }
    }
    return bodies;
  }

 private:
  struct Member {
    Recovered disk;
    std::deque<Persist> writing;
    std::deque<Send> held;
    std::optional<RaftCore> core;
    Output taken;
  };

  void Handle(uint64_t n, Output output);
  void MakeDurable(Member& member, Persist& persist);
  void Queue(Message message);
  // What it can prove to be.
  LogIndex ProofOf(MemberId sender) const;

  Options options_;
  Time now_{1'000'000};
  bool manual_disk_ = false;
  std::set<uint64_t> stalled_;
  std::function<bool(const Message&)> drop_;
  std::map<uint64_t, Member> members_;
  std::deque<Message> queue_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_TESTING_CORE_HARNESS_H_
