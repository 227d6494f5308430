// SPDX-License-Identifier: Apache-2.0
#include "base/text/display.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace microovn {
namespace {

// Narrower than this nothing can be read.
constexpr size_t kNarrowest = 20;

// How many bytes of `text` are a colour.
size_t ColourLength(absl::string_view text) {
  if (text.size() < 2 || text[0] != '\033' || text[1] != '[') return 0;
  const size_t end = text.find('m');
  return end == absl::string_view::npos ? 0 : end + 1;
}

// The first line stands at column `begin`, the others at `indent`. Words have
// between them what `gap` says of the spaces that are there.
std::string Fold(absl::string_view text, size_t begin, size_t indent,
                 size_t width, size_t (*gap)(size_t spaces)) {
  width = std::max(width, indent + kNarrowest);
  std::string folded;
  size_t column = begin;
  while (!text.empty()) {
    const size_t spaces = std::min(text.find_first_not_of(" \n"), text.size());
    text.remove_prefix(spaces);
    const absl::string_view word =
        text.substr(0, std::min(text.find_first_of(" \n"), text.size()));
    text.remove_prefix(word.size());
    if (word.empty()) break;
    const size_t columns = DisplayWidth(word);
    const size_t between = folded.empty() ? 0 : gap(spaces);
    if (!folded.empty() && column + between + columns > width) {
      absl::StrAppend(&folded, "\n", std::string(indent, ' '), word);
      column = indent + columns;
    } else {
      absl::StrAppend(&folded, std::string(between, ' '), word);
      column += between + columns;
    }
  }
  return folded;
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const size_t colour = ColourLength(text);
    // Bytes that continue a character take no column.
    if (colour == 0 && (static_cast<unsigned char>(text[0]) & 0xC0) != 0x80) {
      ++width;
    }
    text.remove_prefix(colour == 0 ? 1 : colour);
  }
  return width;
}

std::string FoldWords(absl::string_view text, size_t indent, size_t width) {
  return Fold(text, indent, indent, width, [](size_t) { return size_t{1}; });
}

std::string FoldLines(absl::string_view text, size_t hang, size_t width) {
  const bool ended = absl::ConsumeSuffix(&text, "\n");
  if (width == kAnyWidth || text.empty()) {
    return absl::StrCat(text, ended ? "\n" : "");
  }
  const auto spaces = [](size_t count) { return count; };
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const size_t begin = std::min(line.find_first_not_of(' '), line.size());
    lines.push_back(DisplayWidth(line) <= width
                        ? std::string(line)
                        : absl::StrCat(line.substr(0, begin),
                                       Fold(line.substr(begin), begin,
                                            begin + hang, width, spaces)));
  }
  return absl::StrCat(absl::StrJoin(lines, "\n"), ended ? "\n" : "");
}

}  // namespace microovn
