// SPDX-License-Identifier: Apache-2.0
#include "ctl/client/repetition.h"

#include <string>

#include "base/status/error.h"
#include "ctl/outcome/exit_code.h"

namespace microovn::ctl {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(500);

bool HasNoQuorum(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "NO_LEADER" || reason == "NO_QUORUM";
}

}  // namespace

bool OutcomeIsUnknown(const absl::Status& status) {
  if (status.ok()) return false;
  const std::string reason = ReasonOf(status);
  return reason == "PROPOSAL_OUTCOME_UNKNOWN" || reason == "CALL_TIMED_OUT" ||
         reason == kReasonDaemonUnreachable;
}

absl::Status RepeatWhileUnknown(const RepetitionParts& parts,
                                const std::function<absl::Status()>& once) {
  const absl::Duration begin = parts.clock->Monotonic();
  absl::Status status = once();
  if (!OutcomeIsUnknown(status)) return status;
  bool told = false;
  // Who cannot tell now says nothing of the first try.
  while ((OutcomeIsUnknown(status) || absl::IsUnavailable(status)) &&
         !parts.interrupted()) {
    const absl::Duration patience =
        HasNoQuorum(status) ? kQuorumPatience : kRepetitionPatience;
    if (parts.clock->Monotonic() - begin >= patience) {
      return Annotate(status, "it is not known whether the change was made");
    }
    if (!told && parts.repeating) parts.repeating(status);
    told = true;
    parts.sleep(kPause);
    status = once();
  }
  return status;
}

}  // namespace microovn::ctl
