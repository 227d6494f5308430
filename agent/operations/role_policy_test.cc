// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/role_policy.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/crypto/random.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using Kind = RoleDecision::Kind;

// A member as a word: its name and what is the matter with it. "C:down",
// "C:leaving", "C:silent", "C:lagging", "C:joining", "C:keyless", "C:sealed"
// (its sealing key is out of reach), "C:out" (its removal lets it leave the
// log), "C:worker", in any number: "C:leaving:out".
RoleMember MemberOf(const std::string& word) {
  const std::vector<std::string> parts = absl::StrSplit(word, ':');
  const auto is = [&parts](const char* flag) {
    return std::find(parts.begin() + 1, parts.end(), flag) != parts.end();
  };
  RoleMember member;
  member.id = parts[0];
  member.leaving = is("leaving");
  member.active = !is("leaving") && !is("joining");
  member.may_leave_log = is("out");
  member.worker = is("worker");
  member.can_seal = !is("keyless") && !member.worker;
  member.out_of_reach = is("sealed");
  member.down = is("down");
  member.in_contact = !is("down") && !is("silent");
  member.caught_up = member.in_contact && !is("lagging");
  return member;
}

std::vector<std::string> Words(const std::string& text) {
  return absl::StrSplit(text, ' ', absl::SkipEmpty());
}

// The leader is the first voter.
RoleFacts Facts(const std::string& members, const std::string& voters,
                const std::string& learners) {
  RoleFacts facts;
  for (const std::string& word : Words(members)) {
    facts.members.push_back(MemberOf(word));
  }
  facts.voters = Words(voters);
  facts.learners = Words(learners);
  facts.leader_id = facts.voters.front();
  facts.settled = true;
  return facts;
}

// "nothing", "seal A B", "transfer B" or "voters A B, stand-bys C", sorted.
std::string Text(const RoleDecision& decision) {
  const auto sorted = [](std::vector<std::string> ids) {
    std::sort(ids.begin(), ids.end());
    return absl::StrJoin(ids, " ");
  };
  switch (decision.kind) {
    case Kind::kNothing:
      return "nothing";
    case Kind::kReseal:
      return absl::StrCat("seal ", sorted(decision.seal_for));
    case Kind::kTransfer:
      return absl::StrCat("transfer ", decision.transfer_to);
    case Kind::kChange:
      return absl::StrCat("voters ", sorted(decision.target.voters),
                          ", stand-bys ", sorted(decision.target.learners));
  }
  return "";
}

