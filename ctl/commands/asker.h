// SPDX-License-Identifier: Apache-2.0
// Asks questions on the terminal, with MicroOVN's rules: an empty answer takes
// the default, a bad one is asked again, the end of input is an error. Prompts
// go to stdout, complaints to stderr. Main thread.
#ifndef MICROOVN_CTL_COMMANDS_ASKER_H_
#define MICROOVN_CTL_COMMANDS_ASKER_H_

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace microovn::ctl {

class Asker {
 public:
  // OK, or why the answer is refused; its message is shown.
  using Check = std::function<absl::Status(const std::string& answer)>;

  // Borrows the streams.
  Asker(std::istream& in, std::ostream& out, std::ostream& err)
      : in_(in), out_(out), err_(err) {}

  // `question` without its "[default=...]: " tail. yes, y, no and n in any
  // case.
  absl::StatusOr<bool> YesNo(const std::string& question, bool fallback);

  // An empty answer is `fallback`; with an empty `fallback` there is no tail
  // and an empty answer goes to `check` like any other.
  absl::StatusOr<std::string> Text(const std::string& question,
                                   const std::string& fallback,
                                   const Check& check);

 private:
  // OUT_OF_RANGE at the end of input, INVALID_ARGUMENT for a line that no
  // person typed.
  absl::StatusOr<std::string> ReadLine();

  std::istream& in_;
  std::ostream& out_;
  std::ostream& err_;
};

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_ASKER_H_
