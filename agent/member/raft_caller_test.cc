// SPDX-License-Identifier: Apache-2.0
#include "agent/member/raft_caller.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "agent/cluster/testing/fake_membership.h"
#include "agent/server/testing/recording_server.h"
#include "base/mutex.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/certificate/profile.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

constexpr char kDeliver[] = "microovn.internal.raft.v1.RaftService/Deliver";

// node1 is asked by node2 and others.
class RaftCallerTest : public testing::Test {
 protected:
  void Become(const std::function<void(ClusterState&)>& change) {
    ClusterState state;
    for (const auto& [facts, leaf] :
         {std::pair(&self_, &server_leaf_), std::pair(&other_, &leaf_)}) {
      statepb::Member member;
      member.set_member_id(facts->member_id);
      member.set_name(facts->name.text());
      member.set_certificate_pem(leaf->certificate.ToPem());
      member.add_spki_sha256(leaf->certificate.public_key().Fingerprint());
      state.members.Put(member.member_id(), member);
    }
    change(state);
    internal::node::v1::NodeIdentity identity;
    identity.set_cluster_id(pki_.cluster_id());
    identity.set_member_id(self_.member_id);
    MutexLock lock(&mu_);
    membership_ =
        std::make_shared<FakeMembership>(identity, std::move(state), &clock_);
  }

  absl::StatusOr<raft::MemberId> CallerWith(const pki::TestLeaf& leaf) {
    server_.Call(leaf, kDeliver);
    MutexLock lock(&mu_);
    return std::exchange(seen_, absl::NotFoundError("nobody has called"));
  }

  FakeClock clock_;
  pki::TestPki pki_;
  const pki::MemberFacts self_ = pki_.Facts("node1");
  const pki::MemberFacts other_ = pki_.Facts("node2");
  const pki::TestLeaf server_leaf_ = pki_.Member(self_);
  const pki::TestLeaf leaf_ = pki_.Member(other_);
  Mutex mu_;
  std::shared_ptr<FakeMembership> membership_ ABSL_GUARDED_BY(mu_);
  absl::StatusOr<raft::MemberId> seen_ ABSL_GUARDED_BY(mu_) =
      absl::NotFoundError("nobody has called");
  RecordingServer server_{&pki_, server_leaf_, self_.member_id, &clock_,
                          [this](const grpc::ServerContextBase& context) {
                            MutexLock lock(&mu_);
                            seen_ = RaftCallerOf(context, membership_);
                          }};
};

TEST_F(RaftCallerTest, NobodySpeaksToWhoIsNoMember) {
  EXPECT_THAT(CallerWith(leaf_), HasReason("NOT_BOOTSTRAPPED"));
}

TEST_F(RaftCallerTest, AMemberWithARegisteredKeySpeaksForItself) {
  Become([](ClusterState&) {});
  const auto caller = CallerWith(leaf_);
  ASSERT_OK(caller);
  EXPECT_EQ(caller->ToHex(), other_.member_id);
}

TEST_F(RaftCallerTest, AKeyThatIsRetiredDoesNotSpeak) {
  Become([this](ClusterState& state) {
    statepb::Member member = *state.members.Find(other_.member_id);
    member.clear_spki_sha256();
    member.add_spki_sha256(std::string(64, 'a'));
    state.members.Put(member.member_id(), member);
  });
  EXPECT_THAT(CallerWith(leaf_), HasReason("CERTIFICATE_NOT_REGISTERED"));
}

TEST_F(RaftCallerTest, ARemovedMemberIsToldSo) {
  Become([this](ClusterState& state) {
    state.members.Erase(other_.member_id);
    statepb::Tombstone tombstone;
    tombstone.set_member_id(other_.member_id);
    state.tombstones.Put(other_.member_id, tombstone);
  });
  EXPECT_THAT(CallerWith(leaf_), HasReason("MEMBER_REMOVED"));
}

// A person whose name would pass for a member's id.
TEST_F(RaftCallerTest, OnlyMembersSpeak) {
  Become([](ClusterState&) {});
  const pki::TestLeaf person = pki_.Issue(
      pki_.cluster_ca(),
      *pki::OperatorProfile(pki_.cluster_id(), std::string(32, 'a'),
                            pki::OperatorRole::kAdmin, absl::Hours(1)),
      pki_.now());
  EXPECT_THAT(CallerWith(person), HasReason("METHOD_NOT_ALLOWED"));
  const pki::TestLeaf joiner =
      pki_.Issue(pki_.cluster_ca(),
                 *pki::JoinerProfile(pki_.cluster_id(), std::string(32, '7'),
                                     absl::Hours(1)),
                 pki_.now(), pki::KeyType::kEd25519);
  EXPECT_THAT(CallerWith(joiner), HasReason("METHOD_NOT_ALLOWED"));
}

}  // namespace
}  // namespace microovn::agent
