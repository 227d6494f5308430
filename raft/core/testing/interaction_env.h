// SPDX-License-Identifier: Apache-2.0
// A cluster of cores that a text script drives step by step
// (raft/core/scenarios/testdata, base/testing/data_driven.h), in the manner
// that etcd's raft made known: messages wait in a pool, writes wait for the
// disk, commits wait to be applied, each member's time passes when told, and
// everything that goes into a core or comes out of it is printed. The
// invariants are checked after every step.
//
// The trace. "> 1 INPUT" is a step of member 1; the indented lines behind it
// are what it gave out. Steps of ticks, Stored and Applied from which nothing
// comes are left out.
//
// The verbs; M is a member, MM are members ("1,2" or "all"), LINK is "1->2",
// "1->*" or "*->2":
//   options KEY=VALUE...            before members are added; setup_verbs.cc
//   add-nodes N [learners=MM] [incarnations=1:101,...] [log=T,T...]
//                                   voters 1..N and the learners, with one log:
//                                   the configuration, then commands of terms T
//   add-node M [voters=MM [learners=MM] [log=T,...] [term=T] [vote=M]]
//                                   one member; without voters: an empty disk
//   bootstrap M                     the founder of a cluster
//   quietly                         the input lines are commands; no trace
//   campaign M                      M's timer runs out
//   tick MM [after=60ms]            time passes, then one tick
//   advance 60ms [MM] [settle]      time passes in ticks of 10 ms; settle:
//                                   with "stabilize" behind each
//   pause MM 300ms                  time passes without a tick
//   propose M PAYLOAD... [count=N] [bytes=N]
//   propose-conf M voters=MM [learners=MM] [incarnations=...] [expected=N]
//   read-index M, transfer M [to=M], connection-up M PEER,
//   connection-down M PEER
//   deliver [LINK] [kind=K] [count=N] [keep] [reverse]
//                                   from the pool; keep: stays there as well
//   drop [LINK] [kind=K] [count=N], messages
//   forge LINK KIND term=T ...      one message of our making; forge_verb.cc.
//                                   Ends the checks of invariants.
//   cut LINK..., isolate MM, partition MM MM..., heal
//   stable M [count=N]              the oldest batches become durable
//   apply M, checkpoint M [index=N], read-snapshot M, store-chunk M,
//   install M [fail]                what the node does for the core
//   crash M [survive=N]             loses what waits for the disk, but for the
//                                   oldest N batches
//   restart M
//   stabilize [MM]                  disk, state machine and network go on
//                                   until nothing waits, among MM
//   status [MM], log M, disk M, replay M
//
// Thread-compatible.
#ifndef MICROOVN_RAFT_CORE_TESTING_INTERACTION_ENV_H_
#define MICROOVN_RAFT_CORE_TESTING_INTERACTION_ENV_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/testing/data_driven.h"
#include "raft/core/invariants.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/manual_disk.h"
#include "raft/core/testing/message_words.h"
#include "raft/core/testing/script_arguments.h"

namespace microovn::raft {

class InteractionEnv {
 public:
  // No trace may depend on `seed`: what a core draws from it decides only how
  // long it waits.
  explicit InteractionEnv(uint64_t seed) : seed_(seed) {}

  // Runs one command and returns its trace, "ok" if that is empty.
  std::string Run(const ScriptBlock& block);
  // Misspelt commands and broken invariants; no script may have one.
  const std::string& complaints() const { return complaints_; }

 private:
  struct Member {
    ManualDisk disk;
    Time now{1'000'000};
    std::optional<RaftCore> core;  // none: the process does not run
    bool faulted = false;
    std::deque<Send> held;
    std::deque<LogIndex> applying;
    LogIndex applied;
    std::deque<SnapshotWanted> snapshots_wanted;
    std::deque<StoreSnapshotChunk> chunks;
    std::optional<InstallSnapshot> install;
    // Since the start of the process, for `replay`.
    uint64_t seed = 0;
    uint64_t starts = 0;
    Time started_at;
    Recovered started_from;
    std::vector<std::pair<Time, Input>> inputs;
  };
  // Of messages in the pool.
  struct Filter {
    std::optional<uint64_t> from;
    std::optional<uint64_t> to;
    std::string kind;
    size_t count = SIZE_MAX;
  };
  using Verb = void (InteractionEnv::*)(ScriptArguments&);
  static const std::map<std::string, Verb>& Verbs();

