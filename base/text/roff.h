// SPDX-License-Identifier: Apache-2.0
// What manual pages are written in, as far as generated ones need it. Pure.
#ifndef MICROOVN_BASE_TEXT_ROFF_H_
#define MICROOVN_BASE_TEXT_ROFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace microovn {

// `text` with nothing in it that roff takes for its own: it is shown as it is.
std::string RoffText(absl::string_view text);

// The same, line by line and not filled.
std::string RoffVerbatim(absl::string_view text);

}  // namespace microovn

#endif  // MICROOVN_BASE_TEXT_ROFF_H_
