// SPDX-License-Identifier: Apache-2.0
// People's certificates, as the API gives, lists and ends them.
#include "agent/service/user_service.h"

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/features.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/v1/user.grpc.pb.h"

namespace microovn::agent {
namespace {

using Users = v1::UserService::Stub;
using testing::HasSubstr;
using testing::IsEmpty;

class UserServiceTest : public testing::Test {
 protected:
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Ask(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request) {
    return agent::Ask(api_.Socket(), method, request);
  }
  static v1::CreateUserRequest For(const std::string& name) {
    v1::CreateUserRequest request;
    request.set_user_id(name);
    request.set_role(v1::User::ROLE_OPERATOR);
    request.set_certificate_request_pem("a request");
    return request;
  }
  static v1::RevokeUserRequest Ending(const std::string& name) {
    v1::RevokeUserRequest request;
    request.set_name(absl::StrCat("users/", name));
    return request;
  }

  TestApi api_;
};

TEST_F(UserServiceTest, TheLeaderIssuesWhatIsAskedFor) {
  v1::CreateUserRequest request = For("alice");
  request.mutable_ttl()->set_seconds(3600);
  request.set_request_id("once");
  const auto created = Ask(&Users::CreateUser, request);
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->certificate_pem(), "certificate-of-alice");
  EXPECT_EQ(created->ca_certificate_pem(), "bundle");
  EXPECT_EQ(created->user().name(), "users/alice");
  EXPECT_EQ(created->user().role(), v1::User::ROLE_OPERATOR);
  const auto issued = api_.membership().users();
  ASSERT_EQ(issued.size(), 1u);
  EXPECT_EQ(issued[0].name(), "alice");
  EXPECT_EQ(issued[0].role(), statepb::User::ROLE_OPERATOR);
  EXPECT_EQ(issued[0].ttl_seconds(), 3600);
  EXPECT_EQ(issued[0].certificate_request_pem(), "a request");
  EXPECT_EQ(issued[0].request_id(), "once");
  EXPECT_TRUE(issued[0].asker().has_uid());
}

TEST_F(UserServiceTest, AWeekWhenNobodySays) {
  ASSERT_THAT(Ask(&Users::CreateUser, For("alice")), IsOk());
  EXPECT_EQ(api_.membership().users()[0].ttl_seconds(), 7 * 86400);
}

TEST_F(UserServiceTest, WhatDoesNotFitIsRefused) {
  for (const char* name : {"", "Alice", "-o", "../x", "a b", "a/b"}) {
    EXPECT_THAT(Ask(&Users::CreateUser, For(name)), HasReason("USER_INVALID"))
        << name;
  }
  EXPECT_THAT(Ask(&Users::CreateUser,
                  For(std::string(40, 'a') + "." + std::string(40, 'b'))),
              HasReason("USER_INVALID"));
  v1::CreateUserRequest request = For("alice");
  request.clear_role();
  EXPECT_THAT(Ask(&Users::CreateUser, request), HasReason("USER_INVALID"));
  for (const int64_t seconds :
       {int64_t{0}, int64_t{59}, int64_t{-1}, int64_t{366} * 86400}) {
    request = For("alice");
    request.mutable_ttl()->set_seconds(seconds);
    EXPECT_THAT(Ask(&Users::CreateUser, request),
                HasReason("USER_LIFETIME_INVALID"))
        << seconds;
  }
  request = For("alice");
  request.set_certificate_request_pem(std::string(17 << 10, 'x'));
  EXPECT_THAT(Ask(&Users::CreateUser, request),
              HasReason("USER_REQUEST_INVALID"));
  EXPECT_THAT(api_.membership().users(), IsEmpty());
}

TEST_F(UserServiceTest, APlanMakesNobody) {
  v1::CreateUserRequest request = For("alice");
  request.set_validate_only(true);
  const auto planned = Ask(&Users::CreateUser, request);
  ASSERT_THAT(planned, IsOk());
  EXPECT_THAT(
      planned->plan().steps(0).description(),
      HasSubstr("give alice a certificate as operator, valid for 168h"));
  EXPECT_THAT(api_.membership().users(), IsEmpty());
  api_.Change([](ClusterState& state) {
    MustApply(state, AddUserCommand("alice"));
    statepb::User alice = *state.users.Find("alice");
    alice.set_not_after_seconds(INT32_MAX);
    state.users.Put("alice", alice);
  });
  EXPECT_THAT(Ask(&Users::CreateUser, request), HasReason("USER_EXISTS"));
}

TEST_F(UserServiceTest, EverybodyIsListedWithHowItStands) {
  api_.Change([](ClusterState& state) {
    for (const char* name : {"alice", "bob", "carol"}) {
      MustApply(state, AddUserCommand(name, statepb::User::ROLE_VIEWER));
      statepb::User user = *state.users.Find(name);
      user.set_not_after_seconds(name[0] == 'c' ? 1000 : INT32_MAX);
      state.users.Put(name, user);
    }
    MustApply(state, RevokeUserCommand("bob"));
  });
  const auto users = Ask(&Users::ListUsers, v1::ListUsersRequest());
  ASSERT_THAT(users, IsOk());
  ASSERT_EQ(users->users_size(), 3);
  EXPECT_EQ(users->users(0).name(), "users/alice");
  EXPECT_EQ(users->users(0).state(), v1::User::STATE_VALID);
  EXPECT_EQ(users->users(0).role(), v1::User::ROLE_VIEWER);
  EXPECT_FALSE(users->users(0).has_revoke_time());
  EXPECT_EQ(users->users(1).state(), v1::User::STATE_REVOKED);
  EXPECT_TRUE(users->users(1).has_revoke_time());
  EXPECT_EQ(users->users(2).state(), v1::User::STATE_EXPIRED);
  v1::ListUsersRequest page;
  page.set_page_size(2);
  const auto first = Ask(&Users::ListUsers, page);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->users_size(), 2);
  page.set_page_token(first->next_page_token());
  const auto second = Ask(&Users::ListUsers, page);
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->users_size(), 1);
  EXPECT_EQ(second->users(0).name(), "users/carol");
}

