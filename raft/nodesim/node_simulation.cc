#include "raft/nodesim/node_simulation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "raft/nodesim/node_nemesis.h"

namespace microovn::raft {
namespace {

// Without any progress, of the longest election timeouts.
constexpr uint64_t kElectionTimeouts = 20;

// How far the members are in sum: grows while anybody catches up.
uint64_t Progress(const NodeCluster& cluster) {
  uint64_t sum = cluster.history().writes();
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
    if (!cluster.running(slot)) continue;
    sum += cluster.node(slot).applied().value() +
           cluster.node(slot).core().log().last_index().value();
  }
  return sum;
}

// Empty, or who of the final configuration lacks what.
std::string FindStraggler(const NodeCluster& cluster, LogIndex target) {
  const auto leader = cluster.Leader();
  if (!leader.has_value()) return "no leader";
  const Configuration configuration =
      cluster.node(*leader).core().Describe().configuration;
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
    if (!configuration.Contains(cluster.identity(slot).member)) continue;
    if (!cluster.running(slot)) return absl::StrCat("slot ", slot, " is down");
    if (cluster.node(slot).applied() < target) {
      return absl::StrCat("slot ", slot, " applied ",
                          cluster.node(slot).applied().value(), " of ",
                          target.value());
    }
    if (!cluster.HoldsAllWrites(slot)) {
      return absl::StrCat("slot ", slot, " lacks an acknowledged write");
    }
  }
  return std::string();
}

std::string CheckLiveness(NodeCluster& cluster) {
  const SimOptions& options = cluster.options().sim;
  const Micros limit = kElectionTimeouts * 2 * options.core.election_timeout;
  cluster.BecomeReliable();
  const uint64_t writes = cluster.history().writes();
  const LogIndex target = cluster.committed();
  uint64_t progress = 0;
  Time patience = cluster.now() + limit;
  std::string straggler = "a healed cluster commits nothing";
  while (cluster.failure().empty()) {
    if (cluster.history().writes() > writes) {
      straggler = FindStraggler(cluster, target);
    }
    if (straggler.empty()) return std::string();
    if (cluster.now() >= patience) return straggler;
    cluster.RunUntil(cluster.now() + 5 * options.tick);
    const uint64_t reached = Progress(cluster);
    if (reached > progress) patience = cluster.now() + limit;
    progress = std::max(progress, reached);
  }
  return cluster.failure();
}

}  // namespace

NodeSimulationResult SimulateNodes(const NodeSimOptions& options) {
  NodeCluster cluster(options);
  NodeNemesis nemesis(&cluster);
  const Time end(options.sim.duration);
  while (cluster.failure().empty() && cluster.now() < end) {
    cluster.RunUntil(std::min(end, nemesis.next()));
    if (cluster.failure().empty()) nemesis.Act();
  }
  NodeSimulationResult result;
  result.failure = cluster.failure();
  if (result.failure.empty()) result.failure = CheckLiveness(cluster);
  result.stats = cluster.GetStats();
  return result;
}

}  // namespace microovn::raft
