// SPDX-License-Identifier: Apache-2.0
// What a joiner signs, from the record that is to be made of it: the joiner,
// the leader and Apply come to the same words. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_ADMISSION_STATEMENT_H_
#define MICROOVN_AGENT_STATE_VALUES_ADMISSION_STATEMENT_H_

#include <string>

#include "microovn/internal/state/v1/command.pb.h"
#include "pki/join/join_statement.h"

namespace microovn::agent {

// Reads token_id, member, default_services and request_digest, and of the
// member what a joiner knows of itself: not its id, its keys or its
// certificate, which are the leader's to give.
pki::JoinStatement StatementOf(
    const std::string& cluster_id,
    const internal::state::v1::AdmitMember& admission);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_ADMISSION_STATEMENT_H_
