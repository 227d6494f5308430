// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/role_policy.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace microovn::agent {
namespace {

using Ids = std::vector<std::string>;

bool Has(const Ids& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void Drop(Ids& ids, const std::string& id) {
  ids.erase(std::remove(ids.begin(), ids.end(), id), ids.end());
}

RoleDecision Change(Ids voters, Ids learners, std::string reason) {
  RoleDecision decision;
  decision.kind = RoleDecision::Kind::kChange;
  decision.target = {std::move(voters), std::move(learners)};
  decision.reason = std::move(reason);
  return decision;
}

class Decider {
 public:
  explicit Decider(const RoleFacts& facts) : facts_(facts) {
    for (const RoleMember& member : facts_.members) {
      members_[member.id] = &member;
    }
  }

  RoleDecision Decide() {
    if (!facts_.settled) return {};
    if (auto decision = AddLearners()) return *decision;
    if (auto decision = HandOver()) return *decision;
    if (auto decision = LeadWhoOpens()) return *decision;
    if (auto decision = ChooseVoters()) return *decision;
    if (auto decision = DropLearners()) return *decision;
    return SealForVoters();
  }

 private:
  const RoleMember* Find(const std::string& id) const {
    const auto it = members_.find(id);
    return it == members_.end() ? nullptr : it->second;
  }
  bool Active(const std::string& id) const {
    const RoleMember* member = Find(id);
    return member != nullptr && member->active;
  }
  bool InContact(const std::string& id) const {
    const RoleMember* member = Find(id);
    return member != nullptr && member->in_contact;
  }
  bool Down(const std::string& id) const {
    const RoleMember* member = Find(id);
    return member == nullptr || member->down;
  }

  bool MajorityInContact(const Ids& voters) const {
    size_t healthy = 0;
    for (const std::string& id : voters) healthy += InContact(id) ? 1 : 0;
    return 2 * healthy > voters.size();
  }

  // May ever become a voter, as far as it is seen now.
  bool Prospect(const RoleMember& member) const {
    return member.active && !member.worker && member.in_contact &&
           !member.down && Has(facts_.learners, member.id) &&
           (facts_.sealed_for.empty() || member.can_seal);
  }
  Ids Candidates() const {
    Ids candidates;
    for (const RoleMember& member : facts_.members) {
      if (Prospect(member) && member.caught_up) candidates.push_back(member.id);
    }
    return candidates;
  }
  bool AnyIsCatchingUp() const {
    return std::any_of(
        facts_.members.begin(), facts_.members.end(),
        [this](const RoleMember& m) { return Prospect(m) && !m.caught_up; });
  }

  size_t WantedCount() const {
    const auto able = std::count_if(
        facts_.members.begin(), facts_.members.end(),
        [](const RoleMember& m) { return m.active && !m.worker; });
    return OddVoterCount(facts_.wanted_voters, static_cast<size_t>(able));
  }

  std::optional<RoleDecision> AddLearners() const {
    Ids learners = facts_.learners;
    for (const RoleMember& member : facts_.members) {
      if (member.leaving || Has(facts_.voters, member.id) ||
          Has(learners, member.id)) {
        continue;
      }
      learners.push_back(member.id);
    }
    if (learners.size() == facts_.learners.size()) return std::nullopt;
    return Change(facts_.voters, learners, "a new member gets the log");
  }

  // A leader that is being removed first gives up the lead.
  std::optional<RoleDecision> HandOver() const {
    if (Active(facts_.leader_id)) return std::nullopt;
    for (const std::string& id : facts_.voters) {
      if (!Active(id) || Down(id) || !InContact(id)) continue;
      RoleDecision decision;
      decision.kind = RoleDecision::Kind::kTransfer;
      decision.transfer_to = id;
      decision.reason = "the leader is being removed";
      return decision;
    }
    const Ids candidates = Candidates();
    if (candidates.empty()) return RoleDecision();
    Ids voters = facts_.voters;
    voters.push_back(candidates.front());
    if (!MajorityInContact(voters)) return RoleDecision();
    return Promote(voters,
                   "a successor for the leader, which is being removed");
  }

  std::optional<RoleDecision> ChooseVoters() const {
    const Ids wanted = WantedVoters();
    const bool same =
        wanted.size() == facts_.voters.size() &&
        std::all_of(wanted.begin(), wanted.end(),
                    [this](const auto& id) { return Has(facts_.voters, id); });
    if (same) return std::nullopt;
    if (!MajorityInContact(wanted) || !MajorityInContact(facts_.voters)) {
      return std::nullopt;
    }
    if (wanted.size() < facts_.voters.size() && ShrinkingMustWait(wanted)) {
      return std::nullopt;
    }
    return Promote(wanted, wanted.size() < facts_.voters.size()
                               ? "fewer voters are wanted"
                               : "a stand-by becomes a voter");
  }

  // The keys of all authorities.
  bool Opens(const std::string& id) const {
    const RoleMember* member = Find(id);
    return member != nullptr && !member->out_of_reach &&
           std::all_of(facts_.sealed_for.begin(), facts_.sealed_for.end(),
                       [&id](const std::set<std::string>& holders) {
                         return holders.count(id) > 0;
                       });
  }
  bool LeaderOpens() const {
    return facts_.sealed_for.empty() || Opens(facts_.leader_id);
  }

  // The leader issues, and seals keys for others: it has to have them.
  std::optional<RoleDecision> LeadWhoOpens() const {
    if (LeaderOpens()) return std::nullopt;
    for (const std::string& id : facts_.voters) {
      if (!Active(id) || Down(id) || !InContact(id) || !Opens(id)) continue;
      RoleDecision decision;
      decision.kind = RoleDecision::Kind::kTransfer;
      decision.transfer_to = id;
      decision.reason = "it can open the keys of the CAs, and the leader not";
      return decision;
    }
    return std::nullopt;
  }

  // Somebody may soon take the place of a voter that goes, or a voter that is
  // kept or dropped may just have lost a packet.
  bool ShrinkingMustWait(const Ids& wanted) const {
    if (wanted.size() < WantedCount() && AnyIsCatchingUp()) return true;
    return std::any_of(facts_.voters.begin(), facts_.voters.end(),
                       [this](const auto& id) {
                         return Active(id) && !InContact(id) && !Down(id);
                       });
  }

  Ids WantedVoters() const {
    Ids candidates = Candidates();
    const auto take = [&candidates] {
      std::string id = candidates.front();
      candidates.erase(candidates.begin());
      return id;
    };
    Ids voters;
    for (const std::string& id : facts_.voters) {
      if (Active(id)) voters.push_back(id);
    }
    const size_t count = WantedCount();
    for (std::string& id : voters) {
      if (Down(id) && !candidates.empty()) id = take();
    }
    while (voters.size() < count && !candidates.empty()) {
      voters.push_back(take());
    }
    while (voters.size() > count) DropOne(voters);
    if (voters.size() % 2 == 0) DropOne(voters);
    return voters;
  }

  // Who does the least harm: one that does not vote yet, one that is down, the
  // youngest. Never the leader.
  void DropOne(Ids& voters) const {
    std::string worst;
    std::tuple<bool, bool, size_t> worst_rank;
    for (const std::string& id : voters) {
      if (id == facts_.leader_id) continue;
      const std::tuple<bool, bool, size_t> rank = {!Has(facts_.voters, id),
                                                   Down(id), OrderOf(id)};
      if (worst.empty() || rank > worst_rank) {
        worst = id;
        worst_rank = rank;
      }
    }
    Drop(voters, worst);
  }

  size_t OrderOf(const std::string& id) const {
    for (size_t i = 0; i < facts_.members.size(); ++i) {
      if (facts_.members[i].id == id) return i;
    }
    return facts_.members.size();
  }

  // `voters` vote; who did and does not any more becomes a stand-by, and who
  // is no member goes. Keys are sealed first.
  RoleDecision Promote(const Ids& voters, std::string reason) const {
    Ids recipients = voters;
    bool sealed = true;
    for (const std::string& id : voters) {
      const bool promoted = !Has(facts_.voters, id);
      for (const std::set<std::string>& holders : facts_.sealed_for) {
        sealed = sealed && (!promoted || holders.count(id) > 0);
      }
    }
    // Where nobody can open the keys, nobody waits for them.
    if (!sealed && LeaderOpens()) {
      for (const std::string& id : facts_.voters) {
        if (Active(id) && !Has(recipients, id)) recipients.push_back(id);
      }
      return Reseal(recipients, "the keys of the CAs come before the vote");
    }
    Ids learners;
    for (const std::string& id : facts_.learners) {
      if (!Has(voters, id)) learners.push_back(id);
    }
    for (const std::string& id : facts_.voters) {
      if (!Has(voters, id) && Find(id) != nullptr) learners.push_back(id);
    }
    return Change(voters, learners, std::move(reason));
  }

  RoleDecision Reseal(const Ids& recipients, std::string reason) const {
    RoleDecision decision;
    for (const std::string& id : recipients) {
      const RoleMember* member = Find(id);
      if (member != nullptr && member->can_seal) {
        decision.seal_for.push_back(id);
      }
    }
    if (decision.seal_for.empty()) return {};
    decision.kind = RoleDecision::Kind::kReseal;
    decision.reason = std::move(reason);
    return decision;
  }

  std::optional<RoleDecision> DropLearners() const {
    Ids learners;
    for (const std::string& id : facts_.learners) {
      const RoleMember* member = Find(id);
      if (member != nullptr && !(member->leaving && member->may_leave_log)) {
        learners.push_back(id);
      }
    }
    if (learners.size() == facts_.learners.size()) return std::nullopt;
    return Change(facts_.voters, learners, "a removed member leaves the log");
  }

  // Somebody else will vote, as soon as contact allows.
  bool PromotionIsDue() const {
    return facts_.voters.size() < WantedCount() ||
           std::any_of(facts_.voters.begin(), facts_.voters.end(),
                       [this](const auto& id) { return Down(id); });
  }

  // Voters, and nobody else, can open the keys; but who was to be promoted and
  // has just lost contact keeps them until that is settled, or each packet that
  // it loses would cost two sealings.
  RoleDecision SealForVoters() const {
    if (!LeaderOpens()) return {};
    RoleDecision decision = Reseal(
        facts_.voters, "voters and nobody else hold the keys of the CAs");
    const std::set<std::string> wanted(decision.seal_for.begin(),
                                       decision.seal_for.end());
    const bool due = PromotionIsDue();
    for (const std::set<std::string>& holders : facts_.sealed_for) {
      if (!std::includes(holders.begin(), holders.end(), wanted.begin(),
                         wanted.end())) {
        return decision;
      }
      for (const std::string& id : holders) {
        if (wanted.count(id) == 0 && !(due && Active(id))) return decision;
      }
    }
    return {};
  }

  const RoleFacts& facts_;
  std::map<std::string, const RoleMember*> members_;
};

}  // namespace

size_t OddVoterCount(size_t wanted, size_t members) {
  const size_t count = std::min(wanted, members);
  if (count == 0) return 1;
  return count % 2 == 0 ? count - 1 : count;
}

RoleDecision DecideRoles(const RoleFacts& facts) {
  return Decider(facts).Decide();
}

}  // namespace microovn::agent