TEST(RolePolicyTest, DecidesTheNextSingleChange) {
  const struct {
    std::string what;
    std::string members;
    std::string voters;
    std::string learners;
    std::string decision;
  } cases[] = {
      {"alone", "A", "A", "", "nothing"},
      {"a joiner gets the log", "A B:joining", "A", "",
       "voters A, stand-bys B"},
      {"two members have one voter", "A B", "A", "B", "nothing"},
      {"the third makes three voters", "A B C", "A", "B C",
       "voters A B C, stand-bys "},
      {"a joining third waits", "A B C:joining", "A", "B C", "nothing"},
      {"a lagging third waits", "A B C:lagging", "A", "B C", "nothing"},
      {"a silent third waits", "A B C:silent", "A", "B C", "nothing"},
      {"the eldest are chosen", "A B C D", "A", "D C B",
       "voters A B C, stand-bys D"},
      {"enough voters", "A B C D", "A B C", "D", "nothing"},
      {"a silent voter is waited for", "A B C:silent D", "A B C", "D",
       "nothing"},
      {"a voter that is down is replaced", "A B C:down D", "A B C", "D",
       "voters A B D, stand-bys C"},
      {"by nobody who lags", "A B C:down D:lagging", "A B C", "D", "nothing"},
      {"or is down, too", "A B C:down D:down", "A B C", "D", "nothing"},
      {"voters are not fewer for failures", "A B C:down", "A B C", "",
       "nothing"},
      {"no change without a majority", "A B:down C:down D E", "A B C", "D E",
       "nothing"},
      {"a leaving voter is replaced", "A B C:leaving D", "A B C", "D",
       "voters A B D, stand-bys C"},
      {"a leaving one before there are three", "A B C:leaving", "A B C", "",
       "voters A, stand-bys B C"},
      {"a successor is catching up", "A B C:leaving D:lagging", "A B C", "D",
       "nothing"},
      {"its successor is down", "A B C:leaving D:down", "A B C", "D",
       "voters A, stand-bys B C D"},
      {"another voter may just be slow", "A B:silent C:leaving:down", "A B C",
       "", "nothing"},
      {"a leaving stand-by still gets the log", "A B C D:leaving", "A B C", "D",
       "nothing"},
      {"until its removal lets it go", "A B C D:leaving:out", "A B C", "D",
       "voters A B C, stand-bys "},
      {"a stand-by that is no member goes", "A B C", "A B C", "X",
       "voters A B C, stand-bys "},
      {"a voter that is no member goes", "A B D", "A B X", "D",
       "voters A B D, stand-bys "},
      {"a leaving leader hands over", "A:leaving B C", "A B C", "",
       "transfer B"},
      {"not to one that is silent", "A:leaving B:silent C", "A B C", "",
       "transfer C"},
      {"a leaving sole voter makes a successor", "A:leaving B", "A", "B",
       "voters A B, stand-bys "},
      {"and hands over", "A:leaving B", "A B", "", "transfer B"},
      {"and waits for one that lags", "A:leaving B:lagging", "A", "B",
       "nothing"},
      {"five members, three voters", "A B C D E", "A B C", "D E", "nothing"},
      {"both that are down are replaced", "A B:down C:down D E", "A B C D E",
       "", "voters A D E, stand-bys B C"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Text(DecideRoles(Facts(c.members, c.voters, c.learners))),
              c.decision)
        << c.what;
  }
}

TEST(RolePolicyTest, FollowsTheWantedNumber) {
  RoleFacts facts = Facts("A B C D E", "A B C", "D E");
  facts.wanted_voters = 5;
  EXPECT_EQ(Text(DecideRoles(facts)), "voters A B C D E, stand-bys ");
  facts = Facts("A B C D E", "C B A D E", "");
  EXPECT_EQ(Text(DecideRoles(facts)), "voters A B C, stand-bys D E")
      << "the youngest go, and not the leader";
  facts = Facts("A B C D E", "E B A D C", "");
  EXPECT_EQ(Text(DecideRoles(facts)), "voters A B E, stand-bys C D");
}

TEST(RolePolicyTest, NothingWhileAChangeIsUnderWay) {
  RoleFacts facts = Facts("A B C", "A", "B C");
  facts.settled = false;
  EXPECT_EQ(Text(DecideRoles(facts)), "nothing");
}

TEST(RolePolicyTest, KeysComeBeforeTheVoteAndGoAfterIt) {
  RoleFacts facts = Facts("A B C:down D", "A B C", "D");
  facts.sealed_for = {{"A", "B", "C"}, {"A", "B", "C"}};
  EXPECT_EQ(Text(DecideRoles(facts)), "seal A B C D");
  facts.sealed_for = {{"A", "B", "C", "D"}, {"A", "B", "C"}};
  EXPECT_EQ(Text(DecideRoles(facts)), "seal A B C D") << "both authorities";
  facts.sealed_for = {{"A", "B", "C", "D"}, {"A", "B", "C", "D"}};
  EXPECT_EQ(Text(DecideRoles(facts)), "voters A B D, stand-bys C");
  facts = Facts("A B C:down D", "A B D", "C");
  facts.sealed_for = {{"A", "B", "C", "D"}, {"A", "B", "C", "D"}};
  EXPECT_EQ(Text(DecideRoles(facts)), "seal A B D");
  facts.sealed_for = {{"A", "B", "D"}, {"A", "B", "D"}};
  EXPECT_EQ(Text(DecideRoles(facts)), "nothing");
}

TEST(RolePolicyTest, WhoLosesAPacketBeforeTheVoteKeepsTheKeys) {
  RoleFacts facts = Facts("A B C:down D", "A B C", "D");
  facts.sealed_for = {{"A", "B", "C", "D"}};
  EXPECT_EQ(Text(DecideRoles(facts)), "voters A B D, stand-bys C");
  facts.members[3].in_contact = false;
  EXPECT_EQ(Text(DecideRoles(facts)), "nothing") << "it was sealing for A B C";
  facts.members[3].active = false;
  EXPECT_EQ(Text(DecideRoles(facts)), "seal A B C");
}

