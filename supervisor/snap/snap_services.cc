// SPDX-License-Identifier: Apache-2.0
#include "supervisor/snap/snap_services.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/text/text.h"

namespace microovn::supervisor {
namespace {

constexpr size_t kLongestShown = 120;

// The columns are Service, Startup, Current and Notes; later snapd may add
// some after them.
constexpr size_t kFewestColumns = 3;

absl::Status Unexpected(absl::string_view line) {
  return absl::InvalidArgumentError(absl::StrCat(
      "snapctl services printed \"", Shown(line, kLongestShown), "\""));
}

absl::StatusOr<bool> OneOf(absl::string_view word, absl::string_view yes,
                           absl::string_view no, absl::string_view line) {
  if (word == yes) return true;
  if (word == no) return false;
  return Unexpected(line);
}

}  // namespace

absl::StatusOr<std::map<std::string, SnapService>> ParseSnapServices(
    absl::string_view text) {
  std::map<std::string, SnapService> services;
  bool header = true;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> columns =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (columns.size() < kFewestColumns) return Unexpected(line);
    if (header) {
      if (columns[0] != "Service" || columns[1] != "Startup" ||
          columns[2] != "Current") {
        return Unexpected(line);
      }
      header = false;
      continue;
    }
    const absl::StatusOr<bool> enabled =
        OneOf(columns[1], "enabled", "disabled", line);
    if (!enabled.ok()) return enabled.status();
    const absl::StatusOr<bool> active =
        OneOf(columns[2], "active", "inactive", line);
    if (!active.ok()) return active.status();
    services[std::string(columns[0])] = {*enabled, *active};
  }
  if (header) return Unexpected("");
  return services;
}

}  // namespace microovn::supervisor
