// Seals the keys of the certificate authorities for the members that may sign.
//
// Implemented by the agent over pki; called on the leader. Thread-safe.
#ifndef MICROOVN_AGENT_OPERATIONS_CA_SEALER_H_
#define MICROOVN_AGENT_OPERATIONS_CA_SEALER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace microovn::agent {

class CaSealer {
 public:
  virtual ~CaSealer() = default;

  // OK once both authorities' keys are sealed in the state for exactly these
  // members.
  virtual absl::Status Reseal(const std::vector<std::string>& member_ids) = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_CA_SEALER_H_
