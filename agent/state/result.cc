#include "agent/state/result.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "base/error.h"

namespace microovn::agent {
namespace {

// A message may quote a cut of what somebody typed; a record takes UTF-8 only.
std::string Text(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isascii(static_cast<unsigned char>(c))) {
      return absl::CEscape(text);
    }
  }
  return std::string(text);
}

}  // namespace

statepb::Result ResultOf(const absl::Status& status) {
  statepb::Result result;
  if (status.ok()) return result;
  const ErrorDetail detail = DetailOf(status);
  result.set_code(static_cast<int>(status.code()));
  result.set_message(Text(status.message()));
  result.set_reason(detail.reason);
  result.set_remedy(Text(detail.remedy));
  return result;
}

absl::Status StatusOfResult(const statepb::Result& result) {
  if (result.code() == 0) return absl::OkStatus();
  return MakeError(static_cast<absl::StatusCode>(result.code()),
                   result.message(), {result.reason(), result.remedy(), {}});
}

}  // namespace microovn::agent
