// SPDX-License-Identifier: Apache-2.0
// A whole cluster in one thread on one seed: real cores on simulated networks,
// disks, clocks and clients. Each Step of each core is followed by the
// invariants; each client result by the history check. The same seed gives the
// same run, event by event.
//
// Thread-compatible. Used by the nemesis (faults) and by simulation_test.
#ifndef MICROOVN_RAFT_PROOF_SIM_SIM_CLUSTER_H_
#define MICROOVN_RAFT_PROOF_SIM_SIM_CLUSTER_H_

#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/crypto/random.h"
#include "raft/core/invariants.h"
#include "raft/core/raft_core.h"
#include "raft/proof/sim/history.h"
#include "raft/proof/sim/live_configurations.h"
#include "raft/proof/sim/register_history.h"
#include "raft/proof/sim/sim_member.h"
#include "raft/proof/sim/sim_network.h"
#include "raft/proof/sim/sim_options.h"
#include "raft/proof/sim/trace_hash.h"

namespace microovn::raft {

class SimCluster {
 public:
  struct Stats {
    uint64_t events = 0;
    uint64_t commits = 0;
    uint64_t elections = 0;
    uint64_t configurations = 0;
    uint64_t installs = 0;
    uint64_t messages = 0;
    uint64_t crashes = 0;
    uint64_t losses = 0;
    uint64_t lost_tails = 0;
    uint64_t disk_stalls = 0;
    uint64_t stalled_leaders = 0;  // that stepped down for it
    uint64_t wrong_applies = 0;
    uint64_t divergences = 0;  // of them, noticed
    uint64_t lies = 0;
    uint64_t refused_lies = 0;  // aloud
    uint64_t writes = 0;
    uint64_t reads = 0;
    Micros simulated = 0;
    uint64_t trace = 0;  // equal for equal runs
  };

  explicit SimCluster(const SimOptions& options);

  // Runs until `until` or until something is broken.
  void RunUntil(Time until);
  // Empty: all is well so far.
  const std::string& failure() const { return failure_; }
  Stats GetStats() const;

  // For the nemesis.
  Time now() const { return now_; }
  SeededRandom& random() { return random_; }
  const SimOptions& options() const { return options_; }
  SimNetwork& network() { return network_; }
  size_t size() const { return members_.size(); }
  SimMember& member(size_t slot) { return members_[slot]; }
  std::optional<size_t> Leader() const;
  std::optional<size_t> FindSlot(MemberId member) const;
  bool IsLiar(MemberId member) const;
  void Crash(size_t slot);
  void Start(size_t slot);
  // Crashes, and acknowledged writes are gone.
  void LoseTail(size_t slot);
  // What an operator does who goes on without what is behind `kept`: everybody
  // forgets that it was committed. Nobody may be up who has applied it, and no
  // state may ever have been wrong.
  void AcceptLoss(LogIndex kept);
  // The highest committed index that the disk of a member holds.
  LogIndex CommittedOn(size_t slot) const {
    return checker_.CommittedIn(members_[slot].disk.Recover());
  }
  // The next command there is applied wrongly.
  void ApplyWrongly(size_t slot) { members_[slot].wrong_next = true; }
  // Whether somebody has a wrong state, or is about to.
  bool AnyWrong() const;
  // Whether it has all that it ever promised, and nothing else.
  bool IsSound(size_t slot) const;
  void Pause(size_t slot, Micros duration);
  // What is written from now on becomes durable only afterwards.
  void StallDisk(size_t slot, Micros duration);
  // Its clock, which never goes back, leaps.
  void JumpClock(size_t slot, Micros by);
  // Whether the others that are sound can decide and elect without it.
  bool CanSpare(size_t slot) const;
  // Destroys a member's data for ever, unless that could cost a quorum.
  bool Lose(size_t slot);
  // A new member with an empty log, running; nobody knows it yet.
  size_t AddMember();
  void Give(size_t slot, Input input);
  // Tells both ends, as far as they run.
  void HintConnection(size_t a, size_t b, bool up);
  RequestId NextRequest() { return RequestId(kNotAnOperation + ++requests_); }

