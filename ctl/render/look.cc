// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/look.h"

#include "absl/strings/str_cat.h"

namespace microovn::ctl {

std::string Paint(absl::string_view text, absl::string_view colour,
                  const Look& look) {
  if (!look.colour || colour.empty()) return std::string(text);
  return absl::StrCat("\033[", colour, "m", text, "\033[0m");
}

}  // namespace microovn::ctl
