// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/standard_input.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ctl/cli/arg_splitter.h"

namespace microovn::ctl {

absl::StatusOr<SecretString> ReadStandardInput(std::istream& in, size_t limit) {
  std::string text;
  char buffer[4096];
  while (in.read(buffer, sizeof(buffer)) || in.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(in.gcount()));
    if (text.size() > limit) {
      return UsageError(absl::StrCat("the standard input is longer than ",
                                     limit >> 10, " KiB"));
    }
  }
  return SecretString(std::move(text));
}

}  // namespace microovn::ctl