  // For the liveness phase: no more faults for these members and the links
  // between them; all others are cut off from them.
  void Heal(const std::vector<bool>& slots);
  // A random small set of members that can decide.
  std::vector<bool> DrawQuorum();
  // Those that may ever run again.
  std::vector<bool> Alive() const;
  // What an operator does with a member whose state is wrong.
  void StopForGood(size_t slot);
  void StopClients() { clients_stopped_ = true; }
  const History& history() const { return history_; }
  const RegisterHistory& registers() const { return registers_; }
  LogIndex committed() const { return checker_.committed(); }

 private:
  // Requests that no client waits for.
  static constexpr uint64_t kNotAnOperation = uint64_t{1} << 40;

  enum class Kind : uint8_t {
    kInput,
    kTick,
    kSynced,
    kInstalled,
    kClient,
    kLie
  };
  struct Event {
    Time time;
    uint64_t order = 0;  // of creation; breaks ties
    Kind kind = Kind::kInput;
    uint32_t slot = 0;   // of the member, or the client
    uint32_t epoch = 0;  // 0: any
    uint64_t argument = 0;

    bool operator<(const Event& other) const {
      return time != other.time ? time > other.time : order > other.order;
    }
  };
  struct ClientOperation {
    size_t client = 0;
    size_t member = 0;
    size_t key = 0;
    bool read = false;
    bool open = false;
  };

  void Schedule(Micros delay, Kind kind, size_t slot, uint32_t epoch,
                uint64_t argument);
  void ScheduleInput(Micros delay, size_t slot, uint32_t epoch, Input input);
  void Dispatch(const Event& event);
  bool Defer(const Event& event);
  void OnSynced(SimMember& member, size_t slot, StorageToken token);
  void OnInstalled(SimMember& member, size_t slot);
  void OnFault(size_t slot, const Fault& fault);
  void Fail(std::optional<std::string> what);
  void MintMember(size_t slot);
  std::vector<MemberId> KnownVoters() const;
  std::vector<bool> Sound() const;
  // Whether the members in `slots` have every quorum that is left to have, and
  // one of them would be elected.
  bool CanDecide(const std::vector<bool>& slots) const;

  // sim_node.cc: what a node does with an output.
  void Handle(size_t slot, Output output);
  void HandleSends(size_t slot, std::vector<Send> sends);
  void Transmit(size_t slot, const Message& message);
  void HandleApply(size_t slot, const Apply& apply);
  void ApplyOne(SimMember& member, const Entry& entry);
  void FinishWrite(SimMember& member, const Entry& entry);
  bool IsWrong(const SimStateMachine& state) const;
  void HandleSnapshots(size_t slot, Output& output);
  void StoreChunk(size_t slot, const StoreSnapshotChunk& chunk);
  void ReadSnapshot(size_t slot, const SnapshotWanted& wanted);
  void CheckDurableQuorum(const RaftCore& core, LogIndex from);
  void TrackConfigurations(const RaftCore& core, const Output& output);
  Micros SyncDelay(const SimMember& member);
  Time LocalTime(const SimMember& member) const;

  // sim_lies.cc
  void OnLie();

  // sim_clients.cc
  void OnClient(size_t client);
  void HandleAnswers(size_t slot, const Output& output);
  void CompleteReads(size_t slot);
  void Close(uint64_t operation);
  void Abandon(SimMember& member);
  ClientOperation* Find(RequestId id);

  SimOptions options_;
  SeededRandom random_;
  SimNetwork network_;
  ClusterId cluster_;
  Time now_;
  // Of events; those that a pause put off come first.
  uint64_t deferred_ = 0;
  uint64_t order_ = uint64_t{1} << 63;
  std::priority_queue<Event> events_;
  std::vector<Input> inputs_;  // of events, by slot in this vector
  std::vector<size_t> free_inputs_;
  std::vector<SimMember> members_;
  // What the last joiner was told.
  std::vector<MemberId> told_voters_;
  absl::flat_hash_map<MemberId, size_t> slots_;  // only looked up, for order
  LiveConfigurations configurations_;
  InvariantChecker checker_;
  History history_;
  RegisterHistory registers_;
  SimStateMachine reference_;  // as far as anybody has applied
  std::vector<ClientOperation> operations_;
  std::vector<uint64_t> client_operation_;  // of each client; 0: none
  std::optional<size_t> likely_leader_;
  std::optional<size_t> liar_;
  uint64_t requests_ = 0;
  bool clients_stopped_ = false;
  std::string failure_;
  TraceHash trace_;
  Stats stats_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_SIM_CLUSTER_H_
