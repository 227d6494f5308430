// SPDX-License-Identifier: Apache-2.0
// Who can open the key of a CA, as far as the log knows. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_KEY_HOLDERS_H_
#define MICROOVN_AGENT_STATE_VALUES_KEY_HOLDERS_H_

#include <string>
#include <vector>

#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// Members that the key is sealed for and that have not said that their own
// sealing key is out of reach. None: it stays closed, and the CA's successor is
// sealed for whoever votes.
std::vector<std::string> KeyHolders(const ClusterState& state,
                                    const statepb::Authority& authority);

// Whether `member_id` is a member that a key can be sealed for, and that opens
// it then.
bool CanHoldKeys(const ClusterState& state, const std::string& member_id);

// Whether a successor's key is sealed for those who hold the one in use; where
// nobody can open that, for others that can. One that was requested is that of
// the record, and is sealed for all voters once it issues.
bool HasRightHolders(const ClusterState& state,
                     const statepb::Authority& in_use,
                     const statepb::Authority& successor);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_KEY_HOLDERS_H_
