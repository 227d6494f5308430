// SPDX-License-Identifier: Apache-2.0
// Tests that are text: a script of commands, each followed by what it must
// print.
//
//   # A comment.
//   command argument key=value
//   input lines, if the command takes any
//   ----
//   what the command prints
//
// A block ends at the first empty line behind its `----` or at the end of the
// file, so no command prints empty lines. What a script must print is read by
// people in a review; it is written by the test itself, with the environment
// variable MICROOVN_REWRITE naming the top of the source tree (the sandbox of
// a test run by Bazel cannot be written to):
//
//   MICROOVN_REWRITE=$PWD bazel-bin/raft/core/interaction_test
#ifndef MICROOVN_BASE_TESTING_DATA_DRIVEN_H_
#define MICROOVN_BASE_TESTING_DATA_DRIVEN_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn {

// One command of a script. Immutable value.
struct ScriptBlock {
  size_t line = 0;  // of the command, from 1 on
  std::string command;
  std::vector<std::string> arguments;
  std::vector<std::string> input;
  std::vector<std::string> expected;
};

using ScriptCallback = std::function<std::string(const ScriptBlock&)>;

// The blocks of `text`; refuses one without `----`.
absl::StatusOr<std::vector<ScriptBlock>> ParseScript(absl::string_view text);

// `text` with the expected lines of block i replaced by `outputs[i]`. Comments
// and empty lines between blocks stay as they are.
std::string RewriteScript(absl::string_view text,
                          const std::vector<std::string>& outputs);

// Empty if equal. Otherwise every line of both, those of `expected` alone
// marked with '-', those of `actual` alone with '+'.
std::string DiffOfLines(const std::vector<std::string>& expected,
                        const std::vector<std::string>& actual);

// Where `path`, relative to the top of the source tree, is to be read from:
// the tree that MICROOVN_REWRITE names, or the runfiles.
std::string ScriptPath(const std::string& path);

// Runs every block of the script at `path` (relative to the top of the source
// tree) in order and reports each difference as a failure at its file and
// line; or rewrites the script.
void RunScript(const std::string& path, const ScriptCallback& run);

}  // namespace microovn

#endif  // MICROOVN_BASE_TESTING_DATA_DRIVEN_H_
