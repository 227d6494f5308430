// SPDX-License-Identifier: Apache-2.0
// The commands about operations, for any table of kinds.
#ifndef MICROOVN_AGENT_STATE_OPERATION_APPLY_OPERATIONS_H_
#define MICROOVN_AGENT_STATE_OPERATION_APPLY_OPERATIONS_H_

#include "agent/state/apply/apply_context.h"
#include "agent/state/operation/operation_table.h"

namespace microovn::agent {

Applied ApplyStart(ApplyContext& context, const statepb::StartOperation& body,
                   const OperationTable& table);
Applied ApplyUpdate(ApplyContext& context, const statepb::UpdateOperation& body,
                    const OperationTable& table);
// Ends an operation that waits; what it wants is undone, or it is too late.
Applied ApplyCancel(ApplyContext& context, const statepb::CancelOperation& body,
                    const OperationTable& table);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_OPERATION_APPLY_OPERATIONS_H_
