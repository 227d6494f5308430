// SPDX-License-Identifier: Apache-2.0
// The state as keys and bytes, which is how the log's storage keeps it and
// sends it in snapshots.
//
// Keys are those of state.proto's comments. A value is one byte of format and
// the serialized record; a record's own id must agree with its key. Equal
// states have equal bytes.
//
// Pure.
#ifndef MICROOVN_AGENT_STATE_STORE_STATE_CODEC_H_
#define MICROOVN_AGENT_STATE_STORE_STATE_CODEC_H_

#include <vector>

#include "absl/status/statusor.h"
#include "agent/state/values/cluster_state.h"
#include "raft/storage/record/record.h"

namespace microovn::agent {

using StateRecord = raft::Record;
using StateMutation = raft::Mutation;

// For tests: the whole state. Records of one kind are sorted by key.
std::vector<StateRecord> EncodeState(const ClusterState& state);

// DATA_LOSS naming the key that cannot be understood.
absl::StatusOr<ClusterState> DecodeState(
    const std::vector<StateRecord>& records);

// What was touched since the last call, and forgets it.
std::vector<StateMutation> TakeMutations(ClusterState& state);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_STORE_STATE_CODEC_H_
