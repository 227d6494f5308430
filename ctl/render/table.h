// SPDX-License-Identifier: Apache-2.0
// Rows as text: ruled and compact as LXD's tools draw them (scripts cut these
// columns), CSV, and columns for people. Pure.
#ifndef MICROOVN_CTL_RENDER_TABLE_H_
#define MICROOVN_CTL_RENDER_TABLE_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/text/display.h"

namespace microovn::ctl {

struct Table {
  std::vector<std::string> header;
  // Each as long as the header.
  std::vector<std::vector<std::string>> rows;
  // Columns that people can do without on a narrow terminal, the first of
  // these first.
  std::vector<size_t> dispensable = {};
};

// With rules between rows; headers centred.
std::string RuledTable(const Table& table);

// Without rules; headers centred, two spaces between columns.
std::string CompactTable(const Table& table);

// Whether its columns fit as they are.
bool Fits(const Table& table, size_t width);
// Without that column; what was dispensable is forgotten.
Table WithoutColumn(const Table& table, size_t column);

// RFC 4180 without a header, ended by newlines.
std::string CsvTable(const Table& table);

// Two spaces between columns, left-aligned, nothing after the last letter.
// What is wider than `width` goes without dispensable columns, then with its
// last column in several lines, then as a list with a line for each cell.
std::string ColumnTable(const Table& table, size_t width = kAnyWidth);

// "node2" before "node10".
bool NaturalLess(absl::string_view a, absl::string_view b);

// A copy of `items`, in the natural order of what `key` gives for each.
template <class Items, class Key>
auto NaturallySorted(const Items& items, const Key& key) {
  std::vector<typename Items::value_type> sorted(items.begin(), items.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&key](const auto& a, const auto& b) {
                     return NaturalLess(key(a), key(b));
                   });
  return sorted;
}

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_TABLE_H_
