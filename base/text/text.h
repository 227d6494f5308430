// SPDX-License-Identifier: Apache-2.0
// Bytes from elsewhere, made fit to be shown: what a person typed, what a
// daemon printed, what another machine sent. They are shown where they come
// in, so that nothing behind has to ask what is in a string. Pure.
#ifndef MICROOVN_BASE_TEXT_TEXT_H_
#define MICROOVN_BASE_TEXT_TEXT_H_

#include <stddef.h>

#include <string>

#include "absl/strings/string_view.h"

namespace microovn {

// Valid UTF-8 of at most `limit` bytes and of one line, whatever `text` is.
// Characters that can be seen stay. Control characters, those that turn the
// direction of writing, and bytes that are not UTF-8 become escapes (\n,
// \x1b, \u202e). What is too long is cut between two characters and ends in
// an ellipsis. Showing what was shown changes nothing.
std::string Shown(absl::string_view text,
                  size_t limit = absl::string_view::npos);

// In double quotes, with a backslash before each quote and backslash: a string
// to OVSDB's tools, whatever is in it.
std::string InQuotes(absl::string_view text);

}  // namespace microovn

#endif  // MICROOVN_BASE_TEXT_TEXT_H_
