// SPDX-License-Identifier: Apache-2.0
// A learner that lies, and what none of its lies may do.
#include <optional>

#include "absl/strings/str_cat.h"
#include "raft/proof/sim/liar.h"
#include "raft/proof/sim/sim_cluster.h"

namespace microovn::raft {
namespace {

// What only voters, or the member itself, may move.
struct Standing {
  explicit Standing(const RaftCore& core)
      : hard_state(core.hard_state()),
        role(core.role()),
        leader(core.Describe().leader),
        commit(core.commit()),
        log(core.log().last_chain()) {}

  HardState hard_state;
  Role role;
  MemberId leader;
  LogIndex commit;
  ChainHash log;
};

// Empty, or what has moved.
std::optional<std::string> Difference(const Standing& a, const Standing& b) {
  if (a.hard_state.term != b.hard_state.term) return "a lie moved the term";
  if (a.hard_state != b.hard_state) return "a lie moved the vote";
  if (a.role != b.role) return "a lie moved a role";
  if (a.leader != b.leader) return "a lie moved the leader";
  if (a.commit != b.commit) return "a lie moved the commit index";
  if (a.log != b.log) return "a lie moved the log";
  return std::nullopt;
}

}  // namespace

void SimCluster::OnLie() {
  Schedule(1 + random_.Uniform(2 * options_.lie_every), Kind::kLie, *liar_, 0,
           0);
  const size_t slot = random_.Uniform(members_.size());
  SimMember& member = members_[slot];
  if (!member.up() || member.paused_until > now_) return;
  ++stats_.lies;
  const Message lie = DrawLie(members_[*liar_].identity, *member.core, random_);
  const Standing before(*member.core);
  Give(slot, Received{lie});
  if (!failure_.empty()) return;
  const auto moved = Difference(before, Standing(*member.core));
  if (!moved.has_value()) return;
  Fail(absl::StrCat(*moved, ", of kind ", lie.body.index(), " and term ",
                    lie.header.term.value(), " in slot ", slot, " at term ",
                    before.hard_state.term.value()));
}

bool SimCluster::IsLiar(MemberId member) const {
  return liar_.has_value() && members_[*liar_].identity.member == member;
}

}  // namespace microovn::raft
