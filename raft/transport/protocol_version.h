// SPDX-License-Identifier: Apache-2.0
// Which versions of the members' protocol this program speaks, and how two
// programs agree on one. Pure.
//
// Every call between members says in its metadata what its sender speaks; a
// member that speaks none of that refuses the call.
#ifndef MICROOVN_RAFT_TRANSPORT_PROTOCOL_VERSION_H_
#define MICROOVN_RAFT_TRANSPORT_PROTOCOL_VERSION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::raft {

// "OLDEST-NEWEST".
inline constexpr char kProtocolsKey[] = "microovn-raft-protocols";

inline constexpr char kProtocolUnknownReason[] = "RAFT_PROTOCOL_UNKNOWN";

struct ProtocolRange {
  uint32_t oldest = 0;
  uint32_t newest = 0;
};

// What this program speaks.
// A version that changes what messages mean takes the next number and goes on
// to speak the one before it, so that members can be upgraded one after the
// other; the one after that drops it. What is only added needs no number:
// fields that are not known are passed over.
inline constexpr ProtocolRange kOwnProtocols = {1, 1};

std::string EncodeProtocols(const ProtocolRange& range);
// None unless it is a range of versions from 1 on.
std::optional<ProtocolRange> DecodeProtocols(absl::string_view text);

// The newest that both speak; RAFT_PROTOCOL_UNKNOWN, which names both, when
// there is none or `theirs` says nothing.
// Pairs of members agree each for themselves: while a cluster is upgraded, one
// member may speak two versions.
absl::StatusOr<uint32_t> AgreeOnProtocol(const ProtocolRange& ours,
                                         absl::string_view theirs);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_PROTOCOL_VERSION_H_
