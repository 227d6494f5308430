// SPDX-License-Identifier: Apache-2.0
#include "agent/state/replicated_state.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/store/state_store.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/result.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "raft/storage/record/record.h"

namespace microovn::agent {
namespace {

using raft::LogIndex;
using testing::IsEmpty;

statepb::Result Parsed(const std::string& bytes) {
  statepb::Result result;
  EXPECT_TRUE(result.ParseFromString(bytes));
  return result;
}

// What a node does with a machine: it keeps the records it is told of.
struct Member {
  Member() : machine(&store) {}

  statepb::Result Apply(absl::string_view bytes) {
    index = index.Next();
    auto applied = machine.Apply(index, bytes);
    last_mutations = applied.mutations.size();
    for (const raft::Mutation& mutation : applied.mutations) {
      if (mutation.value.has_value()) {
        records[mutation.key] = *mutation.value;
      } else {
        records.erase(mutation.key);
      }
    }
    return Parsed(applied.result);
  }
  statepb::Result Apply(const statepb::Command& command) {
    return Apply(command.SerializeAsString());
  }
  std::vector<raft::Record> Records() const {
    std::vector<raft::Record> all;
    for (const auto& [key, value] : records) all.push_back({key, value});
    return all;
  }

  LogIndex index;
  StateStore store;
  ReplicatedState machine;
  size_t last_mutations = 0;
  std::map<std::string, std::string> records;
};

TEST(ReplicatedStateTest, NothingShowsBeforeItIsPublished) {
  Member member;
  EXPECT_EQ(member.Apply(BootstrapCommand("node1")).code(), 0);
  EXPECT_FALSE(member.store.Current()->bootstrapped());
  member.machine.Publish(LogIndex(1));
  EXPECT_TRUE(member.store.Current()->bootstrapped());
}

// Who proposed it hears more than the hash does.
TEST(ReplicatedStateTest, CodeAndReasonAreTheOutcome) {
  StateStore store;
  ReplicatedState machine(&store);
  const auto refused = machine.Apply(
      LogIndex(1), CreateTokenCommand("node2").SerializeAsString());
  EXPECT_EQ(refused.outcome, "9 NOT_BOOTSTRAPPED");
  const auto malformed = machine.Apply(LogIndex(2), "\xff\xff");
  EXPECT_EQ(malformed.outcome, "3 COMMAND_MALFORMED");
  const auto admitted =
      machine.Apply(LogIndex(3), BootstrapCommand("node1").SerializeAsString());
  EXPECT_EQ(admitted.outcome, "0 ");
}

// At any depth: an older version would pass over it.
TEST(ReplicatedStateTest, AnUnknownFieldIsRefused) {
  Member member;
  member.Apply(BootstrapCommand("node1"));
  statepb::Command deep = CreateTokenCommand("node2");
  statepb::JoinToken* token = deep.mutable_create_token()->mutable_token();
  token->GetReflection()->MutableUnknownFields(token)->AddVarint(1000, 1);
  statepb::Command flat = CreateTokenCommand("node2");
  flat.GetReflection()->MutableUnknownFields(&flat)->AddVarint(1000, 1);
  statepb::Command listed = AdmitCommand("node2");
  auto* certificate = listed.mutable_admit_member()->mutable_certificates(0);
  certificate->GetReflection()
      ->MutableUnknownFields(certificate)
      ->AddVarint(1000, 1);
  for (const statepb::Command& command : {flat, deep, listed}) {
    const statepb::Result result = member.Apply(command);
    EXPECT_EQ(result.reason(), "COMMAND_MALFORMED");
    EXPECT_EQ(result.arguments(0).value(), "unknown-field");
    EXPECT_EQ(member.last_mutations, 0);
  }
}

TEST(ReplicatedStateTest, ASnapshotStaysAsItWas) {
  Member member;
  member.Apply(BootstrapCommand("node1"));
  member.machine.Publish(LogIndex(1));
  const StateSnapshot before = member.store.Current();
  member.Apply(CreateTokenCommand("node2"));
  member.machine.Publish(LogIndex(2));
  EXPECT_THAT(before->tokens.records(), IsEmpty());
  EXPECT_EQ(member.store.Current()->tokens.size(), 1);
}

TEST(ReplicatedStateTest, RefusalsAndGarbageAreResults) {
  Member member;
  EXPECT_THAT(StatusOfResult(member.Apply(CreateTokenCommand("node2"))),
              HasReason("NOT_BOOTSTRAPPED"));
  EXPECT_EQ(member.last_mutations, 0);
  member.Apply(BootstrapCommand("node1"));
  const statepb::Result garbage = member.Apply("\xff\xff not a command");
  EXPECT_THAT(StatusOfResult(garbage), HasReason("COMMAND_MALFORMED"));
  EXPECT_GT(garbage.revision(), 0);
  EXPECT_EQ(member.last_mutations, 0);
  EXPECT_EQ(member.Apply("").reason(), "COMMAND_MALFORMED");
}

TEST(ReplicatedStateTest, ARefusalThatQuotesACutCharacterCanBeRead) {
  Member member;
  member.Apply(BootstrapCommand("node1"));
  for (size_t length = 70; length < 90; ++length) {
    statepb::Command command = AdmitCommand("node2");
    std::string address(length, 'a');
    address += "\xc3\xbc\xe2\x82\xac";  // an umlaut and a euro sign
    command.mutable_admit_member()->mutable_member()->set_address(address);
    EXPECT_NE(member.Apply(command).code(), 0) << length;
    EXPECT_NE(member.Apply(SetConfigCommand(address, "x")).code(), 0);
  }
}

TEST(ReplicatedStateTest, NobodyIsWokenWhenNothingHasChanged) {
  Member member;
  member.Apply(BootstrapCommand("node1"));
  member.machine.Publish(LogIndex(1));
  int calls = 0;
  const auto subscription = member.store.Subscribe([&calls] { ++calls; });
  member.machine.Publish(LogIndex(2));
  member.Apply("garbage");
  member.machine.Publish(LogIndex(3));
  EXPECT_EQ(calls, 0);
}

TEST(ReplicatedStateTest, ARestartedMemberGoesOnLikeTheOthers) {
  Member running;
  running.Apply(BootstrapCommand("node1"));
  running.Apply(CreateTokenCommand("node2"));

  Member restarted;
  restarted.records = running.records;
  ASSERT_OK(restarted.machine.Load(LogIndex(2), running.Records()));
  restarted.machine.Publish(LogIndex(2));
  EXPECT_EQ(EncodeState(*restarted.store.Current()).size(),
            running.records.size());

  const statepb::Command admit = AdmitCommand("node2");
  EXPECT_EQ(running.Apply(admit).SerializeAsString(),
            restarted.Apply(admit).SerializeAsString());
  EXPECT_EQ(running.records, restarted.records);
}

TEST(ReplicatedStateTest, RecordsOfAnotherVersionAreAnError) {
  Member member;
  EXPECT_THAT(member.machine.Load(LogIndex(1), {{"cluster", "\x7f"}}),
              HasReason("STATE_UNREADABLE"));
}

}  // namespace
}  // namespace microovn::agent
