// SPDX-License-Identifier: Apache-2.0
// Members of one cluster in one process, each with its own disk and a key-value
// state machine, for tests. Thread-compatible.
#ifndef MICROOVN_RAFT_NODE_TESTING_TESTING_CLUSTER_H_
#define MICROOVN_RAFT_NODE_TESTING_TESTING_CLUSTER_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/testing/temp_dir.h"
#include "raft/core/values/types.h"
#include "raft/node/apply/state_machine.h"
#include "raft/node/raft_node.h"
#include "raft/storage/log_storage.h"
#include "raft/transport/transport.h"

namespace microovn::raft {

// Commands are "key=value", and "key=" removes; the result is the old value.
class KeyValueMachine final : public StateMachine {
 public:
  using Map = std::map<std::string, std::string>;

  Applied Apply(LogIndex index, absl::string_view command) override;
  absl::Status Load(LogIndex applied, std::vector<Record> records) override;
  void Publish(LogIndex applied) override;
  // The next command is applied wrongly.
  void ApplyWrongly() { wrong_ = true; }

  // What was published. Thread-safe.
  Map Published() const;
  int loads() const;

 private:
  Map state_;  // of who applies
  std::atomic<bool> wrong_{false};
  mutable Mutex mu_;
  Map published_ ABSL_GUARDED_BY(mu_);
  int loads_ ABSL_GUARDED_BY(mu_) = 0;
};

// How the members of a TestingCluster reach each other.
class TestingNetwork {
 public:
  virtual ~TestingNetwork() = default;
  // Anew for each start of `member`.
  virtual std::unique_ptr<Transport> Connect(const MemberId& member) = 0;
  // The transport of `member` is gone.
  virtual void Disconnect(const MemberId& member) = 0;
};

class TestingCluster {
 public:
  explicit TestingCluster(TestingNetwork* network);
  ~TestingCluster();

  // For members that are started later.
  NodeOptions options;
  // What stands between a member and its storage; nothing by default.
  std::function<std::unique_ptr<LogStorage>(size_t number,
                                            std::unique_ptr<LogStorage>)>
      wrap_storage;

  // Member 0 with a cluster of its own, started.
  void Found();
  // A further member, started, and a learner; returns its number.
  size_t Join();
  // Everybody that runs becomes a voter.
  void PromoteAll();
  // Found, Join twice, PromoteAll.
  void FormThree();

  void Start(size_t number);
  void Stop(size_t number);

  RaftNode& node(size_t number) { return *members_[number]->node; }
  KeyValueMachine& machine(size_t number) { return members_[number]->machine; }
  MemberId id(size_t number) const { return members_[number]->id; }
  std::string directory(size_t number) const {
    return members_[number]->directory.File("raft");
  }
  size_t size() const { return members_.size(); }
  bool running(size_t number) const {
    return members_[number]->node != nullptr;
  }

  // Who leads all that run but `except`; waits until it is settled.
  size_t Leader(std::optional<size_t> except = std::nullopt);
  size_t Follower();
  // Makes `voters` and `learners` the membership, at the leader.
  absl::Status Change(const std::vector<size_t>& voters,
                      const std::vector<size_t>& learners);

  // The members that run have applied the same and have the same hash.
  bool Converged();
  // False if `condition` does not hold within 20 s.
  static bool Eventually(const std::function<bool()>& condition);

 private:
  struct Member {
    MemberId id;
    TempDir directory;
    KeyValueMachine machine;
    std::unique_ptr<Transport> transport;
    std::unique_ptr<RaftNode> node;
  };

  TestingNetwork* const network_;
  const ClusterId cluster_ = ClusterId(0xc, 0x1);
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_TESTING_TESTING_CLUSTER_H_
