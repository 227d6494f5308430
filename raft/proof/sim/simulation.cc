// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/simulation.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "raft/proof/sim/linearizability.h"
#include "raft/proof/sim/nemesis.h"

namespace microovn::raft {
namespace {

// How many of the longest election timeouts a healed cluster may stand still;
// an election may need a few rounds.
constexpr uint64_t kElectionTimeouts = 20;
// What was paused or stalled takes so long to wake up.
constexpr Micros kWakingUp = 2'000'000;
constexpr Micros kLongestCatchUp = 200'000'000;

constexpr uint64_t kMaxSearchStepsPerKey = 2'000'000;

std::string SeenByLeader(SimCluster& cluster, const SimMember& member) {
  const Status status = cluster.member(*cluster.Leader()).core->Describe();
  for (const PeerStatus& peer : status.peers) {
    if (peer.member != member.identity.member) continue;
    return absl::StrCat("; its leader has match ", peer.match.value(),
                        ", next ", peer.next.value(), ", base ",
                        status.base.value(),
                        peer.receiving_snapshot ? ", sends a snapshot" : "");
  }
  return "; its leader does not know it";
}

// Empty, or who of the members of the final configuration is behind.
std::string FindStraggler(SimCluster& cluster, LogIndex target) {
  const auto leader = cluster.Leader();
  if (!leader.has_value()) return "no leader";
  const Configuration configuration =
      cluster.member(*leader).core->Describe().configuration;
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
    const SimMember& member = cluster.member(slot);
    if (member.lost || member.lies || member.stopped ||
        !configuration.Contains(member.identity.member)) {
      continue;
    }
    if (member.state.applied() < target) {
      return absl::StrCat("member in slot ", slot, " applied ",
                          member.state.applied().value(), " of ",
                          target.value(), SeenByLeader(cluster, member));
    }
    if (member.core->quarantine().has_value()) {
      return absl::StrCat("member in slot ", slot, " stays in quarantine",
                          SeenByLeader(cluster, member));
    }
  }
  return std::string();
}

std::string DescribeMembers(SimCluster& cluster) {
  std::string text;
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
    if (!cluster.member(slot).up()) continue;
    const Status status = cluster.member(slot).core->Describe();
    absl::StrAppend(
        &text, " [", slot, " role ", static_cast<int>(status.role), " term ",
        status.term.value(), " base ", status.base.value(), " last ",
        status.last_index.value(), " commit ", status.commit.value(),
        " configuration ", status.configuration_index.value(),
        status.configuration.is_joint() ? " joint" : "",
        status.configuration.IsVoter(cluster.member(slot).identity.member)
            ? " voter]"
            : "]");
  }
  return text;
}

// How far the voters are in sum, as their leader sees it. A voter that was
// promoted while far behind, with a small window, holds up commits for long;
// but it moves.
uint64_t VotersProgress(SimCluster& cluster) {
  const auto leader = cluster.Leader();
  if (!leader.has_value()) return 0;
  uint64_t sum = 0;
  for (const PeerStatus& peer :
       cluster.member(*leader).core->Describe().peers) {
    if (peer.voter) sum += peer.match.value();
  }
  return sum;
}

std::string AwaitCommit(SimCluster& cluster, Micros limit) {
  const uint64_t writes = cluster.history().writes();
  uint64_t progress = 0;
  Time patience = cluster.now() + limit;
  while (cluster.failure().empty() && cluster.history().writes() == writes) {
    if (cluster.now() >= patience) {
      return absl::StrCat("a healed quorum commits nothing:",
                          DescribeMembers(cluster));
    }
    cluster.RunUntil(cluster.now() + cluster.options().tick);
    const uint64_t reached = VotersProgress(cluster);
    if (reached > progress) patience = cluster.now() + limit;
    progress = std::max(progress, reached);
  }
  return cluster.failure();
}

// Until everybody has all.
std::string AwaitStragglers(SimCluster& cluster, Micros limit) {
  Time patience = cluster.now() + limit;
  // Whoever moves on is given time, but not for ever.
  const Time end = cluster.now() + kLongestCatchUp;
  std::string straggler = "unknown";
  while (cluster.failure().empty() && !straggler.empty()) {
    if (cluster.now() >= std::min(patience, end)) {
      return absl::StrCat("a healed member does not catch up: ", straggler);
    }
    cluster.RunUntil(cluster.now() + 5 * cluster.options().tick);
    std::string still = FindStraggler(cluster, cluster.committed());
    if (still != straggler) patience = cluster.now() + limit;
    straggler = std::move(still);
  }
  return cluster.failure();
}

