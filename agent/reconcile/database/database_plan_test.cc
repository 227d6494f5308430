// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/database_plan.h"

#include <functional>
#include <string>
#include <vector>

#include "agent/reconcile/testing/state_builder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using A = DatabaseAction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCluster[] = "cc330789-a3b4-4ed2-8282-23973489852c";
constexpr char kOther[] = "dd330789-a3b4-4ed2-8282-23973489852c";

DatabaseWish Creator() {
  DatabaseWish wish;
  wish.central = true;
  wish.creator = true;
  return wish;
}

DatabaseWish Joiner() {
  DatabaseWish wish;
  wish.central = true;
  wish.remotes = {"10.0.0.1", "10.0.0.2"};
  wish.cluster_id = kCluster;
  return wish;
}

DatabaseWish Member() {
  DatabaseWish wish = Joiner();
  wish.self_joined = true;
  return wish;
}

DatabaseWish Leaver() {
  DatabaseWish wish = Member();
  wish.central = false;
  return wish;
}

DatabaseWish LastLeaver() {
  DatabaseWish wish;
  wish.self_joined = true;
  return wish;
}

DatabaseWish Recoverer() {
  DatabaseWish wish = Creator();
  wish.replaced_cluster_id = kOther;
  return wish;
}

DatabaseObservation Nothing() { return {}; }

DatabaseObservation Stopped(const char* cluster_id, bool left = false) {
  DatabaseObservation seen;
  seen.file_exists = true;
  seen.file = DatabaseFile{"sid", cluster_id, "ssl:10.0.0.3:6643", left};
  return seen;
}

DatabaseObservation Starting() {
  DatabaseObservation seen;
  seen.file_exists = true;
  seen.running = true;
  return seen;
}

DatabaseObservation Serving(
    OvsdbMembership membership = OvsdbMembership::kMember,
    const char* leader = "fca7", const char* cluster_id = kCluster) {
  DatabaseObservation seen = Starting();
  seen.ready = true;
  seen.status.emplace();
  seen.status->membership = membership;
  seen.status->leader = leader;
  seen.status->cluster_id = cluster_id;
  return seen;
}

DatabaseObservation Joining(const char* cluster_id, const char* remote) {
  DatabaseObservation seen = Serving(OvsdbMembership::kJoining, "", cluster_id);
  seen.status->joining_remotes = {remote};
  return seen;
}

DatabaseObservation With(DatabaseObservation seen,
                         const std::function<void(DatabaseObservation*)>& f) {
  f(&seen);
  return seen;
}

struct PlanCase {
  const char* name;
  DatabaseWish wish;
  DatabaseObservation seen;
  bool run;
  DatabaseAction action;
  bool give_up;
  bool done;
};

void Check(const std::vector<PlanCase>& cases) {
  for (const PlanCase& c : cases) {
    SCOPED_TRACE(c.name);
    const DatabasePlan plan = PlanDatabase(c.wish, c.seen);
    EXPECT_EQ(plan.run_server, c.run);
    EXPECT_EQ(plan.action, c.action);
    EXPECT_EQ(plan.give_up, c.give_up);
    EXPECT_EQ(plan.waiting_for.empty(), c.done) << plan.waiting_for;
  }
}

TEST(DatabasePlanTest, TheCreatorCreatesAndServes) {
  Check({
      {"nothing there", Creator(), Nothing(), false, A::kCreate, false, false},
      {"the file is there", Creator(), Stopped(kCluster), true, A::kNone, false,
       false},
      {"the server starts", Creator(), Starting(), true, A::kNone, false,
       false},
      {"no leader yet", Creator(), Serving(OvsdbMembership::kMember, ""), true,
       A::kNone, false, false},
      {"it serves", Creator(), Serving(), true, A::kEnsureListener, false,
       true},
      {"a file from an attempt to join", Creator(), Stopped(""), false,
       A::kDiscard, false, false},
      {"it asks for admission where nobody is", Creator(),
       Joining("", "ssl:10.0.0.9:6643"), false, A::kNone, true, false},
  });
}

DatabaseObservation Unreadable() {
  DatabaseObservation seen;
  seen.file_exists = true;
  seen.unreadable = true;
  return seen;
}

