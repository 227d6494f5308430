// SPDX-License-Identifier: Apache-2.0
#include "raft/core/values/configuration.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/values/configuration_history.h"

namespace microovn::raft {
namespace {

MemberId M(uint64_t n) { return MemberId(0, n); }

std::vector<MemberId> Ids(const std::vector<uint64_t>& numbers) {
  std::vector<MemberId> ids;
  ids.reserve(numbers.size());
  for (const uint64_t n : numbers) ids.push_back(M(n));
  return ids;
}

Configuration Make(const std::vector<uint64_t>& voters,
                   const std::vector<uint64_t>& learners = {}) {
  Configuration configuration;
  configuration.voters = Ids(voters);
  configuration.learners = Ids(learners);
  return configuration;
}

ConfigurationTarget Target(const std::vector<uint64_t>& voters,
                           const std::vector<uint64_t>& learners = {}) {
  return {Ids(voters), Ids(learners), {}};
}

TEST(ConfigurationTest, IdsAreExactlyThirtyTwoLowerCaseHexDigits) {
  const std::string hex = "0123456789abcdef00000000000000ff";
  ASSERT_TRUE(MemberId::FromHex(hex).has_value());
  EXPECT_EQ(MemberId::FromHex(hex)->ToHex(), hex);
  for (const char* bad :
       {"", "0123456789abcdef00000000000000f",
        "0123456789abcdef00000000000000fff", "0123456789ABCDEF00000000000000ff",
        "0123456789abcdeg00000000000000ff"}) {
    EXPECT_FALSE(MemberId::FromHex(bad).has_value()) << bad;
  }
}

TEST(ConfigurationTest, LearnersChangeInOneStep) {
  const Transition added = BeginChange(Make({1, 2, 3}), Target({1, 2, 3}, {4}));
  ASSERT_TRUE(added.next.has_value());
  EXPECT_FALSE(added.next->is_joint());
  EXPECT_EQ(added.next->learners, Ids({4}));
  const Transition removed = BeginChange(*added.next, Target({1, 2, 3}));
  ASSERT_TRUE(removed.next.has_value());
  EXPECT_FALSE(removed.next->is_joint());
  EXPECT_EQ(removed.next->removed, Ids({4}));
}

TEST(ConfigurationTest, VotersChangeThroughJointConsensus) {
  const Configuration from = Make({1, 2, 3}, {4});
  // 4 is promoted, 1 demoted, 2 removed, 5 added; the order of the input does
  // not matter.
  const Transition begun = BeginChange(from, Target({5, 4, 3}, {1}));
  ASSERT_TRUE(begun.next.has_value());
  const Configuration& joint = *begun.next;
  EXPECT_EQ(joint.voters, Ids({3, 4, 5}));
  EXPECT_EQ(joint.outgoing, Ids({1, 2, 3}));
  EXPECT_TRUE(joint.IsVoter(M(1)));
  EXPECT_TRUE(joint.removed.empty()) << "2 still votes";

  const Configuration end = LeaveJoint(joint);
  EXPECT_FALSE(end.is_joint());
  EXPECT_FALSE(end.IsVoter(M(1)));
  EXPECT_EQ(end.removed, Ids({2}));
  EXPECT_EQ(end.Members(), Ids({1, 3, 4, 5}));

  EXPECT_TRUE(IsLegalTransition(from, joint));
  EXPECT_TRUE(IsLegalTransition(joint, end));
  EXPECT_FALSE(IsLegalTransition(from, end));
  EXPECT_FALSE(IsLegalTransition(joint, from));
  EXPECT_FALSE(IsLegalTransition(joint, joint));
}

TEST(ConfigurationTest, IllegalTargetsAreNamed) {
  Configuration joint = Make({1, 2});
  joint.outgoing = Ids({1});
  Configuration with_removed = Make({1});
  with_removed.removed = Ids({7});
  struct Case {
    Configuration from;
    ConfigurationTarget target;
    ConfigurationError want;
  };
  const std::vector<Case> cases = {
      {Make({1}), Target({}), ConfigurationError::kNoVoters},
      {Make({1}), Target({}, {1}), ConfigurationError::kNoVoters},
      {Make({1}), Target({1}), ConfigurationError::kNoChange},
      {Make({1}), Target({1, 1}), ConfigurationError::kDuplicateMember},
      {Make({1}), Target({1, 2}, {2}), ConfigurationError::kDuplicateMember},
      {Make({1}), Target({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}),
       ConfigurationError::kTooManyMembers},
      {joint, Target({1, 2, 3}), ConfigurationError::kAlreadyChanging},
      {with_removed, Target({1}, {7}),
       ConfigurationError::kReturnOfRemovedMember},
      {with_removed, Target({1, 7}),
       ConfigurationError::kReturnOfRemovedMember},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    const Transition transition = BeginChange(cases[i].from, cases[i].target);
    EXPECT_FALSE(transition.next.has_value()) << i;
    EXPECT_EQ(transition.error, cases[i].want) << i;
  }
}

TEST(ConfigurationTest, IncarnationsFollowTheMembers) {
  Configuration from = Make({1, 2});
  from.incarnations = {{M(1), Incarnation(11)}, {M(2), Incarnation(22)}};
  ConfigurationTarget target = Target({1, 3});
  // A member cannot change its incarnation by being named again.
  target.incarnations = {{M(3), Incarnation(33)}, {M(1), Incarnation(99)}};
  const Configuration end = LeaveJoint(*BeginChange(from, target).next);
  EXPECT_EQ(end.IncarnationOf(M(1)), Incarnation(11));
  EXPECT_EQ(end.IncarnationOf(M(3)), Incarnation(33));
  EXPECT_EQ(end.IncarnationOf(M(2)), std::nullopt);
}

TEST(ConfigurationTest, OnlyTheLastRemovedAreRemembered) {
  Configuration from = Make({1}, {1000});
  for (uint64_t n = 0; n < kMaxRemoved; ++n)
    from.removed.push_back(M(2000 + n));
  const Configuration end = *BeginChange(from, Target({1})).next;
  EXPECT_EQ(end.removed.size(), kMaxRemoved);
  EXPECT_EQ(end.removed.back(), M(1000));
  EXPECT_FALSE(end.IsRemoved(M(2000)));
}

Configuration Full() {
  Configuration configuration = Make({1, 2, 3}, {4, 5});
  configuration.outgoing = Ids({1, 5, 6});
  configuration.incarnations = {{M(1), Incarnation(11)},
                                {M(6), Incarnation(66)}};
  configuration.removed = Ids({9, 8});
  return configuration;
}

TEST(ConfigurationTest, EncodingIsExact) {
  const std::string bytes = EncodeConfiguration(Full());
  EXPECT_EQ(DecodeConfiguration(bytes), Full());
  EXPECT_EQ(DecodeConfiguration(bytes + '\0'), std::nullopt);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeConfiguration(bytes.substr(0, size)), std::nullopt) << size;
  }
  std::string other_version = bytes;
  other_version[0] = 2;
  EXPECT_EQ(DecodeConfiguration(other_version), std::nullopt);
}