// A wrong leader, and voters that only its snapshots could bring up to date.
// They cannot say what is right, and it would make them wrong (state_check.cc
// supposes that most are right): more than the comparison can decide.
bool LeaderMisleads(SimCluster& cluster) {
  const auto slot = cluster.Leader();
  if (!slot.has_value() || !cluster.member(*slot).wrong) return false;
  const Status status = cluster.member(*slot).core->Describe();
  return absl::c_any_of(status.peers, [&status](const PeerStatus& peer) {
    return peer.voter && peer.match < status.base;
  });
}

// A wrong state shows in the next comparison at the latest: when everybody has
// gone on for a few of the intervals, and the leader has asked. Who comes back
// by a snapshot has no say in older comparisons, and of three voters two that
// differ need the third, so the intervals count from when all have come back.
// Where the log grows by more than the kept marks in one heartbeat, which only
// a simulation's small intervals bring about, that is when it pauses; so the
// clients stop.
std::string AwaitDivergence(SimCluster& cluster, Micros limit) {
  constexpr uint64_t kIntervals = 8;
  const LogIndex start = cluster.committed();
  std::optional<LogIndex> enough;
  const Time patience = cluster.now() + kIntervals * limit;
  while (cluster.failure().empty() && cluster.AnyWrong() &&
         cluster.committed() < enough.value_or(cluster.committed().Next()) &&
         cluster.now() < patience) {
    cluster.RunUntil(cluster.now() + cluster.options().tick);
    if (!enough.has_value() && FindStraggler(cluster, start).empty()) {
      enough = cluster.committed() +
               kIntervals * cluster.options().core.state_mark_interval;
    }
  }
  cluster.StopClients();
  const Time asked = cluster.now() + limit;
  // Whoever is slow to apply is slow to answer.
  const Time answered = asked + 2 * limit;
  while (cluster.failure().empty() && cluster.AnyWrong()) {
    if (cluster.now() >= asked && LeaderMisleads(cluster)) {
      cluster.StopForGood(*cluster.Leader());
      continue;
    }
    if (cluster.now() >= answered) {
      return absl::StrCat("a wrong state was not noticed in ",
                          cluster.committed().value() - start.value(),
                          " entries:", DescribeMembers(cluster));
    }
    cluster.RunUntil(cluster.now() + cluster.options().tick);
  }
  return cluster.failure();
}

// All members of the final configuration have applied the same.
std::string CompareStates(SimCluster& cluster) {
  const SimMember& leader = cluster.member(*cluster.Leader());
  const Configuration configuration = leader.core->Describe().configuration;
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
    const SimMember& member = cluster.member(slot);
    if (member.lost || member.lies || member.stopped ||
        !configuration.Contains(member.identity.member)) {
      continue;
    }
    if (member.state.applied() != leader.state.applied() ||
        member.state.hash() != leader.state.hash()) {
      return absl::StrCat("member in slot ", slot, " has another state");
    }
  }
  return std::string();
}

std::string CheckLiveness(SimCluster& cluster) {
  const Micros limit = kWakingUp + kElectionTimeouts * 2 *
                                       cluster.options().core.election_timeout;
  cluster.Heal(cluster.DrawQuorum());
  std::string failure = AwaitCommit(cluster, limit);
  if (!failure.empty()) return failure;
  cluster.Heal(cluster.Alive());
  // A leader with a wrong state serves no snapshots here, so this is before the
  // stragglers.
  failure = AwaitDivergence(cluster, limit);
  if (failure.empty()) failure = AwaitStragglers(cluster, limit);
  return failure.empty() ? CompareStates(cluster) : failure;
}

// A second opinion that knows nothing of the log.
std::string SearchLinearizability(const SimCluster& cluster) {
  const LinearizabilityResult result = CheckLinearizable(
      cluster.registers().operations(), kMaxSearchStepsPerKey);
  switch (result.verdict) {
    case Verdict::kLinearizable:
      return std::string();
    case Verdict::kViolation:
      return absl::StrCat("not linearizable: ", result.explanation);
    case Verdict::kUndecided:
      return absl::StrCat("undecided: ", result.explanation);
  }
  return "no verdict";
}

}  // namespace

SimulationResult Simulate(const SimOptions& options) {
  SimCluster cluster(options);
  Nemesis nemesis(cluster);
  const Time end(options.duration);
  while (cluster.failure().empty() && cluster.now() < end) {
    cluster.RunUntil(std::min(end, nemesis.next()));
    if (cluster.failure().empty()) nemesis.Act();
  }
  SimulationResult result;
  result.failure = cluster.failure();
  if (result.failure.empty()) result.failure = CheckLiveness(cluster);
  if (options.search_linearizability) {
    result.searched = cluster.registers().operations().size();
    if (result.failure.empty()) result.failure = SearchLinearizability(cluster);
  }
  result.stats = cluster.GetStats();
  return result;
}

}  // namespace microovn::raft