TEST(DatabasePlanTest, AnUnreadableFileIsPutAsideWhereOthersHaveWhatWasInIt) {
  DatabaseWish alone = Joiner();
  alone.remotes.clear();
  DatabaseWish leaving = Joiner();
  leaving.central = false;
  Check({
      {"others have it", Joiner(), Unreadable(), false, A::kMoveAside, false,
       false},
      {"nobody else has it", alone, Unreadable(), false, A::kNone, false,
       false},
      {"it is this node's to make", Creator(), Unreadable(), false, A::kNone,
       false, false},
      {"central is disabled", leaving, Unreadable(), false, A::kMoveAside,
       false, true},
  });
}

TEST(DatabasePlanTest, OthersJoin) {
  DatabaseWish early = Joiner();
  early.remotes.clear();
  early.cluster_id.clear();
  DatabaseWish lost = Member();
  lost.remotes.clear();
  Check({
      {"nobody to join yet", early, Nothing(), false, A::kNone, false, false},
      {"somebody to join", Joiner(), Nothing(), false, A::kJoin, false, false},
      {"a power cut while joining", Joiner(), Stopped(""), true, A::kNone,
       false, false},
      {"it waits to be admitted", Joiner(), Joining("", "ssl:10.0.0.2:6643"),
       true, A::kNone, false, false},
      {"those it asks are gone", Joiner(), Joining("", "ssl:10.0.0.9:6643"),
       false, A::kNone, true, false},
      {"nobody is there to ask instead", early,
       Joining("", "ssl:10.0.0.9:6643"), true, A::kNone, false, false},
      {"admitted, catching up", Joiner(),
       Joining(kCluster, "ssl:10.0.0.9:6643"), true, A::kNone, false, false},
      {"it serves", Joiner(), Serving(), true, A::kEnsureListener, false, true},
      {"the given up attempt has stopped", Joiner(),
       With(Stopped(""), [](auto* s) { s->given_up = true; }), false,
       A::kDiscard, false, false},
      {"the given up attempt still runs", Joiner(),
       With(Joining("", "ssl:10.0.0.2:6643"),
            [](auto* s) { s->given_up = true; }),
       false, A::kNone, false, false},
      {"its file was lost with all data", lost, Nothing(), false, A::kNone,
       false, false},
      {"its file was lost, others have the data", Member(), Nothing(), false,
       A::kJoin, false, false},
      {"a server without its file", Member(),
       With(Nothing(), [](auto* s) { s->running = true; }), false, A::kNone,
       false, false},
  });
}

TEST(DatabasePlanTest, AServerThatWasPutOutJoinsAgain) {
  auto outvoted = [](absl::Duration time) {
    return With(Serving(OvsdbMembership::kDisconnected, ""),
                [=](auto* s) { s->outvoted_for = time; });
  };
  Check({
      {"while it ran", Joiner(),
       With(Starting(),
            [](auto* s) {
              s->ready = true;
              s->gone = true;
            }),
       false, A::kNone, true, false},
      {"its file says so", Member(), Stopped(kCluster, /*left=*/true), false,
       A::kMoveAside, false, false},
      {"while it was off, seen for long", Joiner(), outvoted(absl::Seconds(11)),
       false, A::kNone, true, false},
      {"while it was off, seen for a moment", Joiner(),
       outvoted(absl::Seconds(2)), true, A::kNone, false, false},
      {"the state still counts it in", Member(), outvoted(absl::Hours(1)), true,
       A::kNone, false, false},
      {"it has stopped", Joiner(),
       With(Stopped(kCluster), [](auto* s) { s->given_up = true; }), false,
       A::kMoveAside, false, false},
      {"a file of another cluster", Joiner(), Stopped(kOther), false,
       A::kMoveAside, false, false},
      {"a server of another cluster", Joiner(),
       Serving(OvsdbMembership::kMember, "fca7", kOther), false, A::kNone, true,
       false},
      {"it is leaving, as it was told before", Member(),
       Serving(OvsdbMembership::kLeaving, ""), true, A::kNone, false, false},
      {"no quorum", Member(), Serving(OvsdbMembership::kDisconnected, ""), true,
       A::kNone, false, false},
      {"its storage failed", Member(), Serving(OvsdbMembership::kFailed), true,
       A::kNone, false, false},
  });
}

