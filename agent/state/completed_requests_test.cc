// SPDX-License-Identifier: Apache-2.0
// Sessions: a request is answered once and for all, whoever leads, restarts or
// installs a snapshot in between.
#include "agent/state/completed_requests.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/commands.h"
#include "base/crypto/random.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/v1/config.pb.h"
#include "microovn/v1/service.pb.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Result;
using testing::IsNull;
using testing::NotNull;

Command WithRequest(Command command, const std::string& id, int64_t clock = 0) {
  command.set_request_id(id);
  command.set_request_digest("asked");
  command.set_clock_seconds(clock);
  return command;
}

Command SetVoters(const std::string& value, const std::string& id,
                  int64_t clock = 0) {
  return WithRequest(SetConfigCommand("cluster.voters", value), id, clock);
}

TEST(FirstAnswerTest, IsTheAnswerOfEachRepetition) {
  ClusterState state = TestCluster({"node1"});
  const Command command = WithRequest(CreateTokenCommand("node2"), "r");
  const Result first = MustApply(state, command);
  const auto before = EncodeState(state);
  EXPECT_EQ(Apply(state, command).SerializeAsString(),
            first.SerializeAsString());
  EXPECT_EQ(EncodeState(state), before);
}

TEST(FirstAnswerTest, RefusesTheSameIdForSomethingElse) {
  const struct {
    const char* what;
    void (*change)(Command&);
  } cases[] = {
      {"another kind of request",
       [](Command& c) {
         c.mutable_delete_config()->set_key("cluster.voters");
       }},
      {"another content",
       [](Command& c) { c.set_request_digest("asked for something else"); }},
      {"a content that is not told",
       [](Command& c) { c.clear_request_digest(); }}};
  for (const auto& test : cases) {
    ClusterState state = TestCluster({"node1"});
    MustApply(state, SetVoters("5", "r"));
    const auto before = EncodeState(state);
    Command other = SetVoters("3", "r");
    test.change(other);
    EXPECT_EQ(Apply(state, other).reason(), "REQUEST_ID_REUSED") << test.what;
    EXPECT_EQ(EncodeState(state), before) << test.what;
  }
}

// Two copies of a request may be in the log: the second must not do what the
// caller was told had not been done.
TEST(FirstAnswerTest, ARefusedRequestStaysRefused) {
  ClusterState state = TestCluster({"node1"});
  const Command command = WithRequest(AdmitCommand("node2"), "r");
  const Result first = Apply(state, command);
  EXPECT_EQ(first.reason(), "TOKEN_UNKNOWN");
  MustApply(state, CreateTokenCommand("node2"));
  EXPECT_EQ(Apply(state, command).SerializeAsString(),
            first.SerializeAsString());
  EXPECT_EQ(state.members.size(), 1u);
  MustApply(state, WithRequest(AdmitCommand("node2"), "another"));
}

TEST(FirstAnswerTest, OutlivesASnapshot) {
  ClusterState state = TestCluster({"node1"});
  const Command command = SetVoters("5", "r", 10);
  const Result first = MustApply(state, command);
  auto restored = DecodeState(EncodeState(state));
  ASSERT_THAT(restored, IsOk());
  MustApply(*restored, SetVoters("3", "later", 11));
  EXPECT_EQ(Apply(*restored, command).SerializeAsString(),
            first.SerializeAsString());
  EXPECT_EQ(ConfigValue(*restored, "cluster.voters"), "3");
}

TEST(FirstAnswerTest, LivesForAnHourOfTheClustersClock) {
  const struct {
    const char* what;
    int64_t clock;
    int64_t time;
    std::string value;
  } cases[] = {
      {"just before", 10 + kRequestLifeSeconds - 1, kTestTime, "5"},
      {"at its end", 10 + kRequestLifeSeconds, kTestTime, "3"},
      {"a wall clock that is a year ahead", 11,
       kTestTime + int64_t{365} * 86400, "5"},
      {"a clock that is behind", 0, kTestTime, "5"},
  };
  for (const auto& test : cases) {
    ClusterState state = TestCluster({"node1"});
    MustApply(state, SetVoters("5", "r", 10));
    Command again = SetVoters("3", "r", test.clock);
    again.set_time_seconds(test.time);
    MustApply(state, again);
    EXPECT_EQ(ConfigValue(state, "cluster.voters"), test.value) << test.what;
    EXPECT_EQ(state.cluster().clock_seconds(),
              std::max<int64_t>(10, test.clock))
        << test.what;
  }
}

