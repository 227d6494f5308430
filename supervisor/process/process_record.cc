// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process/process_record.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "supervisor/process/process_table.h"

namespace microovn::supervisor {

std::string RenderProcessRecord(const ProcessRecord& record) {
  return absl::StrCat("pid ", record.pid, "\nstarted ", record.start_ticks,
                      "\nboot ", record.boot_id, "\n");
}

absl::StatusOr<ProcessRecord> ParseProcessRecord(absl::string_view text) {
  ProcessRecord record;
  bool valid = true;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    if (field.first == "pid") {
      valid = valid && absl::SimpleAtoi(field.second, &record.pid);
    } else if (field.first == "started") {
      valid = valid && absl::SimpleAtoi(field.second, &record.start_ticks);
    } else if (field.first == "boot") {
      record.boot_id.assign(field.second.data(), field.second.size());
    }
  }
  if (!valid || record.pid <= 0 || record.start_ticks == 0) {
    return absl::InvalidArgumentError("it is no process record");
  }
  return record;
}

absl::Status SaveProcessRecord(const std::string& path,
                               const ProcessRecord& record) {
  return WriteFile(path, RenderProcessRecord(record), 0600);
}

absl::StatusOr<ProcessRecord> LoadProcessRecord(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, 4096);
  if (!text.ok()) return absl::NotFoundError(text.status().message());
  absl::StatusOr<ProcessRecord> record = ParseProcessRecord(*text);
  // An empty id, of a kernel that does not tell, equals itself: then the start
  // time alone decides.
  if (!record.ok() || record->boot_id != BootId()) {
    return absl::NotFoundError(absl::StrCat(path, " is stale"));
  }
  return record;
}

}  // namespace microovn::supervisor
