// SPDX-License-Identifier: Apache-2.0
// What the kernel and our own last life wrote about processes.
#include "base/testing/fuzz_target.h"
#include "supervisor/process/process_record.h"
#include "supervisor/process/process_table.h"

namespace microovn {

std::vector<std::string> FuzzSeeds() {
  return {supervisor::RenderProcessRecord({42, 1234, "boot-id"}),
          "42 (a name) (again) S 1 42 42 0 -1 4194304 99 0 0 0 1 2 3 4 20 0 1 "
          "0 5678 1000000 100"};
}

void FuzzOne(absl::string_view input) {
  (void)supervisor::ParseStartTicks(input);
  const auto record = supervisor::ParseProcessRecord(input);
  if (!record.ok()) return;
  FuzzCheck(record->pid > 0 && record->start_ticks > 0,
            "a record names a process");
  const auto again =
      supervisor::ParseProcessRecord(supervisor::RenderProcessRecord(*record));
  FuzzCheck(again.ok() && again->pid == record->pid &&
                again->start_ticks == record->start_ticks &&
                again->boot_id == record->boot_id,
            "a record says the same again");
}

}  // namespace microovn
