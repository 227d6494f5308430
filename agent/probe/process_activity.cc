// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/process_activity.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"

namespace microovn::agent {

absl::StatusOr<ProcessActivity> ParseProcessActivity(absl::string_view stat) {
  // The second field is the program's name, which may hold anything.
  const size_t name_end = stat.rfind(')');
  if (name_end == absl::string_view::npos) {
    return absl::InvalidArgumentError("no program name in a stat line");
  }
  // From the third field (the state) on; utime and stime are the 14th and 15th.
  const std::vector<absl::string_view> fields =
      absl::StrSplit(stat.substr(name_end + 1), ' ', absl::SkipEmpty());
  uint64_t user = 0;
  uint64_t system = 0;
  if (fields.size() < 13 || !absl::SimpleAtoi(fields[11], &user) ||
      !absl::SimpleAtoi(fields[12], &system)) {
    return absl::InvalidArgumentError("no processor time in a stat line");
  }
  ProcessActivity activity;
  activity.stopped = fields[0] == "T" || fields[0] == "t";
  activity.runnable = fields[0] == "R";
  activity.ticks = user + system;
  return activity;
}

absl::StatusOr<ProcessActivity> ReadProcessActivity(pid_t pid) {
  ASSIGN_OR_RETURN(const std::string stat,
                   ReadFile(absl::StrCat("/proc/", pid, "/stat")));
  return ParseProcessActivity(stat);
}

}  // namespace microovn::agent
