#include "raft/sim/simulation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/sim/nemesis.h"

namespace microovn::raft {
namespace {

// How many of the longest election timeouts a healed cluster may stand still;
// an election may need a few rounds.
constexpr uint64_t kElectionTimeouts = 20;

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
    if (!configuration.Contains(member.identity.member)) continue;
    if (member.state.applied() < target) {
      return absl::StrCat("member in slot ", slot, " applied ",
                          member.state.applied().value(), " of ",
                          target.value(), SeenByLeader(cluster, member));
    }
  }
  return std::string();
}

std::string DescribeMembers(SimCluster& cluster) {
  std::string text;
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
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
      return absl::StrCat("a healed cluster commits nothing:",
                          DescribeMembers(cluster));
    }
    cluster.RunUntil(cluster.now() + cluster.options().tick);
    const uint64_t reached = VotersProgress(cluster);
    if (reached > progress) patience = cluster.now() + limit;
    progress = std::max(progress, reached);
  }
  return cluster.failure();
}

std::string AwaitStragglers(SimCluster& cluster, Micros limit) {
  const LogIndex target = cluster.committed();
  Time patience = cluster.now() + limit;
  std::string straggler = "unknown";
  while (cluster.failure().empty() && !straggler.empty()) {
    if (cluster.now() >= patience) return straggler;
    cluster.RunUntil(cluster.now() + 5 * cluster.options().tick);
    std::string still = FindStraggler(cluster, target);
    if (still != straggler) patience = cluster.now() + limit;
    straggler = std::move(still);
  }
  return cluster.failure();
}

std::string CheckLiveness(SimCluster& cluster) {
  const Micros limit =
      kElectionTimeouts * 2 * cluster.options().core.election_timeout;
  cluster.BecomeReliable();
  const std::string failure = AwaitCommit(cluster, limit);
  return failure.empty() ? AwaitStragglers(cluster, limit) : failure;
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
  result.stats = cluster.GetStats();
  return result;
}

}  // namespace microovn::raft
