// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/nodesim/node_simulation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "raft/proof/nodesim/node_nemesis.h"

namespace microovn::raft {
namespace {

// How many of the longest election timeouts a healed cluster may stand still;
// an election may need a few rounds.
constexpr uint64_t kElectionTimeouts = 20;
constexpr Micros kLongestCatchUp = 60'000'000;

// Of the members that run: who, in which role, how far.
std::string DescribeMembers(const NodeCluster& cluster) {
  std::string text;
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
    if (!cluster.running(slot)) continue;
    const Status status = cluster.node(slot).core().Describe();
    absl::StrAppend(&text, " [", slot, " role ", static_cast<int>(status.role),
                    " term ", status.term.value(), " base ",
                    status.base.value(), " last ", status.last_index.value(),
                    " commit ", status.commit.value(), " applied ",
                    cluster.node(slot).applied().value(), "]");
  }
  return text;
}

// How far the members are in sum: grows while anybody catches up.
uint64_t Progress(const NodeCluster& cluster) {
  uint64_t sum = 0;
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
    if (!cluster.running(slot)) continue;
    sum += cluster.node(slot).applied().value() +
           cluster.node(slot).core().log().last_index().value();
  }
  return sum;
}

// Whether all of the final configuration have applied what is committed.
bool AllCaughtUp(const NodeCluster& cluster) {
  const auto leader = cluster.Leader();
  if (!leader.has_value()) return false;
  const Configuration configuration =
      cluster.node(*leader).core().Describe().configuration;
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
    if (!configuration.Contains(cluster.identity(slot).member)) continue;
    if (!cluster.running(slot) ||
        cluster.node(slot).applied() < cluster.committed()) {
      return false;
    }
  }
  return true;
}

// All of the final configuration hold the same, and every write that was
// acknowledged.
std::string CompareStates(const NodeCluster& cluster) {
  const SimulatedNode& leader = cluster.node(*cluster.Leader());
  const Configuration configuration = leader.core().Describe().configuration;
  for (size_t slot = 0; slot < cluster.size(); ++slot) {
    if (!configuration.Contains(cluster.identity(slot).member)) continue;
    const SimulatedNode& node = cluster.node(slot);
    if (!cluster.HoldsAllWrites(slot)) {
      return absl::StrCat("slot ", slot, " lacks an acknowledged write");
    }
    if (node.applied() != leader.applied() || node.hash() != leader.hash() ||
        node.machine().digest() != leader.machine().digest()) {
      return absl::StrCat("slot ", slot, " has another state than the leader:",
                          DescribeMembers(cluster));
    }
  }
  return std::string();
}

// Runs until `done`, as long as somebody moves on, but not for ever.
template <typename Done>
std::string Await(NodeCluster& cluster, const std::string& what, Done done) {
  const SimOptions& options = cluster.options().sim;
  const Micros limit = kElectionTimeouts * 2 * options.core.election_timeout;
  const Time end = cluster.now() + kLongestCatchUp;
  Time patience = cluster.now() + limit;
  uint64_t progress = 0;
  while (cluster.failure().empty() && !done()) {
    if (cluster.now() >= std::min(patience, end)) {
      return absl::StrCat(what, ":", DescribeMembers(cluster));
    }
    cluster.RunUntil(cluster.now() + 2 * options.tick);
    const uint64_t reached = Progress(cluster);
    if (reached > progress) patience = cluster.now() + limit;
    progress = std::max(progress, reached);
  }
  return cluster.failure();
}

std::string CheckLiveness(NodeCluster& cluster) {
  cluster.BecomeReliable();
  const uint64_t writes = cluster.history().writes();
  std::string failure = Await(cluster, "a healed cluster commits nothing", [&] {
    return cluster.history().writes() > writes;
  });
  if (!failure.empty()) return failure;
  // A snapshot in small pieces never catches up with clients that go on.
  cluster.StopClients();
  failure = Await(cluster, "a healed member does not catch up",
                  [&] { return AllCaughtUp(cluster); });
  return failure.empty() ? CompareStates(cluster) : failure;
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