TEST(DatabasePlanTest, ADatabaseIsMadeOfACopyAndNeverOfNothing) {
  const auto known = [](const char* cluster_id) {
    return With(Starting(), [=](auto* s) { s->known_cluster_id = cluster_id; });
  };
  Check({
      {"the old server runs", Recoverer(),
       Serving(OvsdbMembership::kDisconnected, "", kOther), false, A::kNone,
       false, false},
      {"and serves, as was accepted", Recoverer(),
       Serving(OvsdbMembership::kMember, "fca7", kOther), false, A::kNone,
       false, false},
      {"it does not answer", Recoverer(), known(kOther), false, A::kNone, false,
       false},
      {"whose it is nobody knows", Recoverer(), known(""), false, A::kNone,
       false, false},
      {"it has stopped", Recoverer(), Stopped(kOther), false, A::kRecover,
       false, false},
      {"the new file is in place", Recoverer(), Stopped(kCluster), true,
       A::kNone, false, false},
      {"the new server starts", Recoverer(), known(kCluster), true, A::kNone,
       false, false},
      {"the new one serves", Recoverer(), Serving(), true, A::kEnsureListener,
       false, true},
      {"there is no copy", Recoverer(), Nothing(), false, A::kNone, false,
       false},
      {"the copy cannot be read", Recoverer(), Unreadable(), false, A::kNone,
       false, false},
      {"nothing is in it", Recoverer(), Stopped(""), false, A::kNone, false,
       false},
  });
  EXPECT_FALSE(
      Joined(Recoverer(), Serving(OvsdbMembership::kMember, "fca7", kOther)));
  EXPECT_TRUE(Joined(Recoverer(), Serving()));
}

TEST(DatabasePlanTest, OthersKeepTheirCopiesUntilTheNewOneIsMade) {
  DatabaseWish before;
  before.central = true;
  before.replaced_cluster_id = kOther;
  DatabaseWish after = Joiner();
  after.replaced_cluster_id = kOther;
  Check({
      {"before, it runs", before,
       Serving(OvsdbMembership::kDisconnected, "", kOther), true, A::kNone,
       false, false},
      {"before, it is off", before, Stopped(kOther), true, A::kNone, false,
       false},
      {"after, it runs", after,
       Serving(OvsdbMembership::kDisconnected, "", kOther), false, A::kNone,
       true, false},
      {"after, it was off", after, Stopped(kOther), false, A::kMoveAside, false,
       false},
      {"after, put away", after, Nothing(), false, A::kJoin, false, false},
  });
}

TEST(DatabasePlanTest, AMemberLeavesBeforeItsFileIsPutAway) {
  auto late = [](DatabaseObservation seen) {
    seen.leaving_for = absl::Seconds(31);
    return seen;
  };
  Check({
      {"a member", Leaver(), Serving(), true, A::kLeave, false, false},
      {"its chassis is still there", Leaver(),
       With(Serving(), [](auto* s) { s->chassis_first = true; }), true,
       A::kNone, false, false},
      {"under way", Leaver(), Serving(OvsdbMembership::kLeaving, ""), true,
       A::kNone, false, false},
      {"it has left", Leaver(),
       With(Starting(),
            [](auto* s) {
              s->ready = true;
              s->gone = true;
            }),
       false, A::kNone, true, false},
      {"it has left and is stopping, so it does not answer", Leaver(),
       With(Starting(), [](auto* s) { s->given_up = true; }), false, A::kNone,
       false, false},
      {"it has left and stopped", Leaver(), Stopped(kCluster, true), false,
       A::kMoveAside, false, true},
      {"put away", Leaver(), Nothing(), false, A::kNone, false, true},
      {"it was off and has to leave", Leaver(), Stopped(kCluster), true,
       A::kNone, false, false},
      {"it starts in order to leave", Leaver(), Starting(), true, A::kNone,
       false, false},
      {"it cannot leave: no quorum", Leaver(),
       late(Serving(OvsdbMembership::kLeaving, "")), false, A::kNone, true,
       false},
      {"it could not leave and has stopped", Leaver(), late(Stopped(kCluster)),
       false, A::kMoveAside, false, true},
      {"never admitted", Leaver(), Joining("", "ssl:10.0.0.1:6643"), false,
       A::kNone, true, false},
      {"never admitted and stopped", Leaver(), Stopped(""), false, A::kDiscard,
       false, true},
      {"the last one does not ask", LastLeaver(), Serving(), false, A::kNone,
       true, false},
      {"the last one's data is kept", LastLeaver(), Stopped(kCluster), false,
       A::kMoveAside, false, true},
      {"never central", LastLeaver(), Nothing(), false, A::kNone, false, true},
  });
}

