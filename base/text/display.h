// SPDX-License-Identifier: Apache-2.0
// Text in the columns of a terminal. Pure.
#ifndef MICROOVN_BASE_TEXT_DISPLAY_H_
#define MICROOVN_BASE_TEXT_DISPLAY_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace microovn {

// Of what is not shown on a terminal.
inline constexpr size_t kAnyWidth = static_cast<size_t>(-1);

// Columns that a text takes: its UTF-8 characters. Colours (ESC [ ... m) take
// none.
size_t DisplayWidth(absl::string_view text);

// The words of `text` in lines of at most `width` columns. All but the first
// are indented by `indent` spaces; the first stands behind as many columns,
// which the caller prints. A longer word has a line of its own.
std::string FoldWords(absl::string_view text, size_t indent, size_t width);

// Each line of `text` that is wider than `width` is folded; what follows its
// first line is indented by `hang` columns more than that is. Lines that fit
// stay as they are.
std::string FoldLines(absl::string_view text, size_t hang, size_t width);

}  // namespace microovn

#endif  // MICROOVN_BASE_TEXT_DISPLAY_H_
