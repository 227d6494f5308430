// SPDX-License-Identifier: Apache-2.0
#include "raft/node/flight/flight_file.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"

namespace microovn::raft {
namespace {

constexpr char kPrefix[] = "flight-";
constexpr size_t kKept = 4;

// Names sort as times do.
std::string NameAt(absl::Time now) {
  return absl::StrFormat("%s%011d", kPrefix, absl::ToUnixSeconds(now));
}

}  // namespace

absl::StatusOr<std::string> KeepFlight(const std::string& directory,
                                       absl::string_view flight,
                                       absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListDirectory(directory));
  std::vector<std::string> old;
  for (const std::string& name : names) {
    if (absl::StartsWith(name, kPrefix)) old.push_back(name);
  }
  // The oldest make room for the new one. A member that fails at each start
  // must not fill its disk.
  for (size_t i = 0; i + kKept <= old.size(); ++i) {
    RETURN_IF_ERROR(RemoveTree(JoinPath(directory, old[i])));
  }
  const std::string path = JoinPath(directory, NameAt(now));
  RETURN_IF_ERROR(WriteFile(path, flight, 0600));
  return path;
}

}  // namespace microovn::raft
