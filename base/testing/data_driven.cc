// SPDX-License-Identifier: Apache-2.0
#include "base/testing/data_driven.h"

#include <algorithm>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

constexpr absl::string_view kSeparator = "----";

std::vector<std::string> LinesOf(absl::string_view text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

bool IsBetweenBlocks(absl::string_view line) {
  return line.empty() || absl::StartsWith(line, "#");
}

const char* RewriteTree() { return std::getenv("MICROOVN_REWRITE"); }

// Length of the longest common subsequence of the tails from [i] and [j].
std::vector<std::vector<size_t>> CommonTails(
    const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::vector<size_t>> length(a.size() + 1,
                                          std::vector<size_t>(b.size() + 1));
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      length[i][j] = a[i] == b[j]
                         ? length[i + 1][j + 1] + 1
                         : std::max(length[i + 1][j], length[i][j + 1]);
    }
  }
  return length;
}

void Rewrite(const std::string& path, absl::string_view text,
             const std::vector<std::string>& outputs) {
  const std::string rewritten = RewriteScript(text, outputs);
  if (rewritten == text) return;
  const absl::Status written = WriteFile(path, rewritten, 0644);
  ASSERT_TRUE(written.ok()) << written;
}

}  // namespace

absl::StatusOr<std::vector<ScriptBlock>> ParseScript(absl::string_view text) {
  const std::vector<std::string> lines = LinesOf(text);
  std::vector<ScriptBlock> blocks;
  for (size_t at = 0; at < lines.size();) {
    if (IsBetweenBlocks(lines[at])) {
      ++at;
      continue;
    }
    ScriptBlock block;
    block.line = at + 1;
    block.arguments = absl::StrSplit(lines[at++], ' ', absl::SkipWhitespace());
    block.command = block.arguments.front();
    block.arguments.erase(block.arguments.begin());
    for (; at < lines.size() && lines[at] != kSeparator; ++at) {
      if (lines[at].empty()) break;
      block.input.push_back(lines[at]);
    }
    if (at == lines.size() || lines[at] != kSeparator) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", block.line, ": no ", kSeparator, " behind the command"));
    }
    for (++at; at < lines.size() && !lines[at].empty(); ++at) {
      block.expected.push_back(lines[at]);
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

std::string RewriteScript(absl::string_view text,
                          const std::vector<std::string>& outputs) {
  std::vector<std::string> rewritten;
  size_t block = 0;
  bool in_output = false;
  for (const std::string& line : LinesOf(text)) {
    if (in_output && !line.empty()) continue;
    in_output = false;
    rewritten.push_back(line);
    if (line != kSeparator || block == outputs.size()) continue;
    for (std::string& output : LinesOf(outputs[block])) {
      rewritten.push_back(std::move(output));
    }
    ++block;
    in_output = true;
  }
  return absl::StrCat(absl::StrJoin(rewritten, "\n"), "\n");
}

std::string DiffOfLines(const std::vector<std::string>& expected,
                        const std::vector<std::string>& actual) {
  if (expected == actual) return "";
  const auto common = CommonTails(expected, actual);
  std::string diff;
  size_t i = 0;
  size_t j = 0;
  while (i < expected.size() || j < actual.size()) {
    const bool both = i < expected.size() && j < actual.size();
    if (both && expected[i] == actual[j]) {
      absl::StrAppend(&diff, "  ", expected[i], "\n");
      ++i;
      ++j;
    } else if (j == actual.size() ||
               (both && common[i + 1][j] >= common[i][j + 1])) {
      absl::StrAppend(&diff, "- ", expected[i++], "\n");
    } else {
      absl::StrAppend(&diff, "+ ", actual[j++], "\n");
    }
  }
  return diff;
}

std::string ScriptPath(const std::string& path) {
  const char* tree = RewriteTree();
  return tree == nullptr ? path : JoinPath(tree, path);
}

void RunScript(const std::string& path, const ScriptCallback& run) {
  const std::string file = ScriptPath(path);
  const auto text = ReadFile(file);
  ASSERT_TRUE(text.ok()) << text.status();
  const auto blocks = ParseScript(*text);
  ASSERT_TRUE(blocks.ok()) << path << ": " << blocks.status();
  std::vector<std::string> outputs;
  for (const ScriptBlock& block : *blocks) {
    outputs.push_back(run(block));
    const std::vector<std::string> actual = LinesOf(outputs.back());
    const int line = static_cast<int>(block.line);
    if (std::count(actual.begin(), actual.end(), "") > 0) {
      ADD_FAILURE_AT(path.c_str(), line) << "prints an empty line";
      return;
    }
    if (RewriteTree() != nullptr) continue;
    const std::string diff = DiffOfLines(block.expected, actual);
    if (!diff.empty()) {
      ADD_FAILURE_AT(path.c_str(), line)
          << block.command << " " << absl::StrJoin(block.arguments, " ") << "\n"
          << diff;
    }
  }
  if (RewriteTree() != nullptr) Rewrite(file, *text, outputs);
}

}  // namespace microovn
