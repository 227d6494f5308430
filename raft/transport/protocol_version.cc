// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/protocol_version.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/error.h"

namespace microovn::raft {

std::string EncodeProtocols(const ProtocolRange& range) {
  return absl::StrCat(range.oldest, "-", range.newest);
}

std::optional<ProtocolRange> DecodeProtocols(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  ProtocolRange range;
  // The text is a stranger's: what is not a range is as good as none.
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &range.oldest) ||
      !absl::SimpleAtoi(parts[1], &range.newest) || range.oldest == 0 ||
      range.newest < range.oldest) {
    return std::nullopt;
  }
  return range;
}

absl::StatusOr<uint32_t> AgreeOnProtocol(const ProtocolRange& ours,
                                         absl::string_view theirs) {
  const std::optional<ProtocolRange> range = DecodeProtocols(theirs);
  if (range.has_value() && range->oldest <= ours.newest &&
      ours.oldest <= range->newest) {
    return std::min(ours.newest, range->newest);
  }
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("the caller speaks the protocols ",
                   theirs.empty() ? "of no known version" : theirs,
                   ", this member speaks ", EncodeProtocols(ours)),
      {kProtocolUnknownReason,
       "bring the agents of all members to versions that are next to each "
       "other",
       {}});
}

}  // namespace microovn::raft
