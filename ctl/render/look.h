// SPDX-License-Identifier: Apache-2.0
// What a screen may use of the terminal, and colours. Pure.
#ifndef MICROOVN_CTL_RENDER_LOOK_H_
#define MICROOVN_CTL_RENDER_LOOK_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "base/text/display.h"

namespace microovn::ctl {

struct Look {
  bool unicode = false;
  bool colour = false;
  // Columns, to which text is folded.
  size_t width = kAnyWidth;
};

inline constexpr char kRed[] = "31";
inline constexpr char kGreen[] = "32";
inline constexpr char kYellow[] = "33";

// What a colour says is said by words as well. Empty: none.
std::string Paint(absl::string_view text, absl::string_view colour,
                  const Look& look);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_LOOK_H_
