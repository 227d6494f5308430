// SPDX-License-Identifier: Apache-2.0
// The simulated network: delays (and thereby reorders), loses and duplicates
// messages, and can be cut in each direction of each link. Members are named
// by their slot in the cluster. Thread-compatible; all chance from the random
// source that is passed in.
#ifndef MICROOVN_RAFT_PROOF_SIM_SIM_NETWORK_H_
#define MICROOVN_RAFT_PROOF_SIM_SIM_NETWORK_H_

#include <cstddef>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "base/crypto/random.h"
#include "raft/core/values/types.h"
#include "raft/proof/sim/sim_options.h"

namespace microovn::raft {

class SimNetwork {
 public:
  explicit SimNetwork(const SimOptions& options) : options_(options) {}

  // When a message sent now arrives: never, once or twice.
  absl::InlinedVector<Micros, 2> Route(size_t from, size_t to,
                                       SeededRandom& random) const;

  void Cut(size_t from, size_t to);
  bool IsCut(size_t from, size_t to) const;
  void Heal() { cut_.clear(); }
  // From now on: no loss, no duplicates, no long delays.
  void BecomeReliable();

 private:
  Micros Delay(SeededRandom& random) const;

  SimOptions options_;
  std::vector<std::vector<bool>> cut_;  // [from][to]; may be smaller
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_SIM_NETWORK_H_
