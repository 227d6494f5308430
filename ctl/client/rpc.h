// SPDX-License-Identifier: Apache-2.0
// The methods of the API as values: path, types, deadline. A table instead of
// generated stubs, so that only connection.cc needs gRPC's headers; rpc_test
// compares it with the descriptors.
#ifndef MICROOVN_CTL_CLIENT_RPC_H_
#define MICROOVN_CTL_CLIENT_RPC_H_

#include "absl/time/time.h"
#include "google/longrunning/operations.pb.h"
#include "google/protobuf/empty.pb.h"
#include "microovn/v1/certificate.pb.h"
#include "microovn/v1/cluster.pb.h"
#include "microovn/v1/config.pb.h"
#include "microovn/v1/event.pb.h"
#include "microovn/v1/service.pb.h"
#include "microovn/v1/status.pb.h"
#include "microovn/v1/user.pb.h"

namespace microovn::ctl {

template <class Request, class Response>
struct Rpc {
  // "/package.Service/Method"
  const char* method;
  absl::Duration deadline;
};

inline constexpr absl::Duration kReadDeadline = absl::Seconds(10);
inline constexpr absl::Duration kChangeDeadline = absl::Seconds(30);
// Bootstrap and join start daemons and wait for databases.
inline constexpr absl::Duration kJoinDeadline = absl::Minutes(5);

#define MICROOVN_RPC(name, service, deadline)                             \
  inline constexpr Rpc<v1::name##Request, v1::name##Response> k##name = { \
      "/microovn.v1." service "/" #name, deadline}

MICROOVN_RPC(BootstrapCluster, "ClusterService", kJoinDeadline);
MICROOVN_RPC(JoinCluster, "ClusterService", kJoinDeadline);
MICROOVN_RPC(GetCluster, "ClusterService", kReadDeadline);
MICROOVN_RPC(ListMembers, "ClusterService", kReadDeadline);
MICROOVN_RPC(GetMember, "ClusterService", kReadDeadline);
MICROOVN_RPC(CreateJoinToken, "ClusterService", kChangeDeadline);
MICROOVN_RPC(ListJoinTokens, "ClusterService", kReadDeadline);
MICROOVN_RPC(DeleteJoinToken, "ClusterService", kChangeDeadline);
MICROOVN_RPC(TransferLeader, "ClusterService", kChangeDeadline);
MICROOVN_RPC(UpdateMember, "ClusterService", kChangeDeadline);
MICROOVN_RPC(ListServices, "OvnService", kReadDeadline);
MICROOVN_RPC(ListCertificates, "CertificateService", kReadDeadline);
MICROOVN_RPC(ReissueCertificates, "CertificateService", kChangeDeadline);
MICROOVN_RPC(RequestAuthorityCertificate, "CertificateService",
             kChangeDeadline);
MICROOVN_RPC(ListConfigs, "ConfigService", kReadDeadline);
MICROOVN_RPC(GetConfig, "ConfigService", kReadDeadline);
MICROOVN_RPC(UpdateConfig, "ConfigService", kChangeDeadline);
MICROOVN_RPC(DeleteConfig, "ConfigService", kChangeDeadline);
MICROOVN_RPC(GetStatus, "StatusService", kReadDeadline);
MICROOVN_RPC(GetLog, "StatusService", kReadDeadline);
MICROOVN_RPC(WatchEvents, "EventService", kReadDeadline);
MICROOVN_RPC(CreateUser, "UserService", kChangeDeadline);
MICROOVN_RPC(ListUsers, "UserService", kReadDeadline);
MICROOVN_RPC(RevokeUser, "UserService", kChangeDeadline);

#undef MICROOVN_RPC

inline constexpr Rpc<v1::RemoveMemberRequest, google::longrunning::Operation>
    kRemoveMember = {"/microovn.v1.ClusterService/RemoveMember",
                     kChangeDeadline};
inline constexpr Rpc<v1::EnableServiceRequest, google::longrunning::Operation>
    kEnableService = {"/microovn.v1.OvnService/EnableService", kChangeDeadline};
inline constexpr Rpc<v1::DisableServiceRequest, google::longrunning::Operation>
    kDisableService = {"/microovn.v1.OvnService/DisableService",
                       kChangeDeadline};

inline constexpr Rpc<v1::RecoverDatabaseRequest, google::longrunning::Operation>
    kRecoverDatabase = {"/microovn.v1.OvnService/RecoverDatabase",
                        kChangeDeadline};

inline constexpr Rpc<v1::RotateAuthorityRequest, google::longrunning::Operation>
    kRotateAuthority = {"/microovn.v1.CertificateService/RotateAuthority",
                        kChangeDeadline};

inline constexpr Rpc<google::longrunning::ListOperationsRequest,
                     google::longrunning::ListOperationsResponse>
    kListOperations = {"/google.longrunning.Operations/ListOperations",
                       kReadDeadline};
inline constexpr Rpc<google::longrunning::GetOperationRequest,
                     google::longrunning::Operation>
    kGetOperation = {"/google.longrunning.Operations/GetOperation",
                     kReadDeadline};
inline constexpr Rpc<google::longrunning::WaitOperationRequest,
                     google::longrunning::Operation>
    kWaitOperation = {"/google.longrunning.Operations/WaitOperation",
                      kReadDeadline};
inline constexpr Rpc<google::longrunning::CancelOperationRequest,
                     google::protobuf::Empty>
    kCancelOperation = {"/google.longrunning.Operations/CancelOperation",
                        kChangeDeadline};

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLIENT_RPC_H_
