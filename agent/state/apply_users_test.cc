// SPDX-License-Identifier: Apache-2.0
// People's certificates in the replicated state.
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/features.h"
#include "agent/state/values/limits.h"
#include "agent/state/values/result.h"
#include "agent/state/values/users.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/key/key_type.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::User;

constexpr char kMalformed[] = "COMMAND_MALFORMED";

absl::Status Applied(ClusterState& state, const Command& command) {
  return StatusOfResult(Apply(state, command));
}

std::string LastEvent(const ClusterState& state) {
  return state.events.records().rbegin()->second->type();
}

User& UserIn(Command& command) {
  return *command.mutable_add_user()->mutable_user();
}

// A second certificate of the same name, with a key of its own.
Command Another(const std::string& name, const std::string& word) {
  Command command = AddUserCommand(name);
  User& user = UserIn(command);
  user.set_serial(TestDigest(word).substr(0, 32));
  user.set_certificate_pem(TestCertificatePem(word));
  user.set_spki_sha256(TestKeyDigest(word));
  return command;
}

TEST(UsersTest, OneIsAddedAndRevoked) {
  ClusterState state = TestCluster({"node1"});
  Command add = AddUserCommand("alice", User::ROLE_VIEWER);
  UserIn(add).set_revoked_seconds(7);
  const statepb::Result result = MustApply(state, add);
  EXPECT_EQ(result.user().created_seconds(), kTestTime);
  const User* alice = state.users.Find("alice");
  ASSERT_NE(alice, nullptr);
  EXPECT_EQ(alice->role(), User::ROLE_VIEWER);
  EXPECT_EQ(alice->revoked_seconds(), 0) << "whatever the command says";
  EXPECT_EQ(LastEvent(state), "USER_ADDED");
  EXPECT_TRUE(IsUserKey(state, TestKeyDigest("alice")));
  EXPECT_TRUE(HasAccess(state, "alice", TestKeyDigest("alice")));
  MustApply(state, RevokeUserCommand("alice"));
  EXPECT_EQ(LastEvent(state), "USER_REVOKED");
  EXPECT_EQ(state.users.Find("alice")->revoked_seconds(), kTestTime);
  EXPECT_FALSE(IsUserKey(state, TestKeyDigest("alice")));
  EXPECT_FALSE(HasAccess(state, "alice", TestKeyDigest("alice")));
  // Once is enough.
  const uint64_t revision = state.revision();
  MustApply(state, RevokeUserCommand("alice"));
  EXPECT_EQ(state.revision(), revision);
  EXPECT_THAT(Applied(state, RevokeUserCommand("bob")),
              HasReason("USER_UNKNOWN"));
}

TEST(UsersTest, ANameHasOneValidCertificate) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, AddUserCommand("alice"));
  Command second = Another("alice", "second");
  EXPECT_THAT(Applied(state, second), HasReason("USER_EXISTS"));
  second.mutable_add_user()->set_follows_serial("00");
  EXPECT_THAT(Applied(state, second), HasReason("USER_EXISTS"));
  // The leader has found that its time is over.
  second.mutable_add_user()->set_follows_serial(
      state.users.Find("alice")->serial());
  MustApply(state, second);
  EXPECT_FALSE(HasAccess(state, "alice", TestKeyDigest("alice")));
  EXPECT_TRUE(HasAccess(state, "alice", TestKeyDigest("second")));
  MustApply(state, RevokeUserCommand("alice"));
  MustApply(state, Another("alice", "third"));
  EXPECT_TRUE(HasAccess(state, "alice", TestKeyDigest("third")));
}

TEST(UsersTest, AKeyIsOneHolders) {
  ClusterState state = TestCluster({"node1", "node2"});
  MustApply(state, AddUserCommand("alice"));
  EXPECT_THAT(Applied(state, Another("bob", "alice")),
              HasReason("USER_KEY_TAKEN"));
  EXPECT_THAT(Applied(state, Another("bob", "node1")),
              HasReason("USER_KEY_TAKEN"));
  statepb::Tombstone gone;
  gone.set_member_id(TestId("node9"));
  gone.add_spki_sha256(TestKeyDigest("node9"));
  state.tombstones.Put(gone.member_id(), gone);
  EXPECT_THAT(Applied(state, Another("bob", "node9")),
              HasReason("USER_KEY_TAKEN"));
  // Not even its own, once it was revoked.
  MustApply(state, RevokeUserCommand("alice"));
  EXPECT_THAT(Applied(state, AddUserCommand("alice")),
              HasReason("USER_KEY_TAKEN"));
}