TEST(ConfigurationTest, DecodingRefusesWhatBreaksTheRules) {
  std::vector<Configuration> broken(5, Full());
  broken[0].voters = Ids({2, 1});
  broken[1].voters = Ids({1, 1});
  broken[2].voters = {};
  broken[3].learners = Ids({1});
  broken[4].incarnations = {{M(2), Incarnation(1)}, {M(1), Incarnation(1)}};
  for (size_t i = 0; i < broken.size(); ++i) {
    EXPECT_EQ(DecodeConfiguration(EncodeConfiguration(broken[i])), std::nullopt)
        << i;
  }
  // A count that promises more than any configuration may hold.
  std::string huge(1, 1);
  huge.append(8, '\xff');
  EXPECT_EQ(DecodeConfiguration(huge), std::nullopt);
}

TEST(ConfigurationHistoryTest, TruncationAndCompactionRederive) {
  ConfigurationHistory history(LogIndex(1), Make({1}));
  history.Append(LogIndex(5), Make({1, 2}));
  history.Append(LogIndex(9), Make({1, 2, 3}));
  EXPECT_EQ(history.InForce().index, LogIndex(9));
  EXPECT_EQ(history.BeforeInForce().index, LogIndex(5));
  EXPECT_EQ(history.At(LogIndex(8)).configuration, Make({1, 2}));
  EXPECT_EQ(history.At(LogIndex(4)).configuration, Make({1}));

  EXPECT_FALSE(history.TruncateFrom(LogIndex(10)));
  EXPECT_TRUE(history.TruncateFrom(LogIndex(9)));
  EXPECT_EQ(history.InForce().configuration, Make({1, 2}));

  history.CompactTo(LogIndex(4));
  EXPECT_EQ(history.At(LogIndex(4)).configuration, Make({1}));
  history.CompactTo(LogIndex(7));
  EXPECT_EQ(history.InForce().index, LogIndex(5));
  EXPECT_EQ(history.BeforeInForce().index, LogIndex(5));
  // The last one always stays.
  EXPECT_FALSE(history.TruncateFrom(LogIndex(2)));
}

}  // namespace
}  // namespace microovn::raft