TEST(RolePolicyTest, AStandByWithoutASealingKeyNeverVotes) {
  RoleFacts facts = Facts("A B C:down D:keyless", "A B C", "D");
  facts.sealed_for = {{"A", "B", "C"}};
  EXPECT_EQ(Text(DecideRoles(facts)), "nothing");
}

TEST(RolePolicyTest, WhoLeadsCanOpenTheKeysIfAVoterCan) {
  const struct {
    std::string what;
    std::string members;
    std::set<std::string> ovn_holders;
    std::string decision;
  } cases[] = {
      {"all can", "A B C", {"A", "B", "C"}, "nothing"},
      {"the leader's key is out of reach",
       "A:sealed B C",
       {"A", "B", "C"},
       "transfer B"},
      {"to nobody who cannot, either",
       "A:sealed B:sealed C",
       {"A", "B", "C"},
       "transfer C"},
      {"nor to one that is silent",
       "A:sealed B:silent C",
       {"A", "B", "C"},
       "transfer C"},
      {"the leader has lost its key", "A B C", {"B", "C"}, "transfer B"},
      {"another has, and the leader seals for it",
       "A B C",
       {"A"},
       "seal A B C"},
      {"nobody can", "A:sealed B:sealed C:sealed", {"A", "B", "C"}, "nothing"},
      {"all have lost theirs", "A B C", {}, "nothing"},
      {"and the vote waits for no keys then",
       "A B:down C D",
       {},
       "voters A C D, stand-bys B"},
  };
  for (const auto& test : cases) {
    const bool four = absl::StrContains(test.members, 'D');
    RoleFacts facts = Facts(test.members, "A B C", four ? "D" : "");
    facts.sealed_for = {{"A", "B", "C"}, test.ovn_holders};
    EXPECT_EQ(Text(DecideRoles(facts)), test.decision) << test.what;
  }
}

TEST(OddVoterCountTest, IsOddAndPossible) {
  EXPECT_EQ(OddVoterCount(3, 0), 1);
  EXPECT_EQ(OddVoterCount(3, 1), 1);
  EXPECT_EQ(OddVoterCount(3, 2), 1);
  EXPECT_EQ(OddVoterCount(3, 3), 3);
  EXPECT_EQ(OddVoterCount(5, 4), 3);
  EXPECT_EQ(OddVoterCount(5, 9), 5);
}

// A cluster whose members come, go and fail at random; decisions are carried
// out, and each must be safe.
class RandomCluster {
 public:
  explicit RandomCluster(uint64_t seed) : random_(seed) {
    facts_ = Facts("m0", "m0", "");
    facts_.sealed_for = {{"m0"}, {"m0"}};
  }

  void Disturb() {
    const size_t index = random_.Uniform(facts_.members.size());
    RoleMember& member = facts_.members[index];
    switch (random_.Uniform(9)) {
      case 0:
        if (facts_.members.size() < 12) Join();
        break;
      case 1:
        member.active = !member.leaving;
        break;
      case 2:
        // As Apply has it: another active member must remain.
        if (ActiveCount() > 1 && member.active) {
          member.active = false;
          member.leaving = true;
        }
        break;
      case 3:
        member.may_leave_log = member.leaving;
        break;
      case 4:
        facts_.wanted_voters = random_.Uniform(2) ? 3 : 5;
        break;
      default:
        Flip(member);
    }
    // Forgotten once it is out.
    for (size_t i = 0; i < facts_.members.size(); ++i) {
      const RoleMember& gone = facts_.members[i];
      if (!gone.may_leave_log || InLog(gone.id)) continue;
      facts_.members.erase(facts_.members.begin() + static_cast<long>(i));
      break;
    }
  }

  void Heal() {
    for (RoleMember& member : facts_.members) {
      member.in_contact = true;
      member.down = false;
      member.caught_up = true;
      member.can_seal = true;
      member.active = !member.leaving;
      member.may_leave_log = member.leaving;
    }
  }

