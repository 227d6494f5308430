// SPDX-License-Identifier: Apache-2.0
// microovn explain: what a reason means, offline.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "ctl/cli/suggest.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/outcome/reasons.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

absl::StatusOr<int> Explain(Session& session, const Invocation& invocation) {
  if (invocation.words.empty()) {
    for (const std::string& reason : AllReasons()) {
      PrintText(session, absl::StrCat(reason, "  ",
                                      FindReason(reason)->summary(), "\n"));
    }
    return kExitDone;
  }
  const std::string word = absl::AsciiStrToUpper(invocation.words[0]);
  const v1::ReasonDetail* detail = FindReason(word);
  if (detail == nullptr) {
    const std::string nearest = Nearest(word, AllReasons());
    return MakeError(
        absl::StatusCode::kNotFound,
        absl::StrCat(
            "there is no reason \"", Shown(invocation.words[0], 64), "\"",
            nearest.empty() ? ""
                            : absl::StrCat("; did you mean ", nearest, "?")),
        {"UNKNOWN_REASON", nearest.empty() ? "see: microovn explain" : "", {}});
  }
  PrintText(session, absl::StrCat(word, ": ", detail->summary(),
                                  "\n\nCause:  ", detail->cause(),
                                  "\nRemedy: ", detail->remedy(), "\n"));
  return kExitDone;
}

}  // namespace

Command ExplainCommand() {
  Command command;
  command.name = "explain";
  command.summary = "Explain the reason of an error";
  command.arguments = "[REASON]";
  command.max_words = 1;
  command.word_kind = WordKind::kReason;
  command.run = Explain;
  return command;
}

}  // namespace microovn::ctl