TEST(RoomTest, TheOldestMakesRoomButNoneThatIsYoung) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, SetVoters("5", "old", 10));
  for (size_t i = 1; i < kMaxRequests; ++i) {
    MustApply(state, SetVoters("5", absl::StrCat("r", i), 11));
  }
  const int64_t last = 10 + kMinRequestLifeSeconds - 1;
  EXPECT_EQ(Apply(state, SetVoters("3", "new", last)).reason(),
            "TOO_MANY_REQUESTS");
  EXPECT_EQ(ConfigValue(state, "cluster.voters"), "5");
  EXPECT_THAT(state.requests.Find("new"), IsNull());
  MustApply(state, SetVoters("3", "new", last + 1));
  EXPECT_THAT(state.requests.Find("old"), IsNull());
  EXPECT_THAT(state.requests.Find("new"), NotNull());
  EXPECT_EQ(state.requests.size(), kMaxRequests);
  // Without an id there is nothing to keep.
  MustApply(state, SetConfigCommand("cluster.voters", "5"));
}

TEST(RoomTest, IsBoundedInBytes) {
  ClusterState state = TestCluster({"node1"});
  statepb::CompletedRequest large;
  large.set_result(std::string(kMaxRequestBytes / 2, 'x'));
  for (const char* id : {"large1", "large2"}) {
    large.set_request_id(id);
    large.set_completed_seconds(id[5] == '1' ? 10 : 20);
    state.requests.Put(id, large);
  }
  MustApply(state, SetVoters("5", "new", 10 + kMinRequestLifeSeconds));
  EXPECT_THAT(state.requests.Find("large1"), IsNull());
  EXPECT_THAT(state.requests.Find("large2"), NotNull());
}

TEST(RequestDigestTest, IsWhatWasAsked) {
  v1::UpdateConfigRequest request;
  request.mutable_config()->set_name("configs/cluster.voters");
  request.mutable_config()->set_value("5");
  const std::string digest = RequestDigest(request);
  EXPECT_EQ(digest.size(), 32u);
  v1::UpdateConfigRequest retry = request;
  retry.set_request_id("r");
  EXPECT_EQ(RequestDigest(retry), digest);
  EXPECT_EQ(retry.request_id(), "r");
  v1::UpdateConfigRequest other = request;
  other.mutable_config()->set_value("3");
  EXPECT_NE(RequestDigest(other), digest);
  // Messages of different kinds may have the same bytes.
  EXPECT_NE(RequestDigest(v1::EnableServiceRequest()),
            RequestDigest(v1::DisableServiceRequest()));
}

// A client that numbers its changes and repeats each any number of times, in
// any order, past restarts: every change happens at most once.
class RetryTest : public testing::TestWithParam<uint64_t> {};

TEST_P(RetryTest, NeverAppliesTwice) {
  SCOPED_TRACE(absl::StrCat("seed ", GetParam()));
  SeededRandom random(GetParam());
  ClusterState state = TestCluster({"node1"});
  std::map<std::string, std::string> answers;
  int64_t clock = 0;
  for (int step = 0; step < 1500; ++step) {
    clock += static_cast<int64_t>(random.Uniform(2));
    const std::string id = absl::StrCat("r", random.Uniform(120));
    const bool token = id.back() % 2 == 0;
    Command command =
        token ? CreateTokenCommand(absl::StrCat("node", 2 + step))
              : SetConfigCommand("cluster.voters", step % 3 == 0 ? "7" : "5");
    command = WithRequest(std::move(command), id, clock);
    const uint64_t revision = state.revision();
    const std::string answer = Apply(state, command).SerializeAsString();
    const auto [known, fresh] = answers.emplace(id, answer);
    EXPECT_EQ(answer, known->second) << id;
    if (!fresh) {
      ASSERT_EQ(state.revision(), revision) << id << " again";
    }
    if (random.Uniform(50) == 0) {
      auto restarted = DecodeState(EncodeState(state));
      ASSERT_THAT(restarted, IsOk());
      state = *std::move(restarted);
    }
  }
  ASSERT_LT(clock, kRequestLifeSeconds);
  EXPECT_GT(answers.size(), 100u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RetryTest, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace microovn::agent