TEST(DatabasePlanTest, JoinedIsWhatTheClusterMayCountOn) {
  EXPECT_TRUE(Joined(Creator(), Serving()));
  EXPECT_TRUE(Joined(Joiner(), Serving()));
  EXPECT_FALSE(Joined(Joiner(), Joining(kCluster, "ssl:10.0.0.1:6643")));
  EXPECT_FALSE(Joined(Joiner(), Serving(OvsdbMembership::kMember, "")));
  // A restart or a lost quorum does not take it out.
  EXPECT_TRUE(Joined(Member(), Starting()));
  EXPECT_TRUE(Joined(Member(), Stopped(kCluster)));
  EXPECT_TRUE(Joined(Member(), Serving(OvsdbMembership::kDisconnected, "")));
  EXPECT_FALSE(Joined(Member(), Nothing()));
  EXPECT_FALSE(Joined(Member(), Stopped(kCluster, true)));
  EXPECT_FALSE(Joined(Member(), Stopped(kOther)));
  EXPECT_FALSE(
      Joined(Joiner(), Serving(OvsdbMembership::kMember, "fca7", kOther)));
  // Until it has left.
  EXPECT_TRUE(Joined(Leaver(), Serving()));
  EXPECT_FALSE(Joined(Leaver(), Nothing()));
}

OvsdbClusterStatus Candidate(const std::vector<absl::Duration>& heard) {
  OvsdbClusterStatus status;
  status.membership = OvsdbMembership::kDisconnected;
  status.election_timer = absl::Seconds(1);
  OvsdbServer self;
  self.self = true;
  status.servers.push_back(self);
  for (const absl::Duration time : heard) {
    OvsdbServer server;
    if (time < absl::InfiniteDuration()) server.last_message = time;
    status.servers.push_back(server);
  }
  return status;
}

TEST(DatabasePlanTest, AServerIsOutvotedOnlyByAMajorityThatItHears) {
  const absl::Duration never = absl::InfiniteDuration();
  const absl::Duration soon = absl::Milliseconds(200);
  const absl::Duration old = absl::Minutes(1);
  EXPECT_TRUE(Outvoted(Candidate({soon, soon})));
  EXPECT_TRUE(Outvoted(Candidate({soon, never})));
  EXPECT_FALSE(Outvoted(Candidate({old, never})));
  EXPECT_FALSE(Outvoted(Candidate({never, never})));
  EXPECT_FALSE(Outvoted(Candidate({soon, never, never, old})));
  EXPECT_FALSE(Outvoted(Candidate({})));
  OvsdbClusterStatus member = Candidate({soon, soon});
  member.membership = OvsdbMembership::kMember;
  EXPECT_FALSE(Outvoted(member));
}

TEST(DatabaseWishTest, ComesFromTheState) {
  StateBuilder builder;
  builder.Member(1, AllStateServices())
      .Member(2, AllStateServices())
      .Member(3, {statepb::SERVICE_CHASSIS})
      .Databases(1, {});
  DatabaseWish wish = WishOf(builder.View(1), "nb");
  EXPECT_TRUE(wish.central);
  EXPECT_TRUE(wish.creator);
  EXPECT_FALSE(wish.self_joined);
  EXPECT_THAT(wish.remotes, IsEmpty());
  EXPECT_FALSE(WishOf(builder.View(2), "nb").creator);
  EXPECT_FALSE(WishOf(builder.View(3), "nb").central);

  builder.Databases(1, {1, 2}, kCluster);
  wish = WishOf(builder.View(1), "sb");
  EXPECT_FALSE(wish.creator) << "once made, it is joined";
  EXPECT_TRUE(wish.self_joined);
  EXPECT_EQ(wish.cluster_id, kCluster);
  EXPECT_THAT(wish.remotes, ElementsAre("10.0.0.2"));

  builder.Databases(2, {}).Replaces(kOther);
  wish = WishOf(builder.View(2), "nb");
  EXPECT_TRUE(wish.creator);
  EXPECT_EQ(wish.replaced_cluster_id, kOther);
  builder.Databases(1, {1, 2}, kCluster);

  builder.Member(2, AllStateServices(), statepb::Member::STATE_LEAVING);
  EXPECT_FALSE(WishOf(builder.View(2), "nb").central);
  EXPECT_TRUE(WishOf(builder.View(2), "nb").self_joined);
  EXPECT_FALSE(WishOf(StateBuilder().Member(1, {}).View(1), "nb").central);
}

}  // namespace
}  // namespace microovn::agent