  // interaction_env.cc: the members' surroundings.
  void RunCommand(const std::string& command,
                  const std::vector<std::string>& arguments);
  void Say(absl::string_view line);
  void Complain(const std::string& what);
  Member* FindMember(uint64_t n, ScriptArguments& arguments);
  std::vector<uint64_t> MembersOf(const std::string& words,
                                  ScriptArguments& arguments);
  void Start(uint64_t n);
  void Step(uint64_t n, Input input);
  void TraceStep(uint64_t n, const Output& output, LogIndex commit_before);
  void Handle(uint64_t n, Output output);
  void Post(Message message);
  bool IsCut(const Message& message) const;
  void Deliver(const Message& message);
  void DeliverTo(uint64_t n, const Message& message, LogIndex voter_at);
  // Takes what matches out of the pool.
  std::vector<Message> TakeMessages(const Filter& filter);
  static Filter LinkOf(const std::string& link, ScriptArguments& arguments);
  static Filter FilterOf(ScriptArguments& arguments);

  // setup_verbs.cc
  void Options(ScriptArguments& arguments);
  void AddNodes(ScriptArguments& arguments);
  void AddNode(ScriptArguments& arguments);
  void Bootstrap(ScriptArguments& arguments);
  void Add(uint64_t n, Recovered recovered);
  void Status(ScriptArguments& arguments);
  void Log(ScriptArguments& arguments);
  void Disk(ScriptArguments& arguments);
  void Replay(ScriptArguments& arguments);

  // input_verbs.cc
  void Campaign(ScriptArguments& arguments);
  void TickVerb(ScriptArguments& arguments);
  void Advance(ScriptArguments& arguments);
  void Pause(ScriptArguments& arguments);
  void ProposeVerb(ScriptArguments& arguments);
  void ProposeConf(ScriptArguments& arguments);
  void ReadIndex(ScriptArguments& arguments);
  void TransferVerb(ScriptArguments& arguments);
  void ConnectionUp(ScriptArguments& arguments);
  void ConnectionDown(ScriptArguments& arguments);
  void Connection(ScriptArguments& arguments, bool up);

  // network_verbs.cc
  void DeliverVerb(ScriptArguments& arguments);
  void Drop(ScriptArguments& arguments);
  void Messages(ScriptArguments& arguments);
  void Cut(ScriptArguments& arguments);
  void Isolate(ScriptArguments& arguments);
  void Partition(ScriptArguments& arguments);
  void Heal(ScriptArguments& arguments);

  // forge_verb.cc
  void Forge(ScriptArguments& arguments);
  std::optional<MessageBody> BodyOf(const std::string& kind,
                                    const Header& header,
                                    ScriptArguments& arguments);
  std::optional<MessageBody> VoteBodyOf(const std::string& kind,
                                        const Header& header,
                                        ScriptArguments& arguments);
  std::optional<MessageBody> LogBodyOf(const std::string& kind,
                                       ScriptArguments& arguments);
  Append AppendOf(ScriptArguments& arguments);
  SnapshotMetadata SnapshotOf(ScriptArguments& arguments);

  // node_verbs.cc
  void Stable(ScriptArguments& arguments);
  void ApplyVerb(ScriptArguments& arguments);
  void Checkpoint(ScriptArguments& arguments);
  void ReadSnapshot(ScriptArguments& arguments);
  void StoreChunk(ScriptArguments& arguments);
  void Install(ScriptArguments& arguments);
  void Crash(ScriptArguments& arguments);
  void Restart(ScriptArguments& arguments);
  void Stabilize(ScriptArguments& arguments);
  void SettleAmong(const std::vector<uint64_t>& members);
  void SyncOne(uint64_t n);
  void ReportApplied(uint64_t n);
  void ServeSnapshot(uint64_t n);
  void KeepChunk(uint64_t n);
  void FinishInstall(uint64_t n, bool installed);
  bool WorkOf(uint64_t n);

  uint64_t seed_;
  raft::Options options_;
  std::map<uint64_t, Member> members_;
  std::deque<Message> pool_;
  std::set<std::pair<uint64_t, uint64_t>> cut_;  // from, to
  Configuration founding_;                       // of the log's first entry
  TraceNames names_;
  InvariantChecker invariants_;
  bool check_invariants_ = true;
  RequestId last_request_;
  std::string trace_;
  std::string complaints_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_TESTING_INTERACTION_ENV_H_
