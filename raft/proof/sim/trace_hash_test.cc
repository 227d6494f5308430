// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/trace_hash.h"

#include <functional>
#include <set>
#include <utility>

#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

uint64_t HashOf(const Output& output) {
  TraceHash trace;
  trace.AddOutput(output);
  return trace.value();
}

Output Sending(MessageBody body) {
  Output output;
  output.sends.push_back({Message{Header{}, std::move(body)}, StorageToken(0)});
  return output;
}

TEST(TraceHashTest, EveryFieldOfAnOutputCounts) {
  const std::vector<std::function<void(Output&)>> changes = {
      [](Output& o) {
        o.fault = Fault{FaultKind::kCorruptEntry, ""};
      },
      [](Output& o) { o.persist = Persist{}; },
      [](Output& o) {
        o.persist = Persist{};
        o.persist->hard_state = HardState{Term(1), MemberId(1, 2)};
      },
      [](Output& o) {
        o.persist = Persist{};
        o.persist->truncate_from = LogIndex(3);
      },
      [](Output& o) {
        o.persist = Persist{};
        o.persist->entries.emplace_back();
      },
      [](Output& o) { o.store_snapshot_chunk = StoreSnapshotChunk{}; },
      [](Output& o) { o.install_snapshot = InstallSnapshot{}; },
      [](Output& o) { o.apply = Apply{}; },
      [](Output& o) { o.accepted.emplace_back(); },
      [](Output& o) {
        o.refused.push_back({RequestId(1), {}, {}});
      },
      [](Output& o) { o.reads.emplace_back(); },
      [](Output& o) { o.snapshots_wanted.emplace_back(); },
      [](Output& o) { o.compact = CompactLog{}; },
      [](Output& o) { o.role_changes.emplace_back(); },
      [](Output& o) { o.configuration = Configuration{}; },
      [](Output& o) {
        o.configuration = Configuration{};
        o.configuration->removed.emplace_back(1, 2);
      },
      [](Output& o) { o.rejected.emplace_back(); },
  };
  std::set<uint64_t> hashes = {HashOf(Output())};
  for (const auto& change : changes) {
    Output output;
    change(output);
    EXPECT_TRUE(hashes.insert(HashOf(output)).second) << hashes.size();
  }
}

TEST(TraceHashTest, EveryMessageAndItsFieldsCount) {
  Append with_entry;
  with_entry.entries.emplace_back();
  VoteRequest transfer;
  transfer.transfer = true;
  VoteReply granted;
  granted.granted = true;
  AppendReply accepted;
  accepted.accepted = true;
  Heartbeat commit;
  commit.commit = LogIndex(1);
  SnapshotChunk bytes;
  bytes.bytes = Payload("x");
  SnapshotReply installed;
  installed.installed = true;
  const std::vector<MessageBody> bodies = {
      VoteRequest{},
      transfer,
      VoteReply{},
      granted,
      Append{},
      with_entry,
      AppendReply{},
      accepted,
      Heartbeat{},
      commit,
      HeartbeatReply{},
      SnapshotChunk{},
      bytes,
      SnapshotReply{},
      installed,
      TimeoutNow{},
      ReadIndexRequest{},
      ReadIndexReply{},
      ReadIndexReply{1, true, LogIndex(1)}};
  std::set<uint64_t> hashes;
  for (const MessageBody& body : bodies) {
    EXPECT_TRUE(hashes.insert(HashOf(Sending(body))).second) << hashes.size();
  }
}

TEST(TraceHashTest, TheOrderAndTheTimeOfInputsCount) {
  const auto hash = [](Time first, size_t slot, const Input& input) {
    TraceHash trace;
    trace.AddInput(first, slot, input);
    trace.AddInput(Time(9), 1, Tick{});
    return trace.value();
  };
  std::set<uint64_t> hashes;
  hashes.insert(hash(Time(1), 1, Tick{}));
  hashes.insert(hash(Time(2), 1, Tick{}));
  hashes.insert(hash(Time(1), 2, Tick{}));
  hashes.insert(hash(Time(1), 1, ReadRequest{}));
  const Message message{Header{}, TimeoutNow{}};
  hashes.insert(hash(Time(1), 1, Received{message}));
  hashes.insert(hash(Time(1), 1, Received{message, LogIndex(1)}));
  EXPECT_EQ(hashes.size(), 6u);
}

}  // namespace
}  // namespace microovn::raft