TEST(UsersTest, ARecordIsWhole) {
  ClusterState state = TestCluster({"node1"});
  const auto refused = [&state](auto spoil) {
    Command command = AddUserCommand("alice");
    spoil(UserIn(command));
    EXPECT_THAT(Applied(state, command), HasReason(kMalformed));
  };
  refused([](User& user) { user.set_name("../alice"); });
  refused([](User& user) { user.set_name(std::string(60, 'a') + ".b.c.d.e"); });
  refused([](User& user) { user.clear_role(); });
  refused([](User& user) { user.set_role(static_cast<User::Role>(4)); });
  refused([](User& user) { user.set_serial("x"); });
  refused([](User& user) { user.set_spki_sha256(TestDigest("other")); });
  refused([](User& user) { user.set_issuer_sha256("ab"); });
  refused([](User& user) { user.clear_not_after_seconds(); });
  refused([](User& user) { user.set_not_after_seconds(INT64_MAX); });
  refused([](User& user) { user.set_certificate_pem("none"); });
  refused([](User& user) {
    user.set_certificate_pem(
        TestCertificatePem("alice", pki::KeyType::kEd25519));
    user.set_spki_sha256(TestKeyDigest("alice", pki::KeyType::kEd25519));
  });
  EXPECT_TRUE(state.users.empty());
}

// Who was revoked first makes room, and nobody who has access.
TEST(UsersTest, ThereIsRoomForSoMany) {
  ClusterState state = TestCluster({"node1"});
  for (size_t i = 0; i < kMaxUsers; ++i) {
    User user = AddUserCommand("alice").add_user().user();
    user.set_name(absl::StrCat("user", i));
    user.set_spki_sha256(TestDigest(user.name()));
    state.users.Put(user.name(), user);
  }
  EXPECT_THAT(Applied(state, AddUserCommand("alice")),
              HasReason("TOO_MANY_USERS"));
  for (const auto& [name, when] : {std::pair("user5", 20), {"user7", 10}}) {
    User user = *state.users.Find(name);
    user.set_revoked_seconds(when);
    state.users.Put(name, user);
  }
  MustApply(state, AddUserCommand("alice"));
  EXPECT_EQ(state.users.Find("user7"), nullptr);
  EXPECT_NE(state.users.Find("user5"), nullptr);
  EXPECT_EQ(state.users.size(), kMaxUsers);
}

TEST(UsersTest, WhatACertificateIsWorthNow) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, AddUserCommand("alice"));
  const User alice = *state.users.Find("alice");
  const absl::Time end = absl::FromUnixSeconds(alice.not_after_seconds());
  EXPECT_EQ(StandingOf(state, alice, end), UserStanding::kValid);
  EXPECT_EQ(StandingOf(state, alice, end + absl::Seconds(1)),
            UserStanding::kExpired);
  User revoked = alice;
  revoked.set_revoked_seconds(1);
  EXPECT_EQ(StandingOf(state, revoked, end), UserStanding::kRevoked);
  // A rotation: its CA is trusted as long as it is beside the new one.
  const std::string key = AuthorityKey(statepb::PLANE_CLUSTER);
  const statepb::Authority before = *state.authorities.Find(key);
  statepb::Authority rotated = before;
  *rotated.mutable_other() = before;
  rotated.set_certificate_pem(TestCertificatePem("new CA"));
  state.authorities.Put(key, rotated);
  EXPECT_EQ(StandingOf(state, alice, end), UserStanding::kValid);
  rotated.clear_other();
  state.authorities.Put(key, rotated);
  EXPECT_EQ(StandingOf(state, alice, end), UserStanding::kSuperseded);
}

TEST(UsersTest, WhoIsKnownByWhat) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, AddUserCommand("alice", User::ROLE_OPERATOR));
  const std::string key = TestKeyDigest("alice");
  EXPECT_OK(CheckUser(state, {"alice", "operator", key}));
  constexpr char kUnknown[] = "CERTIFICATE_NOT_REGISTERED";
  EXPECT_THAT(CheckUser(state, {"alice", "admin", key}), HasReason(kUnknown));
  EXPECT_THAT(CheckUser(state, {"bob", "operator", key}), HasReason(kUnknown));
  EXPECT_THAT(CheckUser(state, {"alice", "operator", TestKeyDigest("bob")}),
              HasReason(kUnknown));
  MustApply(state, RevokeUserCommand("alice"));
  EXPECT_THAT(CheckUser(state, {"alice", "operator", key}),
              HasReason("USER_REVOKED"));
}

TEST(UsersTest, NobodyIsAddedBeforeAllMembersKnowUsers) {
  ClusterState state = TestCluster({"node1"});
  state.features.Erase(kFeatureUsers);
  EXPECT_THAT(Applied(state, AddUserCommand("alice")), HasReason(kMalformed));
  EXPECT_THAT(Applied(state, RevokeUserCommand("alice")),
              HasReason(kMalformed));
}

TEST(UsersTest, AreKept) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, AddUserCommand("alice"));
  const auto kept = DecodeState(EncodeState(state));
  ASSERT_OK(kept);
  ASSERT_NE(kept->users.Find("alice"), nullptr);
  EXPECT_EQ(kept->users.Find("alice")->SerializeAsString(),
            state.users.Find("alice")->SerializeAsString());
}

}  // namespace
}  // namespace microovn::agent
