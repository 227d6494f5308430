// SPDX-License-Identifier: Apache-2.0
// The kinds of operations that there are. Immutable, thread-safe.
#ifndef MICROOVN_AGENT_STATE_OPERATION_OPERATION_TABLE_H_
#define MICROOVN_AGENT_STATE_OPERATION_OPERATION_TABLE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "agent/state/operation/operation_kind.h"

namespace microovn::agent {

class OperationTable {
 public:
  // Rows outlive the table.
  explicit OperationTable(std::vector<const OperationKind*> rows);

  // Null for a kind of a later version.
  const OperationKind* Find(const statepb::Operation& operation) const;
  const OperationKind* FindByName(absl::string_view name) const;
  const std::vector<const OperationKind*>& rows() const { return rows_; }

 private:
  const std::vector<const OperationKind*> rows_;
};

// The table of this build.
const OperationTable& Operations();

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_OPERATION_OPERATION_TABLE_H_
