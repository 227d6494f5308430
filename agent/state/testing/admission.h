// SPDX-License-Identifier: Apache-2.0
// The keys of test tokens, and what they sign.
#ifndef MICROOVN_AGENT_STATE_TESTING_ADMISSION_H_
#define MICROOVN_AGENT_STATE_TESTING_ADMISSION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "pki/join/join_statement.h"

namespace microovn::agent {

// As a token's record has it; the same for the same name.
std::string TestTokenKey(absl::string_view name);

// Signs what the command says, with the key of the token for `name`.
void SignAdmission(internal::state::v1::AdmitMember& body,
                   absl::string_view name, const std::string& cluster_id,
                   pki::StatementForm form = pki::StatementForm::kWhole);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_TESTING_ADMISSION_H_
