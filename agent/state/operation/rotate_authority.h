// SPDX-License-Identifier: Apache-2.0
// Replacing a CA: one kind for each plane.
//
// The successor is trusted everywhere before it issues, and the predecessor
// until everything that it issued is replaced; each phase ends when the members
// have said so of what they saw on the wire. Members that are off are waited
// for, unless it was asked with force; they catch up when they are back.
#ifndef MICROOVN_AGENT_STATE_OPERATION_ROTATE_AUTHORITY_H_
#define MICROOVN_AGENT_STATE_OPERATION_ROTATE_AUTHORITY_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/state/operation/operation_kind.h"

namespace microovn::agent {

const OperationKind& RotateOvnCaKind();
const OperationKind& RotateClusterCaKind();

// What is asked of the log. `successor` is of the plane to rotate, its key
// sealed for the members that the authority's is sealed for.
statepb::Operation RotationOf(std::string operation_id,
                              const statepb::Authority& successor, bool force);

// The rotation of this plane that has not ended; null if there is none.
const statepb::Operation* RunningRotation(const ClusterState& state,
                                          statepb::Plane plane);

// CAs of the cluster's own that a removal calls a rotation for, or that are
// among `renewals` (by key) for they near their end, and that can be rotated
// now. Of a user's CA nobody here can make the successor.
std::vector<const statepb::Authority*> DueRotations(
    const ClusterState& state, const std::set<std::string>& renewals);

// Of a rotation that was cancelled late: what to ask of the log, once every
// member is back at the CA before it.
std::optional<statepb::Command> FinishUndone(const ClusterState& state);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_OPERATION_ROTATE_AUTHORITY_H_
