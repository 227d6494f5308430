// SPDX-License-Identifier: Apache-2.0
#include "agent/health/space_finding.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "raft/storage/space/disk_space.h"

namespace microovn::agent {

std::optional<v1::Finding> SpaceFinding(const raft::SpaceReport& report) {
  if (report.level == raft::SpaceLevel::kOk) return std::nullopt;
  const bool read_only = report.level == raft::SpaceLevel::kReadOnly;
  const std::string left =
      absl::StrCat(report.space.free >> 20, " of ", report.space.total >> 20,
                   " MiB are free on the disk of the agent's log");
  v1::Finding finding;
  finding.set_reason("DISK_SPACE_LOW");
  finding.set_severity(read_only ? v1::SEVERITY_CRITICAL
                                 : v1::SEVERITY_WARNING);
  finding.set_message(
      read_only ? absl::StrCat(left, "; this member takes no changes") : left);
  finding.set_remedy("free space under the agent's root directory");
  return finding;
}

}  // namespace microovn::agent