  // Whether there was anything to do.
  bool Step() {
    // Without a majority there is no leader, and nobody decides.
    if (2 * HealthyAmong(facts_.voters) <= facts_.voters.size()) return false;
    const RoleDecision decision = DecideRoles(facts_);
    switch (decision.kind) {
      case Kind::kNothing:
        return false;
      case Kind::kReseal:
        Seal(decision);
        break;
      case Kind::kTransfer:
        ExpectTransfer(decision);
        facts_.leader_id = decision.transfer_to;
        break;
      case Kind::kChange:
        ExpectChange(decision.target);
        facts_.voters = decision.target.voters;
        facts_.learners = decision.target.learners;
        break;
    }
    return true;
  }

  const RoleFacts& facts() const { return facts_; }
  size_t ActiveCount() const {
    return static_cast<size_t>(
        std::count_if(facts_.members.begin(), facts_.members.end(),
                      [](const RoleMember& m) { return m.active; }));
  }

 private:
  const RoleMember* Find(const std::string& id) const {
    for (const RoleMember& member : facts_.members) {
      if (member.id == id) return &member;
    }
    return nullptr;
  }
  static bool Has(const std::vector<std::string>& ids, const std::string& id) {
    return std::count(ids.begin(), ids.end(), id) > 0;
  }
  bool InLog(const std::string& id) const {
    return Has(facts_.voters, id) || Has(facts_.learners, id);
  }
  size_t HealthyAmong(const std::vector<std::string>& voters) const {
    return static_cast<size_t>(
        std::count_if(voters.begin(), voters.end(), [this](const auto& id) {
          return Find(id) != nullptr && Find(id)->in_contact;
        }));
  }

  void Join() {
    RoleMember member = MemberOf(absl::StrCat("m", ++joined_, ":joining"));
    member.can_seal = random_.Uniform(10) > 0;
    facts_.members.push_back(member);
  }

  void Flip(RoleMember& member) {
    if (member.id == facts_.leader_id) return;
    if (!member.in_contact) {
      // Silent, then down, then back.
      if (!member.down && random_.Uniform(2)) {
        member.down = true;
        return;
      }
      member.in_contact = true;
      member.down = false;
      member.caught_up = random_.Uniform(2) == 0;
    } else if (!member.caught_up) {
      member.caught_up = true;
    } else {
      member.in_contact = false;
      member.caught_up = false;
    }
  }

  void Seal(const RoleDecision& decision) {
    for (const std::string& id : decision.seal_for) {
      ASSERT_NE(Find(id), nullptr);
      EXPECT_TRUE(Find(id)->can_seal);
    }
    for (std::set<std::string>& holders : facts_.sealed_for) {
      holders = {decision.seal_for.begin(), decision.seal_for.end()};
    }
  }

  void ExpectTransfer(const RoleDecision& decision) {
    EXPECT_TRUE(Has(facts_.voters, decision.transfer_to));
    EXPECT_TRUE(Find(decision.transfer_to)->in_contact);
    EXPECT_FALSE(Find(facts_.leader_id)->active);
  }

  void ExpectChange(const MembershipTarget& target) {
    const bool voters_change =
        std::set<std::string>(target.voters.begin(), target.voters.end()) !=
        std::set<std::string>(facts_.voters.begin(), facts_.voters.end());
    EXPECT_TRUE(Has(target.voters, facts_.leader_id));
    for (const std::string& id : target.learners) {
      EXPECT_FALSE(Has(target.voters, id));
    }
    if (voters_change) ExpectVoters(target);
  }

  void ExpectVoters(const MembershipTarget& target) {
    EXPECT_GT(2 * HealthyAmong(target.voters), target.voters.size())
        << absl::StrJoin(target.voters, " ");
    EXPECT_TRUE(target.voters.size() % 2 == 1 ||
                !Find(facts_.leader_id)->active);
    EXPECT_LE(target.voters.size(), 6);
    for (const std::string& id : target.voters) {
      if (!Has(facts_.voters, id)) ExpectPromoted(id);
    }
  }

