// SPDX-License-Identifier: Apache-2.0
// What handlers refuse, and what they do only for who says so.
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/cluster/testing/fake_membership.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "microovn/v1/certificate.grpc.pb.h"
#include "microovn/v1/cluster.grpc.pb.h"
#include "microovn/v1/config.grpc.pb.h"
#include "microovn/v1/event.grpc.pb.h"
#include "microovn/v1/service.grpc.pb.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

using Certificates = v1::CertificateService::Stub;
using Cluster = v1::ClusterService::Stub;
using Configs = v1::ConfigService::Stub;
using Ovn = v1::OvnService::Stub;
using Peers = peerpb::PeerService::Stub;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kGetCluster[] = "microovn.v1.ClusterService/GetCluster";

// Past the life of a member's certificate.
constexpr absl::Duration kLong = absl::Hours(31 * 24);

class GuardedTest : public testing::Test {
 protected:
  FakeMembership& membership() { return api_.membership(); }

  static void SetServices(ClusterState& state, const std::string& name,
                          const std::vector<statepb::Service>& services) {
    statepb::Member member = *state.members.Find(TestId(name));
    member.clear_services();
    for (const statepb::Service service : services) {
      member.add_services(service);
    }
    state.members.Put(member.member_id(), member);
  }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Ask(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request) {
    Response response;
    const absl::Status status = Call(api_.Socket(), method, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  static peerpb::IssueCertificatesRequest DemandOf(const std::string& service) {
    peerpb::IssueCertificatesRequest request;
    request.add_demands()->set_service(service);
    return request;
  }

  TestApi api_;
};

TEST_F(GuardedTest, AMembersKeyIsItsOwn) {
  // node2's record has the key of a certificate that names node3.
  const pki::TestLeaf leaf = api_.Stranger("node3", api_.pki().cluster_id());
  api_.Change([&leaf](ClusterState& state) {
    statepb::Member node2 = *state.members.Find(TestId("node2"));
    node2.add_spki_sha256(leaf.certificate.public_key().Fingerprint());
    state.members.Put(node2.member_id(), node2);
  });
  EXPECT_THAT(CallByName(api_.Tls(leaf), kGetCluster),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
}

TEST_F(GuardedTest, AnExpiredKeyIsNothingWhereNobodyIsKnown) {
  api_.node().membership = std::make_shared<FakeMembership>(
      membership().identity(), ClusterState(), &api_.clock());
  const auto channel = api_.Tls(api_.Certificate("node2"));
  EXPECT_THAT(Call(channel, &Peers::IssueCertificates, DemandOf("member")),
              IsOk())
      << "the chain has proved that it is of this cluster";
  api_.clock().Jump(kLong);
  EXPECT_THAT(Call(channel, &Peers::IssueCertificates, DemandOf("member")),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
}

TEST_F(GuardedTest, AnExpiredCertificateRenewsItselfAndNothingElse) {
  const auto channel = api_.Tls(api_.Certificate("node2"));
  api_.clock().Jump(kLong);
  EXPECT_THAT(Call(channel, &Peers::IssueCertificates, DemandOf("client")),
              HasReason("BAD_PEER_CERTIFICATE"));
  peerpb::IssueCertificatesRequest both = DemandOf("member");
  both.add_demands()->set_service("client");
  EXPECT_THAT(Call(channel, &Peers::IssueCertificates, both),
              HasReason("BAD_PEER_CERTIFICATE"));
  EXPECT_THAT(membership().issued_for(), IsEmpty());
  EXPECT_THAT(Call(channel, &Peers::IssueCertificates, DemandOf("member")),
              IsOk());
  EXPECT_THAT(CallByName(channel, kGetCluster),
              HasReason("BAD_PEER_CERTIFICATE"));
}

TEST_F(GuardedTest, AReissueIsForWhatTheMemberRuns) {
  api_.Change([](ClusterState& state) {
    SetServices(state, "node1", {statepb::SERVICE_CHASSIS});
  });
  v1::ReissueCertificatesRequest reissue;
  reissue.set_service("ovnnb");
  EXPECT_THAT(Ask(&Certificates::ReissueCertificates, reissue),
              HasReason("CERTIFICATE_SERVICE_NOT_ENABLED"));
  EXPECT_THAT(membership().reissued(), IsEmpty());
  reissue.set_service("all");
  const auto all = Ask(&Certificates::ReissueCertificates, reissue);
  ASSERT_THAT(all, IsOk());
  EXPECT_THAT(all->reissued(),
              testing::UnorderedElementsAre("client", "ovn-controller"));
}

TEST_F(GuardedTest, TheLastCentralGoesOnlyForWhoSaysSo) {
  api_.Change([](ClusterState& state) {
    SetServices(state, "node2", {});
    SetServices(state, "node3", {});
    SetServices(state, "node1", {statepb::SERVICE_CENTRAL});
  });
  v1::DisableServiceRequest disable;
  disable.set_service(v1::SERVICE_CENTRAL);
  disable.set_validate_only(true);
  EXPECT_THAT(Ask(&Ovn::DisableService, disable), HasReason("LAST_CENTRAL"));
  disable.set_allow_disable_last_central(true);
  EXPECT_THAT(Ask(&Ovn::DisableService, disable), IsOk());

  v1::RemoveMemberRequest remove;
  remove.set_name("members/node1");
  remove.set_validate_only(true);
  EXPECT_THAT(Ask(&Cluster::RemoveMember, remove), HasReason("LAST_CENTRAL"));
  remove.add_accept_risks("last-central");
  EXPECT_THAT(Ask(&Cluster::RemoveMember, remove), IsOk());
}

TEST_F(GuardedTest, AMemberThatDoesNotAnswerLeavesByForceOnly) {
  membership().Answer(TestId("node3"), absl::UnavailableError("off"));
  v1::RemoveMemberRequest remove;
  remove.set_name("members/node3");
  remove.set_validate_only(true);
  EXPECT_THAT(Ask(&Cluster::RemoveMember, remove),
              HasReason("MEMBER_UNREACHABLE"));
  remove.set_force(true);
  EXPECT_THAT(Ask(&Cluster::RemoveMember, remove), IsOk());
}

TEST_F(GuardedTest, ATokenLivesFromASecondToADay) {
  v1::CreateJoinTokenRequest create;
  create.set_member("node4");
  for (const int64_t bad : {-1, 0, 24 * 3600 + 1}) {
    create.mutable_ttl()->set_seconds(bad);
    EXPECT_THAT(Ask(&Cluster::CreateJoinToken, create),
                HasReason("TOKEN_LIFETIME_INVALID"))
        << bad;
  }
  EXPECT_THAT(membership().tokens(), IsEmpty());
  create.mutable_ttl()->set_seconds(24 * 3600);
  EXPECT_THAT(Ask(&Cluster::CreateJoinToken, create), IsOk());
}

TEST_F(GuardedTest, AServiceIsReadyWhenItsDaemonsAre) {
  peerpb::GetLocalStatusResponse answer;
  answer.set_member_id(TestId("node2"));
  for (const char* unit :
       {"chassis", "switch", "ovs-ovsdb-server", "ovn-ovsdb-server-nb",
        "ovn-ovsdb-server-sb", "ovn-northd"}) {
    v1::Daemon* daemon = answer.add_daemons();
    daemon->set_unit(unit);
    daemon->set_state(absl::string_view(unit) == "ovn-northd"
                          ? v1::Daemon::STATE_STARTING
                          : v1::Daemon::STATE_READY);
  }
  membership().Answer(TestId("node2"), answer);
  v1::ListServicesRequest list;
  list.set_parent("members/node2");
  const auto services = Ask(&Ovn::ListServices, list);
  ASSERT_THAT(services, IsOk());
  ASSERT_GT(services->services_size(), 1);
  for (const v1::MemberService& row : services->services()) {
    const bool central = row.service() == v1::SERVICE_CENTRAL;
    EXPECT_EQ(row.ready(), !central) << row.name();
    EXPECT_EQ(row.daemons_size(), central                                ? 3
                                  : row.service() == v1::SERVICE_CHASSIS ? 1
                                                                         : 2)
        << row.name();
  }
}

TEST_F(GuardedTest, AWatcherHearsOfEachChangeOnce) {
  v1::EventService::Stub stub(api_.Socket());
  grpc::ClientContext context;
  v1::WatchEventsRequest request;
  request.set_after_revision(membership().state()->revision());
  request.set_follow(true);
  const auto reader = stub.WatchEvents(&context, request);
  std::vector<std::string> heard;
  for (const char* value : {"3", "5", "3"}) {
    v1::UpdateConfigRequest update;
    update.mutable_config()->set_name("configs/cluster.voters");
    update.mutable_config()->set_value(value);
    ASSERT_THAT(Ask(&Configs::UpdateConfig, update), IsOk());
    v1::WatchEventsResponse response;
    ASSERT_TRUE(reader->Read(&response));
    heard.push_back(response.event().message());
  }
  context.TryCancel();
  EXPECT_THAT(heard, ElementsAre("cluster.voters = 3", "cluster.voters = 5",
                                 "cluster.voters = 3"));
}

}  // namespace
}  // namespace microovn::agent
