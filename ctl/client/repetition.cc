#include "ctl/client/repetition.h"

#include <string>

#include "base/error.h"
#include "ctl/outcome/exit_code.h"

namespace microovn::ctl {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(500);

}  // namespace

bool OutcomeIsUnknown(const absl::Status& status) {
  if (status.ok()) return false;
  const std::string reason = ReasonOf(status);
  return reason == "PROPOSAL_OUTCOME_UNKNOWN" || reason == "CALL_TIMED_OUT" ||
         reason == kReasonDaemonUnreachable;
}

absl::Status RepeatWhileUnknown(const RepetitionParts& parts,
                                const std::function<absl::Status()>& once) {
  const absl::Duration end = parts.clock->Monotonic() + kRepetitionPatience;
  absl::Status status = once();
  bool told = false;
  while (OutcomeIsUnknown(status) && !parts.interrupted()) {
    if (parts.clock->Monotonic() >= end) {
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
