// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace microovn::ctl {
namespace {

std::vector<size_t> Widths(const Table& table) {
  std::vector<size_t> widths;
  for (const std::string& cell : table.header) {
    widths.push_back(DisplayWidth(cell));
  }
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  return widths;
}

std::string Left(const std::string& text, size_t width) {
  return absl::StrCat(text, std::string(width - DisplayWidth(text), ' '));
}

std::string Centred(const std::string& text, size_t width) {
  const size_t gap = width - DisplayWidth(text);
  return absl::StrCat(std::string(gap / 2, ' '), text,
                      std::string(gap - gap / 2, ' '));
}

using Align = std::string (*)(const std::string&, size_t);

std::string Line(const std::vector<std::string>& cells,
                 const std::vector<size_t>& widths, Align align,
                 absl::string_view edge, absl::string_view between) {
  std::vector<std::string> padded;
  for (size_t i = 0; i < cells.size(); ++i) {
    padded.push_back(absl::StrCat(" ", align(cells[i], widths[i]), " "));
  }
  return absl::StrCat(edge, absl::StrJoin(padded, between), edge, "\n");
}

// Of a line of columns with two spaces between them.
size_t LineWidth(const std::vector<size_t>& widths) {
  size_t sum = 0;
  for (size_t width : widths) sum += width + 2;
  return sum == 0 ? 0 : sum - 2;
}

// Those columns that are kept.
Table Shortened(const Table& table, const std::vector<bool>& kept) {
  const auto shorten = [&kept](const std::vector<std::string>& cells) {
    std::vector<std::string> shorter;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (kept[i]) shorter.push_back(cells[i]);
    }
    return shorter;
  };
  Table shorter{shorten(table.header), {}};
  for (const auto& row : table.rows) shorter.rows.push_back(shorten(row));
  return shorter;
}

Table WithoutDispensable(const Table& table, size_t width) {
  std::vector<size_t> widths = Widths(table);
  std::vector<bool> kept(widths.size(), true);
  size_t line = LineWidth(widths);
  for (size_t column : table.dispensable) {
    if (line <= width) break;
    kept[column] = false;
    line -= widths[column] + 2;
  }
  return Shortened(table, kept);
}

// The last column in as many lines as it needs.
std::string Columns(const Table& table, const std::vector<size_t>& widths,
                    size_t width) {
  const size_t before = LineWidth(widths) - widths.back();
  std::string text;
  const auto add = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i + 1 < cells.size(); ++i) {
      absl::StrAppend(&line, Left(cells[i], widths[i]), "  ");
    }
    absl::StrAppend(&line, before + DisplayWidth(cells.back()) <= width
                               ? cells.back()
                               : FoldWords(cells.back(), before, width));
    absl::StripTrailingAsciiWhitespace(&line);
    absl::StrAppend(&text, line, "\n");
  };
  add(table.header);
  for (const auto& row : table.rows) add(row);
  return text;
}

// The first cell on a line of its own, each other one with its title.
std::string List(const Table& table, size_t width) {
  size_t widest = 0;
  for (const std::string& title : table.header) {
    widest = std::max(widest, DisplayWidth(title));
  }
  std::string text;
  for (const auto& row : table.rows) {
    absl::StrAppend(&text, row[0], "\n");
    for (size_t i = 1; i < row.size(); ++i) {
      if (row[i].empty()) continue;
      absl::StrAppend(&text, "  ", Left(table.header[i], widest), "  ",
                      FoldWords(row[i], widest + 4, width), "\n");
    }
  }
  return text;
}

std::string Digits(absl::string_view* text) {
  size_t length = 0;
  while (length < text->size() && absl::ascii_isdigit((*text)[length])) {
    ++length;
  }
  std::string digits(text->substr(0, length));
  text->remove_prefix(length);
  const size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

}  // namespace

std::string RuledTable(const Table& table) {
  const std::vector<size_t> widths = Widths(table);
  std::string rule = "+";
  for (size_t width : widths) {
    absl::StrAppend(&rule, std::string(width + 2, '-'), "+");
  }
  absl::StrAppend(&rule, "\n");
  std::string text =
      absl::StrCat(rule, Line(table.header, widths, Centred, "|", "|"), rule);
  for (const auto& row : table.rows) {
    absl::StrAppend(&text, Line(row, widths, Left, "|", "|"), rule);
  }
  return text;
}

std::string CompactTable(const Table& table) {
  const std::vector<size_t> widths = Widths(table);
  std::string text = Line(table.header, widths, Centred, " ", "");
  for (const auto& row : table.rows) {
    absl::StrAppend(&text, Line(row, widths, Left, " ", ""));
  }
  return text;
}

bool Fits(const Table& table, size_t width) {
  return LineWidth(Widths(table)) <= width;
}

Table WithoutColumn(const Table& table, size_t column) {
  std::vector<bool> kept(table.header.size(), true);
  kept[column] = false;
  return Shortened(table, kept);
}

std::string CsvTable(const Table& table) {
  std::string text;
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const std::string& cell : row) {
      const bool plain = cell.find_first_of(",\"\r\n") == std::string::npos;
      cells.push_back(
          plain ? cell
                : absl::StrCat(
                      "\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\""));
    }
    absl::StrAppend(&text, absl::StrJoin(cells, ","), "\n");
  }
  return text;
}

std::string ColumnTable(const Table& table, size_t width) {
  const Table fitted = WithoutDispensable(table, width);
  std::vector<size_t> widths = Widths(fitted);
  if (LineWidth(widths) <= width) return Columns(fitted, widths, width);
  // Narrower than this a sentence cannot be read.
  constexpr size_t kNarrowest = 24;
  const size_t before = LineWidth(widths) - widths.back();
  if (before + kNarrowest <= width) return Columns(fitted, widths, width);
  return List(table, width);
}

bool NaturalLess(absl::string_view a, absl::string_view b) {
  const absl::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (absl::ascii_isdigit(a[0]) && absl::ascii_isdigit(b[0])) {
      const std::string left = Digits(&a), right = Digits(&b);
      if (left.size() != right.size()) return left.size() < right.size();
      if (left != right) return left < right;
      continue;
    }
    if (a[0] != b[0]) return a[0] < b[0];
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty();
  // "node01" and "node1" are the same number; any fixed order will do.
  return whole_a < whole_b;
}

}  // namespace microovn::ctl
