// Rows as text: ruled and compact as LXD's tools draw them (scripts cut these
// columns), CSV, and columns for people. Pure.
#ifndef MICROOVN_CTL_RENDER_TABLE_H_
#define MICROOVN_CTL_RENDER_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace microovn::ctl {

struct Table {
  std::vector<std::string> header;
  // Each as long as the header.
  std::vector<std::vector<std::string>> rows;
};

// With rules between rows; headers centred.
std::string RuledTable(const Table& table);

// Without rules; headers centred, two spaces between columns.
std::string CompactTable(const Table& table);

// RFC 4180 without a header, ended by newlines.
std::string CsvTable(const Table& table);

// Two spaces between columns, left-aligned, nothing after the last letter.
std::string ColumnTable(const Table& table);

// Columns that a text takes: its UTF-8 characters.
size_t DisplayWidth(absl::string_view text);

// "node2" before "node10".
bool NaturalLess(absl::string_view a, absl::string_view b);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_TABLE_H_
