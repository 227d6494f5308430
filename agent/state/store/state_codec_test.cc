// SPDX-License-Identifier: Apache-2.0
#include "agent/state/store/state_codec.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

ClusterState EveryKindOfRecord() {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  MustApply(state, RemovalCommand("node3", "operation"));
  statepb::Command remove = CommandAt(kTestTime);
  remove.mutable_remove_member()->set_member_id(TestId("node3"));
  remove.set_request_id("request-1");
  MustApply(state, remove);
  MustApply(state, SetConfigCommand("cluster.voters", "5"));
  MustApply(state, CreateTokenCommand("node4"));
  return state;
}

TEST(StateCodecTest, WhatIsReadIsWhatWasWritten) {
  const ClusterState state = EveryKindOfRecord();
  const std::vector<StateRecord> records = EncodeState(state);
  auto decoded = DecodeState(records);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(EncodeState(*decoded), records);
  EXPECT_THAT(TakeMutations(*decoded), IsEmpty());
  EXPECT_EQ(decoded->revision(), state.revision());
}

TEST(StateCodecTest, KeysAreThoseOfTheComments) {
  const std::vector<StateRecord> records = EncodeState(EveryKindOfRecord());
  for (const std::string& key :
       {std::string("cluster"), "member/" + TestId("node1"),
        "tombstone/" + TestId("node3"), "token/" + TestId("token-node4"),
        std::string("authority/cluster"), std::string("authority/ovn"),
        "certificate/" + TestId("serial-node1"),
        std::string("config/cluster.voters"), std::string("database/nb"),
        "report/" + TestId("node1"), "operation/" + TestId("operation"),
        std::string("request/request-1"),
        std::string("feature/join-withdrawal"),
        std::string("event/00000000000000000001")}) {
    EXPECT_THAT(records, Contains(Field(&StateRecord::key, key)));
  }
}

TEST(StateCodecTest, MutationsTurnTheOldBytesIntoTheNew) {
  ClusterState state = TestCluster({"node1", "node2"});
  std::map<std::string, std::string> stored;
  const auto store = [&stored, &state] {
    for (StateMutation& mutation : TakeMutations(state)) {
      if (mutation.value.has_value()) {
        stored[mutation.key] = *std::move(mutation.value);
      } else {
        stored.erase(mutation.key);
      }
    }
  };
  store();
  MustApply(state, RemovalCommand("node2", "operation"));
  store();
  statepb::Command remove = CommandAt(kTestTime + 1);
  remove.mutable_remove_member()->set_member_id(TestId("node2"));
  MustApply(state, remove);
  store();
  std::vector<StateRecord> records;
  for (const auto& [key, value] : stored) records.push_back({key, value});
  const auto decoded = DecodeState(records);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(EncodeState(*decoded), EncodeState(state));
}

TEST(StateCodecTest, AMalformedRecordIsNamed) {
  const std::vector<StateRecord> valid = EncodeState(EveryKindOfRecord());
  const std::string member = "member/" + TestId("node1");
  const struct {
    std::string what;
    StateRecord record;
  } cases[] = {
      {"unknown kind", {"novelty/1", "\1"}},
      {"no kind", {"member", "\1"}},
      {"no value", {"config/ovn.central-ips", ""}},
      {"a later format", {"config/ovn.central-ips", "\2"}},
      {"not a message", {"config/ovn.central-ips", "\1\xff\xff"}},
      {"another record's key", {"config/ovn.central-ips", "\1"}},
      {"twice",
       {"config/cluster.voters", std::string("\1\x0a\x0e") + "cluster.voters"}},
  };
  for (const auto& c : cases) {
    std::vector<StateRecord> records = valid;
    records.push_back(c.record);
    const auto decoded = DecodeState(records);
    EXPECT_THAT(decoded, HasReason("STATE_UNREADABLE")) << c.what;
    EXPECT_THAT(decoded,
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(c.record.key)))
        << c.what;
  }
}

TEST(StateCodecTest, NothingIsAStateBeforeBootstrap) {
  const auto empty = DecodeState({});
  ASSERT_THAT(empty, IsOk());
  EXPECT_FALSE(empty->bootstrapped());
  std::vector<StateRecord> headless;
  for (const StateRecord& record : EncodeState(TestCluster({"node1"}))) {
    if (record.key != "cluster") headless.push_back(record);
  }
  EXPECT_THAT(DecodeState(headless), HasReason("STATE_UNREADABLE"));
}

}  // namespace
}  // namespace microovn::agent
