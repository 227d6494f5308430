// SPDX-License-Identifier: Apache-2.0
#include "supervisor/service/service_state.h"

#include "gtest/gtest.h"

namespace microovn::supervisor {
namespace {

using Action = ServiceState::Action;

constexpr absl::Duration kStart = absl::Seconds(100);

Timing TestTiming() { return Timing(); }

ServiceState Ready() {
  ServiceState state;
  state.RequestStart(kStart);
  state.Spawned(10, kStart);
  state.Probed(true, kStart);
  return state;
}

TEST(RestartPolicy, DelaysGrowToALimitAndNeverEnd) {
  const RestartPolicy policy;
  RestartHistory history;
  std::vector<absl::Duration> delays;
  for (int end = 0; end < 2000; ++end) {
    history = AfterEnd(policy, history, absl::Seconds(1));
    delays.push_back(DelayBeforeRestart(policy, history));
  }
  EXPECT_EQ(delays[0], absl::Milliseconds(200));
  EXPECT_EQ(delays[1], absl::Milliseconds(400));
  EXPECT_EQ(delays[4], absl::Milliseconds(3200));
  EXPECT_EQ(delays[5], absl::Seconds(5));
  EXPECT_EQ(delays.back(), absl::Seconds(5));
}

TEST(RestartPolicy, ALongLifeIsForgiven) {
  const RestartPolicy policy;
  const RestartHistory history =
      AfterEnd(policy, RestartHistory{500}, absl::Minutes(1));
  EXPECT_EQ(DelayBeforeRestart(policy, history), absl::Milliseconds(200));
}

TEST(ServiceState, StartsProbesAndIsReady) {
  ServiceState state;
  EXPECT_EQ(state.Due(TestTiming(), kStart), Action::kNone);
  state.RequestStart(kStart);
  EXPECT_EQ(state.Due(TestTiming(), kStart), Action::kSpawn);
  state.Spawned(10, kStart);
  EXPECT_EQ(state.Due(TestTiming(), kStart), Action::kProbe);
  state.Probed(false, kStart);
  EXPECT_EQ(state.Due(TestTiming(), kStart), Action::kNone);
  const absl::Duration later = state.NextDue(TestTiming(), kStart);
  EXPECT_EQ(later, kStart + TestTiming().probe_interval);
  EXPECT_EQ(state.Due(TestTiming(), later), Action::kProbe);
  state.Probed(true, later);
  EXPECT_EQ(state.phase(), Phase::kReady);
  EXPECT_EQ(state.since(), later);
  EXPECT_EQ(state.NextDue(TestTiming(), later), absl::InfiniteDuration());
}

TEST(ServiceState, StartIsIdempotent) {
  ServiceState state = Ready();
  state.RequestStart(kStart + absl::Seconds(1));
  EXPECT_EQ(state.phase(), Phase::kReady);
  EXPECT_EQ(state.since(), kStart);
}

TEST(ServiceState, AnUnaskedEndLeadsToARestartAfterTheDelay) {
  ServiceState state = Ready();
  state.Exited(0, TestTiming(), kStart);
  EXPECT_EQ(state.phase(), Phase::kBackoff);
  EXPECT_EQ(state.last_exit(), 0);
  EXPECT_EQ(state.pid(), 0);
  EXPECT_EQ(state.Due(TestTiming(), kStart), Action::kNone);
  const absl::Duration due = kStart + absl::Milliseconds(200);
  EXPECT_EQ(state.Due(TestTiming(), due), Action::kSpawn);
  state.Spawned(11, due);
  EXPECT_EQ(state.restarts(), 1);
}

TEST(ServiceState, AProgramThatCannotRunIsTriedAgain) {
  ServiceState state;
  state.RequestStart(kStart);
  state.SpawnFailed(TestTiming(), kStart);
  EXPECT_EQ(state.phase(), Phase::kBackoff);
  EXPECT_EQ(state.NextDue(TestTiming(), kStart),
            kStart + absl::Milliseconds(200));
}

TEST(ServiceState, StopEscalates) {
  const Timing timing = TestTiming();
  ServiceState state = Ready();
  state.RequestStop(StopMode::kKeepDataPlane, kStart);
  EXPECT_EQ(state.phase(), Phase::kStopping);
  absl::Duration now = kStart;
  EXPECT_EQ(state.Due(timing, now), Action::kAskToExit);
  state.Tried(Action::kAskToExit, now);
  EXPECT_EQ(state.Due(timing, now), Action::kNone);
  now += timing.exit_grace;
  EXPECT_EQ(state.Due(timing, now), Action::kTerminate);
  state.Tried(Action::kTerminate, now);
  now += timing.terminate_grace;
  EXPECT_EQ(state.Due(timing, now), Action::kKill);
  state.Exited(137, timing, now);
  EXPECT_EQ(state.phase(), Phase::kStopped);
  EXPECT_EQ(state.restarts(), 0);
}

TEST(ServiceState, AStopThatIsToCleanUpAsksAgain) {
  ServiceState state = Ready();
  state.RequestStop(StopMode::kKeepDataPlane, kStart);
  state.Tried(Action::kAskToExit, kStart);
  state.RequestStop(StopMode::kCleanUp, kStart);
  EXPECT_EQ(state.stop_mode(), StopMode::kCleanUp);
  EXPECT_EQ(state.Due(TestTiming(), kStart), Action::kAskToExit);
  // And not the other way round.
  state.RequestStop(StopMode::kKeepDataPlane, kStart);
  EXPECT_EQ(state.stop_mode(), StopMode::kCleanUp);
}

TEST(ServiceState, RestartIsOneStopAndOneStart) {
  ServiceState state = Ready();
  state.RequestRestart(kStart);
  EXPECT_EQ(state.phase(), Phase::kStopping);
  EXPECT_EQ(state.stop_mode(), StopMode::kKeepDataPlane);
  state.Exited(0, TestTiming(), kStart);
  EXPECT_EQ(state.phase(), Phase::kStarting);
  EXPECT_EQ(state.Due(TestTiming(), kStart), Action::kSpawn);
  EXPECT_EQ(state.restarts(), 0);
}

TEST(ServiceState, TheLastWishCounts) {
  ServiceState state = Ready();
  state.RequestStop(StopMode::kCleanUp, kStart);
  state.RequestStart(kStart);
  state.Exited(0, TestTiming(), kStart);
  EXPECT_EQ(state.phase(), Phase::kStarting);
  state.RequestStop(StopMode::kKeepDataPlane, kStart);
  EXPECT_EQ(state.phase(), Phase::kStopped);
}

TEST(ServiceState, BackoffObeysAtOnce) {
  ServiceState state = Ready();
  state.Exited(1, TestTiming(), kStart);
  ServiceState restarted = state;
  restarted.RequestRestart(kStart);
  EXPECT_EQ(restarted.Due(TestTiming(), kStart), Action::kSpawn);
  state.RequestStop(StopMode::kKeepDataPlane, kStart);
  EXPECT_EQ(state.phase(), Phase::kStopped);
}

TEST(ServiceState, AnAdoptedDaemonKeepsItsAge) {
  ServiceState state;
  state.Adopted(10, absl::Seconds(5), kStart);
  EXPECT_TRUE(state.wanted());
  EXPECT_EQ(state.Due(TestTiming(), kStart), Action::kProbe);
  state.Probed(true, kStart);
  EXPECT_EQ(state.since(), absl::Seconds(5));
  // It was up for more than a minute: the delay is the shortest.
  state.Exited(kUnknownExit, TestTiming(), kStart);
  EXPECT_EQ(state.NextDue(TestTiming(), kStart),
            kStart + absl::Milliseconds(200));
}

TEST(ServiceState, ALateProbeOfAStoppingDaemonIsIgnored) {
  ServiceState state;
  state.RequestStart(kStart);
  state.Spawned(10, kStart);
  state.RequestStop(StopMode::kKeepDataPlane, kStart);
  state.Probed(true, kStart);
  EXPECT_EQ(state.phase(), Phase::kStopping);
  EXPECT_EQ(state.Due(TestTiming(), kStart), Action::kAskToExit);
}

}  // namespace
}  // namespace microovn::supervisor
