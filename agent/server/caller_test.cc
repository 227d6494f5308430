// SPDX-License-Identifier: Apache-2.0
#include "agent/server/caller.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "google/longrunning/operations.pb.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/v1/certificate.pb.h"
#include "microovn/v1/cluster.pb.h"
#include "microovn/v1/config.pb.h"
#include "microovn/v1/event.pb.h"
#include "microovn/v1/service.pb.h"
#include "microovn/v1/status.pb.h"
#include "microovn/v1/user.pb.h"

namespace microovn::agent {
namespace {

// Every method of every service this agent serves, from the descriptors.
std::set<std::string> ServedMethods() {
  const google::protobuf::FileDescriptor* files[] = {
      v1::GetClusterRequest::descriptor()->file(),
      v1::ListServicesRequest::descriptor()->file(),
      v1::ListCertificatesRequest::descriptor()->file(),
      v1::ListConfigsRequest::descriptor()->file(),
      v1::GetStatusRequest::descriptor()->file(),
      v1::WatchEventsRequest::descriptor()->file(),
      v1::ListUsersRequest::descriptor()->file(),
      google::longrunning::Operation::descriptor()->file(),
      internal::peer::v1::AdmitRequest::descriptor()->file(),
  };
  std::set<std::string> methods;
  for (const auto* file : files) {
    for (int s = 0; s < file->service_count(); ++s) {
      const auto* service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) {
        methods.insert(service->full_name() + "/" + service->method(m)->name());
      }
    }
  }
  return methods;
}

TEST(Authorize, EveryServedMethodHasARuleAndNoRuleIsLeftOver) {
  std::set<std::string> ruled;
  for (const MethodRule& rule : MethodRules()) {
    EXPECT_TRUE(ruled.insert(std::string(rule.method)).second) << rule.method;
    EXPECT_FALSE(rule.roles.empty()) << rule.method;
  }
  EXPECT_EQ(ruled, ServedMethods());
}

// Who may call what, written a second time: one letter for each role that may.
// (A)dmin, (O)perator, (V)iewer, (M)ember, (J)oiner.
TEST(Authorize, EveryMethodForEveryRole) {
  const std::map<std::string, std::string> permitted = {
      {"microovn.v1.ClusterService/BootstrapCluster", "A"},
      {"microovn.v1.ClusterService/JoinCluster", "A"},
      {"microovn.v1.ClusterService/GetCluster", "AOVM"},
      {"microovn.v1.ClusterService/ListMembers", "AOVM"},
      {"microovn.v1.ClusterService/GetMember", "AOVM"},
      {"microovn.v1.ClusterService/RemoveMember", "A"},
      {"microovn.v1.ClusterService/CreateJoinToken", "AO"},
      {"microovn.v1.ClusterService/ListJoinTokens", "AOVM"},
      {"microovn.v1.ClusterService/DeleteJoinToken", "AO"},
      {"microovn.v1.ClusterService/TransferLeader", "AO"},
      {"microovn.v1.ClusterService/UpdateMember", "AO"},
      {"microovn.v1.OvnService/EnableService", "AO"},
      {"microovn.v1.OvnService/DisableService", "AO"},
      {"microovn.v1.OvnService/RecoverDatabase", "AO"},
      {"microovn.v1.OvnService/ListServices", "AOVM"},
      {"microovn.v1.CertificateService/ListCertificates", "AOVM"},
      {"microovn.v1.CertificateService/ReissueCertificates", "AO"},
      {"microovn.v1.CertificateService/RotateAuthority", "A"},
      {"microovn.v1.CertificateService/RequestAuthorityCertificate", "A"},
      {"microovn.v1.ConfigService/ListConfigs", "AOVM"},
      {"microovn.v1.ConfigService/GetConfig", "AOVM"},
      {"microovn.v1.ConfigService/UpdateConfig", "AO"},
      {"microovn.v1.ConfigService/DeleteConfig", "AO"},
      {"microovn.v1.StatusService/GetStatus", "AOVM"},
      {"microovn.v1.StatusService/GetLog", "AOVM"},
      {"microovn.v1.EventService/WatchEvents", "AOVM"},
      {"microovn.v1.UserService/CreateUser", "A"},
      {"microovn.v1.UserService/ListUsers", "AOVM"},
      {"microovn.v1.UserService/RevokeUser", "A"},
      {"google.longrunning.Operations/ListOperations", "AOVM"},
      {"google.longrunning.Operations/GetOperation", "AOVM"},
      {"google.longrunning.Operations/WaitOperation", "AOVM"},
      {"google.longrunning.Operations/CancelOperation", "AO"},
      {"google.longrunning.Operations/DeleteOperation", "AO"},
      {"microovn.internal.peer.v1.PeerService/Admit", "MJ"},
  };
  const std::pair<Role, char> roles[] = {{Role::kAdmin, 'A'},
                                         {Role::kOperator, 'O'},
                                         {Role::kViewer, 'V'},
                                         {Role::kMember, 'M'},
                                         {Role::kJoiner, 'J'}};
  for (const std::string& method : ServedMethods()) {
    const auto row = permitted.find(method);
    // The rest of what agents ask each other.
    const std::string may = row == permitted.end() ? "M" : row->second;
    if (row == permitted.end()) {
      EXPECT_NE(method.find("PeerService/"), method.npos) << method;
    }
    for (const auto& [role, letter] : roles) {
      EXPECT_EQ(Authorize({role, "", ""}, method).ok(),
                may.find(letter) != may.npos)
          << method << " by " << RoleName(role);
    }
  }
}

// Written a second time, too: what is not here is done where it is asked.
TEST(DoneByOf, TheLeaderPlansWhatChangesTheCluster) {
  const std::map<std::string, DoneBy> elsewhere = {
      {"microovn.v1.ClusterService/RemoveMember", DoneBy::kLeader},
      {"microovn.v1.ClusterService/CreateJoinToken", DoneBy::kLeader},
      {"microovn.v1.ClusterService/DeleteJoinToken", DoneBy::kLeader},
      {"microovn.v1.ClusterService/TransferLeader", DoneBy::kLeader},
      {"microovn.v1.ClusterService/UpdateMember", DoneBy::kLeader},
      {"microovn.v1.OvnService/EnableService", DoneBy::kLeader},
      {"microovn.v1.OvnService/DisableService", DoneBy::kLeader},
      {"microovn.v1.OvnService/RecoverDatabase", DoneBy::kLeader},
      {"microovn.v1.CertificateService/ReissueCertificates", DoneBy::kNamed},
      {"microovn.v1.CertificateService/RotateAuthority", DoneBy::kLeader},
      {"microovn.v1.CertificateService/RequestAuthorityCertificate",
       DoneBy::kLeader},
      {"microovn.v1.UserService/CreateUser", DoneBy::kLeader},
      {"microovn.v1.UserService/RevokeUser", DoneBy::kLeader},
      {"microovn.v1.ConfigService/UpdateConfig", DoneBy::kLeader},
      {"microovn.v1.ConfigService/DeleteConfig", DoneBy::kLeader},
      {"google.longrunning.Operations/CancelOperation", DoneBy::kLeader},
  };
  for (const std::string& method : ServedMethods()) {
    const auto row = elsewhere.find(method);
    const DoneBy expected =
        row == elsewhere.end() ? DoneBy::kAsked : row->second;
    EXPECT_EQ(DoneByOf(method), expected) << method;
    // A member that passes something on is no person.
    if (expected != DoneBy::kAsked) {
      EXPECT_THAT(Authorize({Role::kMember, "m", ""}, method),
                  HasReason("METHOD_NOT_ALLOWED"));
    }
  }
  EXPECT_EQ(DoneByOf("microovn.v1.New/Thing"), DoneBy::kAsked);
}

TEST(Authorize, AJoinerMayOnlyAskToBeAdmitted) {
  for (const std::string& method : ServedMethods()) {
    const absl::Status status = Authorize({Role::kJoiner, "t", ""}, method);
    EXPECT_EQ(status.ok(),
              method == "microovn.internal.peer.v1.PeerService/Admit")
        << method;
  }
}

TEST(Authorize, AMemberCannotChangeTheClusterByItself) {
  for (const char* method : {"microovn.v1.ClusterService/RemoveMember",
                             "microovn.v1.ClusterService/CreateJoinToken",
                             "microovn.v1.ConfigService/UpdateConfig",
                             "microovn.v1.OvnService/DisableService"}) {
    EXPECT_THAT(Authorize({Role::kMember, "m", ""}, method),
                HasReason("METHOD_NOT_ALLOWED"));
  }
}

TEST(Authorize, AnExpiredCertificateIsGoodForItsOwnRenewalOnly) {
  for (const std::string& method : ServedMethods()) {
    for (const Role role : {Role::kAdmin, Role::kOperator, Role::kViewer,
                            Role::kMember, Role::kJoiner}) {
      const bool renewal =
          role == Role::kMember &&
          method == "microovn.internal.peer.v1.PeerService/IssueCertificates";
      EXPECT_EQ(Authorize({role, "m", "k", /*expired=*/true}, method).ok(),
                renewal)
          << method << " by " << RoleName(role);
    }
  }
}

TEST(AcceptsExpired, NamesTheLogsStreamAndRenewal) {
  EXPECT_TRUE(AcceptsExpired("microovn.internal.raft.v1.RaftService/Deliver"));
  EXPECT_FALSE(AcceptsExpired("microovn.internal.raft.v1.RaftService/Propose"));
  EXPECT_FALSE(AcceptsExpired("grpc.health.v1.Health/Check"));
  EXPECT_FALSE(AcceptsExpired(""));
}

TEST(Authorize, UnknownMethodsAreRefusedToEverybody) {
  EXPECT_THAT(Authorize({Role::kAdmin, "", ""}, "microovn.v1.New/Thing"),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

// What a user lacks is said, and who can give it.
TEST(Authorize, ASmallRoleIsToldWhichItTakes) {
  const absl::Status reader = Authorize({Role::kViewer, "vera", "key"},
                                        "microovn.v1.OvnService/EnableService");
  EXPECT_THAT(reader, StatusIs(absl::StatusCode::kPermissionDenied,
                               "\"vera\" is viewer, and "
                               "microovn.v1.OvnService/EnableService needs the "
                               "role operator"));
  EXPECT_THAT(reader, HasReason("ROLE_TOO_SMALL"));
  EXPECT_NE(DetailOf(reader).remedy.find("--role operator"), std::string::npos);
  EXPECT_NE(DetailOf(Authorize({Role::kOperator, "otto", "key"},
                               "microovn.v1.UserService/CreateUser"))
                .remedy.find("--role admin"),
            std::string::npos);
  // No role of people does what members do.
  EXPECT_THAT(Authorize({Role::kViewer, "vera", "key"},
                        "microovn.internal.peer.v1.PeerService/Withdraw"),
              HasReason("METHOD_NOT_ALLOWED"));
}

TEST(Authorize, NobodyMakesAMembershipFromAfar) {
  for (const char* method : {"microovn.v1.ClusterService/BootstrapCluster",
                             "microovn.v1.ClusterService/JoinCluster"}) {
    EXPECT_THAT(Authorize({Role::kAdmin, "", ""}, method), IsOk());
    EXPECT_THAT(Authorize({Role::kAdmin, "ada", "key"}, method),
                HasReason("METHOD_NOT_ALLOWED"));
  }
}

TEST(Authorize, OnlyTheNodeItselfBootstrapsAndJoins) {
  for (const Role role :
       {Role::kOperator, Role::kViewer, Role::kMember, Role::kJoiner}) {
    EXPECT_FALSE(
        Authorize({role, "", ""}, "microovn.v1.ClusterService/JoinCluster")
            .ok());
  }
}

}  // namespace
}  // namespace microovn::agent