TEST_F(UserServiceTest, WhoIsRevokedIsSaid) {
  api_.Change(
      [](ClusterState& state) { MustApply(state, AddUserCommand("alice")); });
  v1::RevokeUserRequest request = Ending("alice");
  request.set_validate_only(true);
  const auto planned = Ask(&Users::RevokeUser, request);
  ASSERT_THAT(planned, IsOk());
  EXPECT_THAT(planned->plan().steps(0).description(), HasSubstr("of alice"));
  EXPECT_THAT(api_.membership().proposals(), IsEmpty());
  const auto revoked = Ask(&Users::RevokeUser, Ending("alice"));
  ASSERT_THAT(revoked, IsOk());
  EXPECT_EQ(revoked->user().state(), v1::User::STATE_REVOKED);
  ASSERT_EQ(api_.membership().proposals().size(), 1u);
  EXPECT_TRUE(api_.membership().proposals()[0].asker().has_uid());
  EXPECT_THAT(Ask(&Users::RevokeUser, Ending("bob")),
              HasReason("USER_UNKNOWN"));
  request = Ending("bob");
  request.set_validate_only(true);
  EXPECT_THAT(Ask(&Users::RevokeUser, request), HasReason("USER_UNKNOWN"));
}

TEST_F(UserServiceTest, OlderMembersAreNotAskedForWhatTheyDoNotKnow) {
  api_.Change([](ClusterState& state) { state.features.Erase(kFeatureUsers); });
  EXPECT_THAT(Ask(&Users::CreateUser, For("alice")),
              HasReason("FEATURE_NOT_SUPPORTED"));
  EXPECT_THAT(Ask(&Users::RevokeUser, Ending("alice")),
              HasReason("FEATURE_NOT_SUPPORTED"));
  EXPECT_THAT(api_.membership().proposals(), IsEmpty());
}

}  // namespace
}  // namespace microovn::agent
