// SPDX-License-Identifier: Apache-2.0
// A cluster of whole nodes in one thread on one seed: real cores, ready
// handlers and RocksDB databases on simulated disks and a simulated network.
// Each Step of each core is followed by the invariants, each result by the
// history check, each restart by a look at what the disk kept.
//
// Thread-compatible. Used by NodeNemesis and SimulateNodes.
#ifndef MICROOVN_RAFT_PROOF_NODESIM_NODE_CLUSTER_H_
#define MICROOVN_RAFT_PROOF_NODESIM_NODE_CLUSTER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/crypto/random.h"
#include "raft/core/invariants.h"
#include "raft/proof/nodesim/kv_machine.h"
#include "raft/proof/nodesim/node_sim_options.h"
#include "raft/proof/nodesim/simulated_node.h"
#include "raft/proof/sim/history.h"
#include "raft/proof/sim/sim_network.h"
#include "raft/storage/testing/disk_image.h"

namespace microovn::raft {

class NodeCluster {
 public:
  struct Stats {
    uint64_t events = 0;
    uint64_t commits = 0;
    uint64_t elections = 0;
    uint64_t configurations = 0;
    uint64_t installs = 0;
    uint64_t compactions = 0;
    uint64_t crashes = 0;    // of machines
    uint64_t losses = 0;     // of them, that lost unsynced bytes
    uint64_t kills = 0;      // of processes
    uint64_t io_errors = 0;  // of all kinds, that ended a process
    uint64_t writes = 0;
    uint64_t resent = 0;    // with the request id of the first attempt
    uint64_t repeated = 0;  // of them, entries whose command had been done
    uint64_t reads = 0;
    Micros simulated = 0;
    uint64_t trace = 0;  // equal for equal runs
  };

  explicit NodeCluster(const NodeSimOptions& options);

  void RunUntil(Time until);
  // Empty: all is well so far.
  const std::string& failure() const { return failure_; }
  Stats GetStats() const;

  // For the nemesis.
  Time now() const { return now_; }
  SeededRandom& random() { return random_; }
  const NodeSimOptions& options() const { return options_; }
  SimNetwork& network() { return network_; }
  size_t size() const { return slots_.size(); }
  const Identity& identity(size_t slot) const { return slots_[slot].identity; }
  bool running(size_t slot) const { return slots_[slot].running(); }
  const SimulatedNode& node(size_t slot) const { return *slots_[slot].node; }
  std::optional<size_t> Leader() const;
  // Ends it; what the disk keeps is drawn.
  void CutPower(size_t slot);
  void KillProcess(size_t slot);
  void Arm(size_t slot, DiskFault fault, uint64_t operations);
  void SlowDown(size_t slot, Micros duration);
  void Start(size_t slot);
  size_t AddMember();
  void Give(size_t slot, Input input);
  RequestId NextRequest() { return RequestId(kNotAnOperation + ++requests_); }

  // For the liveness phase.
  void BecomeReliable();
  // Begin nothing more, and repeat nothing.
  void StopClients() { clients_stopped_ = true; }
  const History& history() const { return history_; }
  LogIndex committed() const { return checker_.committed(); }
  // Whether the member's sessions hold every write that was acknowledged.
  bool HoldsAllWrites(size_t slot) const;

 private:
  // Requests that no client waits for.
  static constexpr uint64_t kNotAnOperation = uint64_t{1} << 40;

  struct Attempt {
    uint64_t operation = 0;
    size_t client = 0;
    Term term;
  };
  struct WaitingRead {
    uint64_t operation = 0;
    size_t client = 0;
    LogIndex index;
  };
  struct Slot {
    Identity identity;
    std::unique_ptr<SimulatedNode> node;  // none: it is down
    DiskImage disk;                       // while it is down
    std::vector<LogTail> expected;        // on it
    uint32_t epoch = 0;
    Time clock_start;
    Time slow_until;
    std::map<LogIndex, Attempt> writes;
    std::vector<WaitingRead> reads;

    bool running() const { return node != nullptr; }
  };
  struct Client {
    KvCommand command;  // operation 0: none is open
    bool read = false;
    bool accepted = false;
    uint64_t acknowledged = 0;  // sequence
  };
  struct State {
    uint64_t hash = 0;
    uint64_t digest = 0;
  };

  void After(Micros delay, std::function<void()> act);
  // Unless that process is gone by then.
  void AfterIn(size_t slot, Micros delay, std::function<void()> act);
  SimulatedNodeContext ContextOf(size_t slot);
  std::unique_ptr<SimulatedNode> MakeNode(size_t slot, DiskImage disk);
  Identity NextIdentity();
  const std::vector<DiskImage>& FirstDisks();
  // The disk of a new member, whose process is gone.
  DiskImage Create(size_t slot, const Recovered& initial);
  void Transmit(size_t from, const Message& message);
  void Tick(size_t slot);
  void WriterTurn(size_t slot);
  void ApplierTurn(size_t slot);
  void StateWriteTurn(size_t slot);
  void Failed(size_t slot, const absl::Status& status);
  void End(size_t slot, Survival survival);
  Survival DrawSurvival();
  Micros StorageDelay(size_t slot);
  Time LocalTime(const Slot& slot) const;
  void CheckState(const SimulatedNode& node);
  void Mix(uint64_t what);  // into the trace
  void Fail(std::optional<std::string> what);

  // node_clients.cc
  void OnClient(size_t client);
  void Begin(size_t client);
  void Send(size_t client, size_t slot);
  size_t DrawTarget();
  void Accept(size_t slot, const Output& output);
  void Answer(size_t slot, const Output& output);
  void Complete(size_t slot, const AppliedCommand& applied);
  void CompleteReads(size_t slot);
  Client* Find(RequestId id);

  NodeSimOptions options_;
  SeededRandom random_;
  SimNetwork network_;
  ClusterId cluster_;
  uint64_t identities_ = 0;
  Time now_;
  uint64_t order_ = 0;
  // By time, and by the order of creation, which breaks ties.
  std::map<std::pair<Time, uint64_t>, std::function<void()>> events_;
  std::vector<Slot> slots_;
  std::vector<Client> clients_;
  InvariantChecker checker_;
  History history_;
  std::map<LogIndex, State> states_;
  std::optional<size_t> likely_leader_;
  uint64_t requests_ = 0;
  bool reliable_ = false;
  bool clients_stopped_ = false;
  std::string failure_;
  Stats stats_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_NODESIM_NODE_CLUSTER_H_
