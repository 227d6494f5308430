// SPDX-License-Identifier: Apache-2.0
#include "raft/node/testing/testing_cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/crypto/random.h"
#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "gtest/gtest.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"

namespace microovn::raft {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

}  // namespace

StateMachine::Applied KeyValueMachine::Apply(LogIndex,
                                             absl::string_view command) {
  const size_t split = std::min(command.find('='), command.size());
  const std::string key(command.substr(0, split));
  std::string value(command.substr(std::min(split + 1, command.size())));
  if (wrong_.exchange(false)) value += "?";
  Applied applied;
  applied.result = state_[key];
  applied.outcome = applied.result;
  if (value.empty()) {
    state_.erase(key);
    applied.mutations = {{key, std::nullopt}};
  } else {
    state_[key] = value;
    applied.mutations = {{key, value}};
  }
  return applied;
}

absl::Status KeyValueMachine::Load(LogIndex, std::vector<Record> records) {
  state_.clear();
  for (Record& record : records) {
    state_[std::move(record.key)] = std::move(record.value);
  }
  MutexLock lock(&mu_);
  ++loads_;
  return absl::OkStatus();
}

void KeyValueMachine::Publish(LogIndex) {
  MutexLock lock(&mu_);
  published_ = state_;
}

KeyValueMachine::Map KeyValueMachine::Published() const {
  MutexLock lock(&mu_);
  return published_;
}

int KeyValueMachine::loads() const {
  MutexLock lock(&mu_);
  return loads_;
}

TestingCluster::TestingCluster(TestingNetwork* network) : network_(network) {
  // A busy machine must not look like a dead leader.
  options.core.election_timeout = 500'000;
  options.space.space.reserve = 0;
}

TestingCluster::~TestingCluster() {
  options.hand_over = absl::ZeroDuration();
  for (size_t i = 0; i < members_.size(); ++i) {
    if (running(i)) Stop(i);
  }
}

void TestingCluster::Found() {
  CHECK(members_.empty());
  members_.push_back(std::make_unique<Member>());
  members_[0]->id = MemberId(0xa, 1);
  const absl::Status created = RaftNode::CreateFirst(
      members_[0]->directory.File("raft"), cluster_, members_[0]->id);
  ASSERT_TRUE(created.ok()) << created;
  Start(0);
}

size_t TestingCluster::Join() {
  const size_t number = members_.size();
  members_.push_back(std::make_unique<Member>());
  members_[number]->id = MemberId(0xa, number + 1);
  const absl::Status created = RaftNode::CreateJoiner(
      members_[number]->directory.File("raft"), cluster_, members_[number]->id,
      RaftNode::NewIncarnation(RandomSource::Real()));
  EXPECT_TRUE(created.ok()) << created;
  Start(number);
  const size_t leader = Leader(number);
  const NodeStatus status = node(leader).Status();
  Configuration target = status.configuration;
  target.learners.push_back(id(number));
  target.incarnations = {{id(number), node(number).identity().incarnation}};
  const absl::Status joined = node(leader).ChangeMembership(
      target, status.configuration_index, kPatience);
  EXPECT_TRUE(joined.ok()) << joined;
  return number;
}

void TestingCluster::PromoteAll() {
  std::vector<size_t> voters;
  for (size_t i = 0; i < size(); ++i) {
    if (running(i)) voters.push_back(i);
  }
  const absl::Status promoted = Change(voters, {});
  EXPECT_TRUE(promoted.ok()) << promoted;
}

void TestingCluster::FormThree() {
  Found();
  Join();
  Join();
  PromoteAll();
}

void TestingCluster::Start(size_t number) {
  Member& member = *members_[number];
  member.transport = network_->Connect(member.id);
  NodeOptions with_directory = options;
  with_directory.directory = member.directory.File("raft");
  const auto open = [&]() -> absl::StatusOr<std::unique_ptr<RaftNode>> {
    if (!wrap_storage) {
      return RaftNode::Open(with_directory, &member.machine,
                            member.transport.get(), Clock::Real(),
                            RandomSource::Real());
    }
    ASSIGN_OR_RETURN(std::unique_ptr<LogStorage> storage,
                     RocksdbLogStorage::Open(with_directory.directory));
    return RaftNode::OpenOn(wrap_storage(number, std::move(storage)),
                            with_directory, &member.machine,
                            member.transport.get(), Clock::Real(),
                            RandomSource::Real());
  };
  auto opened = open();
  ASSERT_TRUE(opened.ok()) << opened.status();
  member.node = *std::move(opened);
}

void TestingCluster::Stop(size_t number) {
  members_[number]->node = nullptr;
  members_[number]->transport = nullptr;
  network_->Disconnect(members_[number]->id);
}

size_t TestingCluster::Leader(std::optional<size_t> except) {
  std::optional<size_t> leader;
  const auto settled = [this, except, &leader] {
    std::optional<MemberId> named;
    for (size_t i = 0; i < size(); ++i) {
      if (!running(i) || i == except) continue;
      const NodeStatus status = node(i).Status();
      if (!status.leader.has_value()) return false;
      if (named.has_value() && named != status.leader) return false;
      named = status.leader;
    }
    for (size_t i = 0; i < size(); ++i) {
      if (running(i) && named == id(i)) leader = i;
    }
    return leader.has_value();
  };
  EXPECT_TRUE(Eventually(settled)) << "no leader";
  return leader.value_or(0);
}

size_t TestingCluster::Follower() {
  const size_t leader = Leader();
  for (size_t i = 0; i < size(); ++i) {
    if (running(i) && i != leader) return i;
  }
  ADD_FAILURE() << "no follower";
  return 0;
}

absl::Status TestingCluster::Change(const std::vector<size_t>& voters,
                                    const std::vector<size_t>& learners) {
  absl::Status status = absl::UnknownError("not tried");
  const auto changed = [&] {
    const size_t leader = Leader();
    const NodeStatus now = node(leader).Status();
    Configuration target;
    for (const size_t each : voters) target.voters.push_back(id(each));
    for (const size_t each : learners) target.learners.push_back(id(each));
    status = node(leader).ChangeMembership(target, now.configuration_index,
                                           kPatience);
    return status.ok();
  };
  Eventually(changed);
  return status;
}

bool TestingCluster::Converged() {
  return Eventually([this] {
    std::optional<NodeStatus> first;
    for (size_t i = 0; i < size(); ++i) {
      if (!running(i)) continue;
      const NodeStatus status = node(i).Status();
      if (!first.has_value()) first = status;
      if (status.applied != first->applied ||
          status.running_hash != first->running_hash) {
        return false;
      }
    }
    return true;
  });
}

bool TestingCluster::Eventually(const std::function<bool()>& condition) {
  const absl::Duration end = Clock::Real().Monotonic() + kPatience;
  Mutex mu;
  CondVar never;
  while (Clock::Real().Monotonic() < end) {
    if (condition()) return true;
    MutexLock lock(&mu);
    never.WaitWithTimeout(&mu, absl::Milliseconds(5));
  }
  return condition();
}

}  // namespace microovn::raft
