// SPDX-License-Identifier: Apache-2.0
// The one table of what the agent's errors say: from a reason and its
// arguments to a status. The constructors beside it fill it in; the answers of
// the log, which hold reason and arguments only, are worded by it again.
//
// Pure.
#ifndef MICROOVN_AGENT_ERRORS_WORDING_H_
#define MICROOVN_AGENT_ERRORS_WORDING_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/errors/sentence.h"

namespace microovn::agent {

// A status with the table's code, sentence and remedy; `arguments` become its
// details. `beside` are arguments of the sentences that this program knows by
// itself: they are no details, and so are never replicated.
absl::Status Worded(absl::string_view reason, const Arguments& arguments = {},
                    const Arguments& beside = {});

// The same with the code of who refused. A reason without a sentence is its
// own.
absl::Status Reworded(absl::StatusCode code, absl::string_view reason,
                      const Arguments& arguments);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_WORDING_H_
