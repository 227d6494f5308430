// SPDX-License-Identifier: Apache-2.0
#include "raft/core/invariants.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace microovn::raft {
namespace {

std::string Violation(const RaftCore& core, absl::string_view what) {
  return absl::StrCat(
      what, " (member ", core.identity().member.ToHex(), ", term ",
      core.hard_state().term.value(), ", log ", core.log().base().index.value(),
      "..", core.log().last_index().value(), ", durable ",
      core.log().durable().value(), ", commit ", core.commit().value(),
      ", applied ", core.applied().value(), ")");
}

template <typename T>
T& At(std::vector<T>& items, LogIndex index) {
  const auto at = static_cast<size_t>(index.value());
  if (at >= items.size()) items.resize(at + 1);
  return items[at];
}

}  // namespace

std::optional<std::string> InvariantChecker::AfterStep(const RaftCore& core,
                                                       const Output& output) {
  Digest& digest = digests_[core.identity().member];
  auto broken = CheckBasic(core);
  if (!broken.has_value()) broken = CheckLeader(core, output);
  if (!broken.has_value()) broken = CheckDelta(digest, core, output);
  if (!broken.has_value()) broken = CheckEntries(output);
  if (!broken.has_value()) broken = CheckElection(core);
  if (!broken.has_value()) broken = CheckCommits(digest, core);
  digest = {core.hard_state(), core.role(), core.commit(),
            core.log().last_index()};
  return broken;
}

std::optional<std::string> InvariantChecker::AfterRestart(
    const RaftCore& core) {
  digests_[core.identity().member] = {core.hard_state(), core.role(),
                                      core.commit(), core.log().last_index()};
  return CheckBasic(core);
}

void InvariantChecker::AcceptLoss(LogIndex kept) {
  committed_to_ = std::min(committed_to_, kept);
  const auto known = static_cast<size_t>(kept.value()) + 1;
  if (committed_.size() > known) committed_.resize(known);
  for (auto& [term, index] : committed_in_) index = std::min(index, kept);
}

LogIndex InvariantChecker::CommittedIn(const Recovered& recovered) const {
  LogIndex held = recovered.base.index;
  for (const Entry& entry : recovered.entries) {
    const auto at = static_cast<size_t>(entry.index.value());
    if (at >= committed_.size() || !committed_[at].has_value() ||
        committed_[at]->chain != entry.chain) {
      break;
    }
    held = entry.index;
  }
  return held;
}

std::optional<std::string> InvariantChecker::CheckBasic(
    const RaftCore& core) const {
  const EntryLog& log = core.log();
  if (core.commit() > log.last_index()) {
    return Violation(core, "commit index is past the end of the log");
  }
  if (core.applied() > core.applying() || core.applying() > core.commit()) {
    return Violation(core, "applied runs ahead of committed");
  }
  if (core.applying() > std::max(log.durable(), log.base().index)) {
    return Violation(core, "applied runs ahead of what is durable");
  }
  if (log.base().index > core.applied()) {
    return Violation(core, "compacted what is not applied");
  }
  if (log.durable() > log.last_index() || log.durable() < log.base().index) {
    return Violation(core, "durable index is outside the log");
  }
  if (core.quarantine().has_value() && core.role() != Role::kFollower) {
    return Violation(core, "campaigns in quarantine");
  }
  if (core.configurations().InForce().index > log.last_index()) {
    return Violation(core, "configuration in force is not in the log");
  }
  return std::nullopt;
}

std::optional<std::string> InvariantChecker::CheckLeader(
    const RaftCore& core, const Output& output) const {
  const Leader* leader = core.leader_state();
  if (leader == nullptr) return std::nullopt;
  for (const Peer& peer : leader->peers) {
    if (peer.progress.match() > core.log().last_index() ||
        peer.progress.next() <= peer.progress.match()) {
      return Violation(core, "progress of a peer is impossible");
    }
  }
  if (output.configuration.has_value()) {
    // A leader may inherit two uncommitted configurations, but not append a
    // second one.
    const auto& before = core.configurations().BeforeInForce();
    const auto& after = core.configurations().InForce();
    if (before.index < after.index && before.index > core.commit()) {
      return Violation(core, "two changes of the configuration at a time");
    }
    if (before.index < after.index &&
        !IsLegalTransition(before.configuration, after.configuration)) {
      return Violation(core, "illegal change of the configuration");
    }
  }
  if (leader->confirmed > leader->read_number) {
    return Violation(core, "confirmed a read number that was not given");
  }
  return std::nullopt;
}

