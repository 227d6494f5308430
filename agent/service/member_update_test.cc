// SPDX-License-Identifier: Apache-2.0
#include "agent/service/member_update.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/features.h"
#include "agent/state/values/member_view.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/v1/cluster.grpc.pb.h"

namespace microovn::agent {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Cluster = v1::ClusterService::Stub;

class MemberUpdateTest : public testing::Test {
 protected:
  MemberUpdateTest() { Has("node2", {"10.0.0.2", "192.0.2.2"}); }

  std::string IdOf(const std::string& name) const {
    return FindMember(*membership_.state(), name)->member_id();
  }
  void Has(const std::string& name, const std::vector<std::string>& addresses) {
    internal::peer::v1::GetLocalStatusResponse answer;
    answer.set_member_id(IdOf(name));
    for (const std::string& address : addresses) answer.add_addresses(address);
    membership_.Answer(IdOf(name), answer);
  }
  static v1::UpdateMemberRequest To(const std::string& name,
                                    const std::string& address) {
    v1::UpdateMemberRequest request;
    request.mutable_member()->set_name(name);
    request.mutable_member()->set_encap_ip(address);
    request.mutable_update_mask()->add_paths("encap_ip");
    return request;
  }
  absl::StatusOr<v1::UpdateMemberResponse> Update(
      const v1::UpdateMemberRequest& request) {
    return Ask(api_.Socket(), &Cluster::UpdateMember, request);
  }
  std::string EncapIp(const std::string& name) const {
    return EncapIpOf(*FindMember(*membership_.state(), name));
  }

  TestApi api_;
  FakeMembership& membership_ = api_.membership();
};

TEST_F(MemberUpdateTest, TheTunnelsEndAtAnAddressOfTheMember) {
  const auto done = Update(To("members/node2", "192.0.2.2"));
  ASSERT_OK(done);
  EXPECT_EQ(done->member().name(), "members/node2");
  EXPECT_EQ(done->member().encap_ip(), "192.0.2.2");
  EXPECT_EQ(EncapIp("node2"), "192.0.2.2");
}

TEST_F(MemberUpdateTest, WithoutANameItIsTheMemberThatIsAsked) {
  Has("node1", {"192.0.2.1"});
  ASSERT_OK(Update(To("", "192.0.2.1")));
  EXPECT_EQ(EncapIp("node1"), "192.0.2.1");
}

TEST_F(MemberUpdateTest, AnAddressHasOneForm) {
  Has("node1", {"fd00::1"});
  api_.Change([](ClusterState& state) {
    const ClusterState before = state;
    for (const auto& [id, member] : before.members.records()) {
      statepb::Member six = *member;
      six.set_encap_ip("fd00::" + member->name().substr(4) + "0");
      state.members.Put(id, six);
    }
  });
  internal::peer::v1::GetLocalStatusResponse answer;
  answer.add_addresses("fd00::7");
  api_.membership().Answer(TestId("node1"), answer);
  ASSERT_OK(Update(To("", "FD00:0::7")));
  EXPECT_EQ(EncapIpOf(*FindMember(*api_.membership().state(), "node1")),
            "fd00::7");
}

TEST_F(MemberUpdateTest, ATrialChangesNothing) {
  v1::UpdateMemberRequest dry = To("members/node2", "192.0.2.2");
  dry.set_validate_only(true);
  const auto tried = Update(dry);
  ASSERT_OK(tried);
  EXPECT_EQ(tried->plan().steps(0).description(),
            "change the tunnel address of node2 from " + EncapIp("node2") +
                " to 192.0.2.2");
  dry.mutable_member()->set_encap_ip(EncapIp("node2"));
  dry.set_force(true);
  EXPECT_THAT(Update(dry)->plan().steps(0).description(),
              HasSubstr("leave the tunnel address of node2 at"));
  EXPECT_THAT(membership_.proposals(), IsEmpty());
}

TEST_F(MemberUpdateTest, AnAddressThatTheMemberDoesNotHaveIsRefused) {
  const auto elsewhere = To("members/node2", "192.0.2.9");
  const auto refused = Update(elsewhere);
  EXPECT_THAT(refused, HasReason("ADDRESS_NOT_ON_MEMBER"));
  EXPECT_THAT(DetailOf(refused.status()).remedy, HasSubstr("--force"));
  membership_.Answer(IdOf("node2"), absl::UnavailableError("no route"));
  EXPECT_THAT(Update(elsewhere), HasReason("MEMBER_UNREACHABLE"));
  EXPECT_THAT(membership_.proposals(), IsEmpty());

  v1::UpdateMemberRequest forced = elsewhere;
  forced.set_force(true);
  ASSERT_OK(Update(forced));
  EXPECT_EQ(EncapIp("node2"), "192.0.2.9");
}

TEST_F(MemberUpdateTest, NoForceMakesAnAddressFit) {
  const struct {
    const char* name;
    std::string address;
    const char* reason;
  } cases[] = {
      {"members/node9", "192.0.2.2", "MEMBER_NOT_FOUND"},
      {"members/node2", EncapIp("node1"), "ENCAP_ADDRESS_TAKEN"},
      {"members/node2", "fd00::2", "ENCAP_ADDRESS_UNFIT"},
      {"members/node2", "127.0.0.1", "ADDRESS_NOT_USABLE"},
      {"members/node2", "224.0.0.1", "BAD_ADDRESS"},
      {"members/node2", "", "BAD_ADDRESS"},
      {"members/node2", "192.0.2.2:6081", "BAD_ADDRESS"},
      {"members/node2", std::string(100'000, '1'), "BAD_ADDRESS"},
  };
  for (const auto& test : cases) {
    v1::UpdateMemberRequest request = To(test.name, test.address);
    request.set_force(true);
    EXPECT_THAT(Update(request), HasReason(test.reason))
        << test.address.substr(0, 40);
  }
  EXPECT_THAT(membership_.proposals(), IsEmpty());
}

TEST_F(MemberUpdateTest, OnlyTheTunnelAddressChanges) {
  for (const std::vector<std::string>& paths :
       {std::vector<std::string>{}, {"address"}, {"*"}, {"encap_ip", "name"}}) {
    v1::UpdateMemberRequest request = To("members/node2", "192.0.2.2");
    request.clear_update_mask();
    for (const std::string& path : paths) {
      request.mutable_update_mask()->add_paths(path);
    }
    EXPECT_THAT(Update(request), HasReason("MEMBER_FIELD_FIXED"));
  }
}

TEST_F(MemberUpdateTest, WaitsForMembersThatDoNotKnowIt) {
  api_.Change([](ClusterState& state) {
    state.features.Erase(kFeatureMemberAddresses);
  });
  v1::UpdateMemberRequest request = To("members/node2", "192.0.2.2");
  request.set_force(true);
  EXPECT_THAT(Update(request), HasReason("FEATURE_NOT_SUPPORTED"));
}

}  // namespace
}  // namespace microovn::agent
