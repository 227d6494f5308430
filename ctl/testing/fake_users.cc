// SPDX-License-Identifier: Apache-2.0
#include "ctl/testing/fake_users.h"

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "ctl/client/rpc.h"
#include "ctl/testing/fake_node.h"
#include "microovn/v1/user.pb.h"

namespace microovn::ctl {

void PlayUsers(FakeAgent* agent) {
  agent->Answer<v1::CreateUserRequest, v1::CreateUserResponse>(
      kCreateUser,
      [](const v1::CreateUserRequest& request)
          -> absl::StatusOr<v1::CreateUserResponse> {
        if (request.user_id() == "ada") {
          return MakeError(absl::StatusCode::kAlreadyExists,
                           "\"ada\" has a valid certificate",
                           {"USER_EXISTS", "revoke it first", {}});
        }
        v1::CreateUserResponse response;
        if (request.validate_only()) {
          response.mutable_plan()->add_steps()->set_description(
              absl::StrCat("give ", request.user_id(), " a certificate for ",
                           request.ttl().seconds(), " s"));
          return response;
        }
        response.set_certificate_pem("CERTIFICATE\n");
        response.set_ca_certificate_pem("CA\n");
        return response;
      });
  agent->Answer<v1::ListUsersRequest, v1::ListUsersResponse>(
      kListUsers, [](const auto&) {
        v1::ListUsersResponse response;
        const struct {
          const char* name;
          v1::User::Role role;
          v1::User::State state;
        } users[] = {
            {"ada", v1::User::ROLE_ADMIN, v1::User::STATE_VALID},
            {"otto", v1::User::ROLE_OPERATOR, v1::User::STATE_EXPIRED},
            {"sue", v1::User::ROLE_OPERATOR, v1::User::STATE_SUPERSEDED},
            {"vera", v1::User::ROLE_VIEWER, v1::User::STATE_REVOKED}};
        for (const auto& each : users) {
          v1::User* user = response.add_users();
          user->set_name(absl::StrCat("users/", each.name));
          user->set_role(each.role);
          user->set_state(each.state);
          user->set_spki_sha256(std::string(64, 'a'));
          SetTime(FakeNow() + absl::Hours(2), user->mutable_expire_time());
        }
        return response;
      });
  agent->Answer<v1::RevokeUserRequest, v1::RevokeUserResponse>(
      kRevokeUser,
      [](const v1::RevokeUserRequest& request)
          -> absl::StatusOr<v1::RevokeUserResponse> {
        if (request.name() != "users/ada" || request.request_id().empty()) {
          return MakeError(
              absl::StatusCode::kNotFound, "there is no such user",
              {"USER_UNKNOWN", "look with: cluster user list", {}});
        }
        v1::RevokeUserResponse response;
        if (request.validate_only()) {
          response.mutable_plan()->add_steps()->set_description(
              "revoke the certificate of ada");
        }
        return response;
      });
}

}  // namespace microovn::ctl
