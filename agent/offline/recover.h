// SPDX-License-Identifier: Apache-2.0
// `microovnd --recover`: looks at a node whose agent is stopped and, when told
// what to do, does it.
#ifndef MICROOVN_AGENT_OFFLINE_RECOVER_H_
#define MICROOVN_AGENT_OFFLINE_RECOVER_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "base/crypto/random.h"
#include "base/time/clock.h"

namespace microovn::agent {

struct RecoverOptions {
  // As the agent's --root.
  std::string root;
  // At most one action; none: only look.
  bool new_sealing_key = false;
  bool end_quarantine = false;
  bool become_only_voter = false;
  std::string member;
  std::string accept_loss;
};

// Prints what was found, or what was done. Takes the root's lock for as long as
// it runs; errors have a reason and have changed nothing, unless the disk
// failed.
absl::Status Recover(const RecoverOptions& options, const Clock& clock,
                     RandomSource& random, std::ostream& out);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OFFLINE_RECOVER_H_
