// SPDX-License-Identifier: Apache-2.0
#include "agent/state/operation/operation_kind.h"

namespace microovn::agent {

const statepb::Operation* RunningOperation(const ClusterState& state,
                                           const OperationKind& kind,
                                           absl::string_view member_id) {
  for (const auto& [id, operation] : state.operations.records()) {
    if (!operation->done() && operation->kind() == kind.kind &&
        operation->member_id() == member_id) {
      return operation.get();
    }
  }
  return nullptr;
}

}  // namespace microovn::agent
