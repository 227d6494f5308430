// SPDX-License-Identifier: Apache-2.0
#include "agent/service/event_service.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/cluster/testing/fake_membership.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/store/state_store.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/limits.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/v1/event.grpc.pb.h"

namespace microovn::agent {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class EventServiceTest : public testing::Test {
 protected:
  struct Heard {
    std::vector<v1::Event> events;
    absl::Status status;
  };

  FakeMembership& membership() { return api_.membership(); }

  void Set(const std::string& value) {
    ASSERT_THAT(membership().Propose(SetConfigCommand("cluster.voters", value),
                                     kProposeTimeout),
                IsOk());
  }

  Heard Watch(uint64_t after, bool follow) {
    v1::WatchEventsRequest request;
    request.set_after_revision(after);
    request.set_follow(follow);
    return Watch(request);
  }
  // Until the server ends the stream.
  Heard Watch(const v1::WatchEventsRequest& request) {
    v1::EventService::Stub stub(socket_);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(20));
    const auto reader = stub.WatchEvents(&context, request);
    Heard heard;
    v1::WatchEventsResponse response;
    while (reader->Read(&response)) heard.events.push_back(response.event());
    heard.status = FromGrpcStatus(reader->Finish());
    return heard;
  }

  TestApi api_;
  std::shared_ptr<grpc::Channel> socket_ = api_.Socket();
};

TEST_F(EventServiceTest, SaysWhatHasChangedWhenAndWhere) {
  const uint64_t before = membership().state()->revision();
  Set("3");
  const Heard heard = Watch(before, /*follow=*/false);
  ASSERT_OK(heard.status);
  ASSERT_THAT(heard.events, SizeIs(1));
  const v1::Event& event = heard.events[0];
  EXPECT_EQ(event.type(), "CONFIG_SET");
  EXPECT_EQ(event.message(), "cluster.voters = 3");
  EXPECT_EQ(event.revision(), before + 1);
  EXPECT_EQ(event.time().seconds(), absl::ToUnixSeconds(api_.clock().Now()));
}

TEST_F(EventServiceTest, TellsWhatWasAskedForOnly) {
  Set("3");
  v1::WatchEventsRequest request;
  request.add_types("CONFIG_SET");
  EXPECT_THAT(Watch(request).events, SizeIs(1));
  request.add_types("MEMBER_JOINED");
  const size_t both = Watch(request).events.size();
  EXPECT_GT(both, 1u);
  request.set_resource("members/node2");
  for (const v1::Event& event : Watch(request).events) {
    EXPECT_EQ(event.resource(), "members/node2");
  }
  // Of the whole name.
  request.clear_types();
  request.set_resource("members/node");
  EXPECT_THAT(Watch(request).events, IsEmpty());
  request.set_resource("members");
  EXPECT_GT(Watch(request).events.size(), 2u);
}

TEST_F(EventServiceTest, TellsWhatHappenedSince) {
  Set("3");
  v1::WatchEventsRequest request;
  request.add_types("CONFIG_SET");
  request.mutable_since()->set_seconds(absl::ToUnixSeconds(api_.clock().Now()));
  EXPECT_THAT(Watch(request).events, SizeIs(1));
  request.mutable_since()->set_seconds(absl::ToUnixSeconds(api_.clock().Now()) +
                                       1);
  EXPECT_THAT(Watch(request).events, IsEmpty());
}

TEST_F(EventServiceTest, AFilterIsOfWhatThereIs) {
  v1::WatchEventsRequest request;
  request.add_types("MOON_LANDED");
  EXPECT_THAT(Watch(request).status, HasReason("EVENT_FILTER_INVALID"));
  request.Clear();
  for (int i = 0; i < 65; ++i) request.add_types("CONFIG_SET");
  EXPECT_THAT(Watch(request).status, HasReason("EVENT_FILTER_INVALID"));
  request.Clear();
  request.set_resource(std::string(257, 'x'));
  EXPECT_THAT(Watch(request).status, HasReason("EVENT_FILTER_INVALID"));
}

// Rather than a history with a hole that nobody can see.
TEST_F(EventServiceTest, WhoWasAwayTooLongIsTold) {
  const uint64_t before = membership().state()->revision();
  for (size_t i = 0; i <= kMaxEvents; ++i) Set(i % 2 == 0 ? "3" : "5");
  const Heard late = Watch(before, /*follow=*/false);
  EXPECT_THAT(late.status, HasReason("EVENTS_EXPIRED"));
  EXPECT_THAT(late.events, IsEmpty());
  // Who wants what there is gets it.
  const Heard all = Watch(0, /*follow=*/false);
  EXPECT_OK(all.status);
  EXPECT_THAT(all.events, SizeIs(kMaxEvents));
}

TEST_F(EventServiceTest, WhoIsAheadHearsNothingOld) {
  const Heard heard = Watch(membership().state()->revision() + 1000, false);
  EXPECT_OK(heard.status);
  EXPECT_THAT(heard.events, IsEmpty());
}

// A follower must not be left waiting on a member that ends.
TEST_F(EventServiceTest, FollowingEndsWithTheMembership) {
  Heard heard;
  std::thread follower([this, &heard] {
    heard = Watch(membership().state()->revision(), /*follow=*/true);
  });
  Set("3");
  membership().store().Close();
  follower.join();
  EXPECT_FALSE(heard.status.ok());
  EXPECT_NE(heard.status.code(), absl::StatusCode::kDeadlineExceeded)
      << "that is the client's";
}

// What has happened before and after the call, without a hole or a double.
TEST_F(EventServiceTest, FollowingHasNoHole) {
  const uint64_t before = membership().state()->revision();
  for (int i = 0; i < 20; ++i) Set(i % 2 == 0 ? "3" : "5");
  Heard heard;
  std::thread follower([&] { heard = Watch(before, /*follow=*/true); });
  for (int i = 0; i < 20; ++i) Set(i % 2 == 0 ? "3" : "5");
  // The end takes what is on its way along.
  while (membership().state()->revision() < before + 40) {
    Set("3");
  }
  membership().store().Close();
  follower.join();
  ASSERT_THAT(heard.events, testing::Not(IsEmpty()));
  uint64_t expected = before;
  for (const v1::Event& event : heard.events) {
    EXPECT_EQ(event.revision(), ++expected);
  }
}

}  // namespace
}  // namespace microovn::agent
