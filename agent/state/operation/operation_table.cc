// SPDX-License-Identifier: Apache-2.0
#include "agent/state/operation/operation_table.h"

#include <utility>

#include "agent/state/operation/change_service.h"
#include "agent/state/operation/recover_database.h"
#include "agent/state/operation/remove_member.h"
#include "agent/state/operation/rotate_authority.h"

namespace microovn::agent {

OperationTable::OperationTable(std::vector<const OperationKind*> rows)
    : rows_(std::move(rows)) {}

const OperationKind* OperationTable::Find(
    const statepb::Operation& operation) const {
  for (const OperationKind* row : rows_) {
    if (row->kind == operation.kind()) return row;
  }
  return nullptr;
}

const OperationKind* OperationTable::FindByName(absl::string_view name) const {
  for (const OperationKind* row : rows_) {
    if (row->name == name) return row;
  }
  return nullptr;
}

const OperationTable& Operations() {
  static const auto* const table = new OperationTable(
      {&RemoveMemberKind(), &EnableServiceKind(), &DisableServiceKind(),
       &RotateOvnCaKind(), &RotateClusterCaKind(), &RecoverDatabaseKind()});
  return *table;
}

}  // namespace microovn::agent
