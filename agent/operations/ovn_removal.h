// What a surviving central does for a member that cannot leave by itself.
//
// Implemented over the members' agents; the leader may have no central.
// Thread-safe; each call ends within a few seconds.
#ifndef MICROOVN_AGENT_OPERATIONS_OVN_REMOVAL_H_
#define MICROOVN_AGENT_OPERATIONS_OVN_REMOVAL_H_

#include <string>

#include "absl/status/status.h"
#include "agent/state/cluster_state.h"

namespace microovn::agent {

class OvnRemoval {
 public:
  virtual ~OvnRemoval() = default;

  // Puts the member's server, known by its address, out of a database ("nb",
  // "sb"). OK when it is not there.
  virtual absl::Status KickDatabase(
      const std::string& database,
      const internal::state::v1::Member& member) = 0;

  // Deletes the rows of the chassis of this name. OK when there are none.
  virtual absl::Status DeleteChassis(const std::string& member_name) = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_OVN_REMOVAL_H_
