// SPDX-License-Identifier: Apache-2.0
#include "agent/state/store/state_store.h"

#include <memory>
#include <thread>
#include <vector>

#include "agent/state/apply.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/limits.h"
#include "base/mutex.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

StateSnapshot Snapshot(const ClusterState& state) {
  return std::make_shared<const ClusterState>(state);
}

TEST(StateStoreTest, BeginsBeforeBootstrap) {
  const StateStore store;
  EXPECT_FALSE(store.Current()->bootstrapped());
}

TEST(StateStoreTest, WaitsForARevision) {
  StateStore store;
  ClusterState state = TestCluster({"node1"});
  store.Publish(Snapshot(state));
  EXPECT_THAT(store.WaitForRevision(state.revision(), absl::ZeroDuration()),
              IsOk());
  EXPECT_THAT(
      store.WaitForRevision(state.revision() + 1, absl::Milliseconds(1)),
      StatusIs(absl::StatusCode::kDeadlineExceeded));
  const uint64_t wanted = state.revision() + 1;
  std::thread publisher([&store, &state] {
    MustApply(state, SetConfigCommand("cluster.voters", "5"));
    store.Publish(Snapshot(state));
  });
  const auto seen = store.WaitForRevision(wanted, absl::Minutes(1));
  publisher.join();
  ASSERT_THAT(seen, IsOk());
  EXPECT_EQ(ConfigValue(**seen, "cluster.voters"), "5");
}

TEST(StateStoreTest, WaitsForAnyChange) {
  StateStore store;
  const StateSnapshot first = store.Current();
  EXPECT_THAT(store.WaitForChange(first, absl::Milliseconds(1)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  store.Publish(Snapshot(ClusterState()));
  EXPECT_THAT(store.WaitForChange(first, absl::ZeroDuration()), IsOk());
}

TEST(StateStoreTest, ClosingWakesWhoWaits) {
  StateStore store;
  std::thread closer([&store] { store.Close(); });
  EXPECT_THAT(store.WaitForRevision(1, absl::Minutes(1)),
              StatusIs(absl::StatusCode::kCancelled));
  closer.join();
}

TEST(StateStoreTest, ObserversAreWokenUntilTheyEnd) {
  StateStore store;
  int first_calls = 0;
  int second_calls = 0;
  auto first = store.Subscribe([&first_calls] { ++first_calls; });
  auto second = store.Subscribe([&store, &second_calls] {
    // The store's lock is free here.
    if (!store.Current()->bootstrapped()) ++second_calls;
  });
  store.Publish(Snapshot(ClusterState()));
  first.reset();
  store.Publish(Snapshot(ClusterState()));
  EXPECT_EQ(first_calls, 1);
  EXPECT_EQ(second_calls, 2);
}

// ThreadSanitizer judges that nobody is called after its end.
TEST(StateStoreTest, AnObserverMayEndWhileItIsCalled) {
  StateStore store;
  std::thread publisher([&store] {
    for (int i = 0; i < 200; ++i) store.Publish(Snapshot(ClusterState()));
  });
  for (int i = 0; i < 200; ++i) {
    auto calls = std::make_unique<int>(0);
    auto subscription = store.Subscribe([&calls] { ++*calls; });
    subscription.reset();
    calls.reset();
  }
  publisher.join();
}

TEST(EventsAfterTest, ResumesAtARevision) {
  ClusterState state = TestCluster({"node1"});
  const uint64_t revision = state.revision();
  MustApply(state, SetConfigCommand("cluster.voters", "5"));
  const auto after = EventsAfter(state, revision);
  ASSERT_THAT(after, IsOk());
  ASSERT_THAT(*after, SizeIs(1));
  EXPECT_EQ(after->front().type(), "CONFIG_SET");
  EXPECT_EQ(after->front().time_seconds(), kTestTime);
  EXPECT_THAT(EventsAfter(state, 0), IsOkAndHolds(SizeIs(state.revision())));
  EXPECT_THAT(EventsAfter(state, state.revision() + 5),
              IsOkAndHolds(IsEmpty()));
}

TEST(EventsAfterTest, SaysWhenSomeAreGone) {
  ClusterState state = TestCluster({"node1"});
  for (size_t i = 0; i < kMaxEvents; ++i) {
    MustApply(state, SetConfigCommand("cluster.voters", i % 2 ? "3" : "5"));
  }
  EXPECT_THAT(EventsAfter(state, 1), HasReason("EVENTS_EXPIRED"));
  // Of the settings; what was before them is kept.
  const uint64_t gone = state.cluster().forgotten_revision();
  EXPECT_THAT(EventsAfter(state, gone - 1), HasReason("EVENTS_EXPIRED"));
  EXPECT_THAT(EventsAfter(state, gone),
              IsOkAndHolds(SizeIs(state.revision() - gone)));
  EXPECT_THAT(EventsAfter(state, 0), IsOkAndHolds(SizeIs(kMaxEvents)));
}

}  // namespace
}  // namespace microovn::agent