  void ExpectPromoted(const std::string& id) {
    EXPECT_TRUE(Find(id)->active && Find(id)->caught_up);
    for (const auto& holders : facts_.sealed_for) {
      EXPECT_EQ(holders.count(id), 1) << id << " cannot open the keys";
    }
  }

  SeededRandom random_;
  RoleFacts facts_;
  int joined_ = 0;
};

class RolePolicyRandomTest : public testing::TestWithParam<uint64_t> {};

TEST_P(RolePolicyRandomTest, IsSafeAtEachStepAndSettles) {
  SCOPED_TRACE(absl::StrCat("seed ", GetParam()));
  RandomCluster cluster(GetParam());
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 3; ++i) cluster.Disturb();
    if (round % 2 == 0) cluster.Step();
  }
  cluster.Heal();
  int steps = 0;
  while (cluster.Step()) {
    ASSERT_LT(++steps, 60) << "it does not settle";
  }
  const RoleFacts& facts = cluster.facts();
  EXPECT_EQ(facts.voters.size(),
            OddVoterCount(facts.wanted_voters, cluster.ActiveCount()));
  for (const RoleMember& member : facts.members) {
    const bool votes =
        std::count(facts.voters.begin(), facts.voters.end(), member.id) > 0;
    const bool stands_by =
        std::count(facts.learners.begin(), facts.learners.end(), member.id) > 0;
    EXPECT_EQ(votes || stands_by, !member.leaving) << member.id;
  }
  const std::set<std::string> voters(facts.voters.begin(), facts.voters.end());
  for (const auto& holders : facts.sealed_for) EXPECT_EQ(holders, voters);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RolePolicyRandomTest,
                         testing::Range<uint64_t>(1, 101));

// A voter goes while another one has just lost a packet: there is time.
TEST(RolePolicyTest, FewerVotersWaitForOneThatIsSilentForAMoment) {
  RoleFacts facts = Facts("A B C D:silent E", "A B C D E", "");
  facts.wanted_voters = 3;
  EXPECT_EQ(Text(DecideRoles(facts)), "nothing");
  facts = Facts("A B C D:down E", "A B C D E", "");
  facts.wanted_voters = 3;
  EXPECT_EQ(Text(DecideRoles(facts)), "voters A B C, stand-bys D E");
}

// However many voters are wanted, and whoever is lost.
TEST(RolePolicyTest, AWorkerNeverVotesAndIsNotCounted) {
  const struct {
    const char* what;
    const char* members;
    const char* voters;
    const char* learners;
    const char* decision;
  } cases[] = {
      {"all would be wanted", "A B C D:worker E:worker", "A B C", "D E",
       "nothing"},
      {"a voter is down", "A B C:down D:worker", "A B C", "D", "nothing"},
      {"who is none comes first", "A B C:down D:worker E", "A B C", "D E",
       "voters A B E, stand-bys C D"},
      {"with one there are not three", "A B C:worker", "A", "B C", "nothing"},
      {"it does not make a number odd", "A B:leaving C D:worker", "A B C", "D",
       "voters A, stand-bys B C D"},
      {"it gets the log", "A B:worker", "A", "", "voters A, stand-bys B"},
      {"a leader has no successor in it", "A:leaving B:worker", "A", "B",
       "nothing"},
  };
  for (const auto& test : cases) {
    for (const bool keys : {false, true}) {
      RoleFacts facts = Facts(test.members, test.voters, test.learners);
      facts.wanted_voters = 5;
      if (keys) facts.sealed_for = {{"A", "B", "C", "E"}};
      const std::string decision = Text(DecideRoles(facts));
      if (!keys) {
        EXPECT_EQ(decision, test.decision) << test.what;
      }
      EXPECT_FALSE(absl::StrContains(decision, "seal D")) << test.what;
    }
  }
  // Nobody waits for a fifth voter, so a stand-by does not keep the keys.
  RoleFacts facts = Facts("A B C D E:worker", "A B C", "D E");
  facts.wanted_voters = 5;
  facts.sealed_for = {{"A", "B", "C", "D"}};
  EXPECT_EQ(Text(DecideRoles(facts)), "seal A B C");
}

}  // namespace
}  // namespace microovn::agent
