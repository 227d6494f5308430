// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/asker.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/render/words.h"

namespace microovn::ctl {

absl::StatusOr<std::string> Asker::ReadLine() {
  // A token is the longest thing that is asked for.
  constexpr size_t kLongest = 32 << 10;
  std::string line;
  char c = 0;
  while (in_.get(c) && c != '\n') {
    if (line.size() == kLongest) {
      return MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("the answer is longer than ", kLongest, " bytes"),
          {"USAGE", "", {}});
    }
    line += c;
  }
  if (!in_ && line.empty()) {
    out_ << "\n" << std::flush;
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        "the input ended before all questions were answered",
        {"INPUT_ENDED", "answer on a terminal, or use --preseed FILE", {}});
  }
  return std::string(absl::StripAsciiWhitespace(line));
}

absl::StatusOr<bool> Asker::YesNo(const std::string& question, bool fallback) {
  while (true) {
    out_ << question << " (yes/no) [default=" << (fallback ? "yes" : "no")
         << "]: " << std::flush;
    ASSIGN_OR_RETURN(const std::string line, ReadLine());
    const std::string answer = absl::AsciiStrToLower(line);
    if (answer.empty()) return fallback;
    if (answer == "yes" || answer == "y") return true;
    if (answer == "no" || answer == "n") return false;
    err_ << "Invalid input, try again.\n\n" << std::flush;
  }
}

absl::StatusOr<std::string> Asker::Text(const std::string& question,
                                        const std::string& fallback,
                                        const Check& check) {
  while (true) {
    out_ << question;
    if (!fallback.empty()) out_ << " [default=" << fallback << "]";
    out_ << ": " << std::flush;
    ASSIGN_OR_RETURN(std::string answer, ReadLine());
    if (answer.empty()) answer = fallback;
    const absl::Status verdict = check(answer);
    if (verdict.ok()) return answer;
    err_ << "Invalid input: " << Printable(verdict.message()) << "\n\n"
         << std::flush;
  }
}

}  // namespace microovn::ctl
