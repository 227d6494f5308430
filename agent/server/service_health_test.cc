// SPDX-License-Identifier: Apache-2.0
#include "agent/server/service_health.h"

#include <set>
#include <string>

#include "google/longrunning/operations.pb.h"
#include "google/protobuf/descriptor.h"
#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/v1/certificate.pb.h"
#include "microovn/v1/cluster.pb.h"
#include "microovn/v1/config.pb.h"
#include "microovn/v1/event.pb.h"
#include "microovn/v1/service.pb.h"
#include "microovn/v1/status.pb.h"

namespace microovn::agent {
namespace {

constexpr NodeCondition kNobody = {false, false};
constexpr NodeCondition kAlone = {true, false};
constexpr NodeCondition kWell = {true, true};

bool Serving(absl::string_view service, const NodeCondition& condition) {
  for (const ServiceHealth& row : ServiceHealths()) {
    if (row.service == service) return IsServing(row.need, condition);
  }
  ADD_FAILURE() << "no row for " << service;
  return false;
}

TEST(ServiceHealthTest, EveryServiceOfTheApiHasOneRow) {
  std::set<std::string> rows;
  for (const ServiceHealth& row : ServiceHealths()) {
    EXPECT_TRUE(rows.insert(std::string(row.service)).second) << row.service;
  }
  const google::protobuf::FileDescriptor* files[] = {
      v1::GetClusterRequest::descriptor()->file(),
      v1::ListServicesRequest::descriptor()->file(),
      v1::ListCertificatesRequest::descriptor()->file(),
      v1::ListConfigsRequest::descriptor()->file(),
      v1::GetStatusRequest::descriptor()->file(),
      v1::WatchEventsRequest::descriptor()->file(),
      google::longrunning::Operation::descriptor()->file(),
      internal::peer::v1::AdmitRequest::descriptor()->file(),
      grpc::health::v1::HealthCheckRequest::descriptor()->file(),
  };
  for (const auto* file : files) {
    for (int s = 0; s < file->service_count(); ++s) {
      EXPECT_EQ(rows.count(file->service(s)->full_name()), 1u)
          << file->service(s)->full_name();
    }
  }
}

TEST(ServiceHealthTest, AMemberWithAQuorumServesAll) {
  for (const ServiceHealth& row : ServiceHealths()) {
    EXPECT_TRUE(IsServing(row.need, kWell)) << row.service;
  }
}

TEST(ServiceHealthTest, WithoutAQuorumOnlyWhatTellsServes) {
  for (const char* service :
       {"microovn.v1.StatusService", "microovn.v1.EventService",
        "microovn.internal.raft.v1.RaftService", "grpc.health.v1.Health"}) {
    EXPECT_TRUE(Serving(service, kAlone)) << service;
  }
  for (const char* service :
       {"microovn.v1.ClusterService", "microovn.v1.ConfigService",
        "microovn.v1.OvnService", "microovn.v1.CertificateService",
        "google.longrunning.Operations"}) {
    EXPECT_FALSE(Serving(service, kAlone)) << service;
  }
}

TEST(ServiceHealthTest, BeforeAMembershipOneCanBeMade) {
  for (const ServiceHealth& row : ServiceHealths()) {
    const bool serves =
        row.service == "microovn.v1.ClusterService" ||
        row.service == "grpc.health.v1.Health" ||
        row.service == "grpc.reflection.v1alpha.ServerReflection";
    EXPECT_EQ(IsServing(row.need, kNobody), serves) << row.service;
  }
}

}  // namespace
}  // namespace microovn::agent
