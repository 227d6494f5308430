#include "raft/sim/simulation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "raft/sim/nemesis.h"

namespace microovn::raft {
namespace {

// How many of the longest election timeouts a healed cluster may take, first
// to commit and then to bring all members up to date. An election may need a
// few rounds, and small windows make catching up slow.
constexpr uint64_t kElectionTimeouts = 40;

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
                          target.value());
    }
  }
  return std::string();
}

std::string CheckLiveness(SimCluster& cluster) {
  const Micros limit =
      kElectionTimeouts * 2 * cluster.options().core.election_timeout;
  cluster.BecomeReliable();
  const uint64_t writes = cluster.history().writes();
  const Time give_up = cluster.now() + limit;
  while (cluster.failure().empty() && cluster.history().writes() == writes) {
    if (cluster.now() >= give_up) return "a healed cluster commits nothing";
    cluster.RunUntil(cluster.now() + cluster.options().tick);
  }
  const LogIndex target = cluster.committed();
  const Time also_give_up = cluster.now() + limit;
  std::string straggler = "unknown";
  while (cluster.failure().empty() && !straggler.empty()) {
    if (cluster.now() >= also_give_up) return straggler;
    cluster.RunUntil(cluster.now() + 5 * cluster.options().tick);
    straggler = FindStraggler(cluster, target);
  }
  return cluster.failure();
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
