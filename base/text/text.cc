// SPDX-License-Identifier: Apache-2.0
#include "base/text/text.h"

#include <stdint.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace microovn {
namespace {

constexpr absl::string_view kEllipsis = "\xe2\x80\xa6";

struct Character {
  size_t size = 1;
  uint32_t code = 0;
  bool valid = false;
};

uint8_t Byte(absl::string_view text, size_t at) {
  return static_cast<uint8_t>(text[at]);
}

size_t SizeByFirst(uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// The character at the start of `text`, which is not empty. Overlong forms,
// surrogates and what lies beyond U+10FFFF are not characters.
Character FirstOf(absl::string_view text) {
  const size_t size = SizeByFirst(Byte(text, 0));
  if (size == 0 || size > text.size()) return {};
  if (size == 1) return {1, Byte(text, 0), true};
  uint32_t code = Byte(text, 0) & (0xFFU >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((Byte(text, i) & 0xC0) != 0x80) return {};
    code = code << 6 | (Byte(text, i) & 0x3F);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[size] || code > 0x10FFFF ||
      (code >= 0xD800 && code <= 0xDFFF)) {
    return {};
  }
  return {size, code, true};
}

// C0, DEL, C1; marks and overrides of direction, line and paragraph
// separators, the byte order mark.
bool IsUnseen(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x61C ||
         code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

std::string Escaped(uint32_t code) {
  switch (code) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return code < 0x80 ? absl::StrFormat("\\x%02x", code)
                         : absl::StrFormat("\\u%04x", code);
  }
}

}  // namespace

std::string Shown(absl::string_view text, size_t limit) {
  std::string shown;
  shown.reserve(std::min(text.size(), limit));
  // Where the text ends if an ellipsis has to follow.
  size_t cut = 0;
  while (!text.empty()) {
    const Character first = FirstOf(text);
    std::string piece;
    if (!first.valid) {
      piece = absl::StrFormat("\\x%02x", Byte(text, 0));
    } else if (IsUnseen(first.code)) {
      piece = Escaped(first.code);
    } else {
      piece = std::string(text.substr(0, first.size));
    }
    if (piece.size() > limit - shown.size()) {
      if (limit < kEllipsis.size()) return shown;
      shown.resize(cut);
      shown.append(kEllipsis.data(), kEllipsis.size());
      return shown;
    }
    shown += piece;
    if (limit >= kEllipsis.size() && shown.size() <= limit - kEllipsis.size()) {
      cut = shown.size();
    }
    text.remove_prefix(first.size);
  }
  return shown;
}

std::string InQuotes(absl::string_view text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace microovn