std::optional<std::string> InvariantChecker::CheckDelta(
    const Digest& before, const RaftCore& core, const Output& output) const {
  const HardState& now = core.hard_state();
  if (now.term < before.hard_state.term) {
    return Violation(core, "term went back");
  }
  if (now.term == before.hard_state.term && !before.hard_state.vote.is_none() &&
      now.vote != before.hard_state.vote) {
    return Violation(core, "vote changed within a term");
  }
  if (core.commit() < before.commit) {
    return Violation(core, "commit index went back");
  }
  // Within a term a leader only appends (raft.md 5b.11).
  const bool leads_on = before.role == Role::kLeader &&
                        core.role() == Role::kLeader &&
                        now.term == before.hard_state.term;
  const bool truncated =
      output.persist.has_value() && output.persist->truncate_from.has_value();
  if (leads_on && (truncated || core.log().last_index() < before.last_index)) {
    return Violation(core, "a leader truncated its log");
  }
  return std::nullopt;
}

std::optional<std::string> InvariantChecker::CheckElection(
    const RaftCore& core) {
  if (core.role() != Role::kLeader) return std::nullopt;
  const Term term = core.hard_state().term;
  const auto [known, first] =
      leaders_.try_emplace(term, core.identity().member);
  if (known->second != core.identity().member) {
    return Violation(core, "two leaders in a term");
  }
  if (!first) return std::nullopt;
  // Leader Completeness.
  LogIndex needed;
  for (const auto& [earlier, index] : committed_in_) {
    // Of earlier terms only: what its own term commits comes after its
    // election.
    if (earlier < term) needed = std::max(needed, index);
  }
  if (needed == LogIndex(0) || needed < core.log().base().index) {
    return std::nullopt;
  }
  if (!core.log().Knows(needed) ||
      core.log().ChainAt(needed) != At(committed_, needed)->chain) {
    return Violation(
        core, absl::StrCat("a leader lacks committed index ", needed.value()));
  }
  return std::nullopt;
}

std::optional<std::string> InvariantChecker::CheckEntries(
    const Output& output) {
  if (!output.persist.has_value()) return std::nullopt;
  for (const Entry& entry : output.persist->entries) {
    // Log Matching: index and term name one entry, and the chain all before it.
    // Each Persist is looked at, whether it was durable or not.
    std::vector<Known>& known = At(written_, entry.index);
    const auto same =
        std::find_if(known.begin(), known.end(),
                     [&](const Known& k) { return k.term == entry.term; });
    if (same == known.end()) {
      known.push_back({entry.term, entry.chain});
    } else if (same->chain != entry.chain) {
      return absl::StrCat("log matching is broken at index ",
                          entry.index.value(), " of term ", entry.term.value());
    }
  }
  return std::nullopt;
}

std::optional<std::string> InvariantChecker::CheckCommits(
    const Digest& before, const RaftCore& core) {
  const EntryLog& log = core.log();
  // A leader that committed its own removal has stepped down by now.
  const bool led = before.role == Role::kLeader &&
                   before.hard_state.term == core.hard_state().term;
  if (led || core.role() == Role::kLeader) {
    committed_to_ = std::max(committed_to_, core.commit());
    LogIndex& of_term = committed_in_[core.hard_state().term];
    of_term = std::max(of_term, core.commit());
  } else if (core.commit() > committed_to_) {
    return Violation(core, "a follower committed what no leader did");
  }
  for (LogIndex at = std::max(before.commit, log.base().index).Next();
       at <= core.commit(); at = at.Next()) {
    const Entry& entry = log.At(at);
    std::optional<Known>& known = At(committed_, at);
    if (!known.has_value()) known = Known{entry.term, entry.chain};
    if (known->term != entry.term || known->chain != entry.chain) {
      return Violation(
          core, absl::StrCat("two committed entries at index ", at.value()));
    }
  }
  return std::nullopt;
}

}  // namespace microovn::raft
