#include "agent/state/result.h"

#include <string>

#include "base/error.h"

namespace microovn::agent {

statepb::Result ResultOf(const absl::Status& status) {
  statepb::Result result;
  if (status.ok()) return result;
  const ErrorDetail detail = DetailOf(status);
  result.set_code(static_cast<int>(status.code()));
  result.set_message(std::string(status.message()));
  result.set_reason(detail.reason);
  result.set_remedy(detail.remedy);
  return result;
}

absl::Status StatusOfResult(const statepb::Result& result) {
  if (result.code() == 0) return absl::OkStatus();
  return MakeError(static_cast<absl::StatusCode>(result.code()),
                   result.message(), {result.reason(), result.remedy(), {}});
}

}  // namespace microovn::agent
