// SPDX-License-Identifier: Apache-2.0
#include "base/text/roff.h"

#include "absl/strings/str_cat.h"

namespace microovn {

// groff_char(7): a plain '-' is a hyphen, "\-" is what can be typed. groff(7):
// '.' and '\'' begin a request at the start of a line only.
std::string RoffText(absl::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out.append("\\&");
    begins = c == '\n';
    if (c == '\\') {
      out.append("\\e");
    } else if (c == '-') {
      out.append("\\-");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string RoffVerbatim(absl::string_view text) {
  return absl::StrCat(".nf\n", RoffText(text),
                      text.empty() || text.back() != '\n' ? "\n" : "", ".fi\n");
}

}  // namespace microovn
