// SPDX-License-Identifier: Apache-2.0
// The words behind a command: positions, key=value pairs and flags. What a
// verb does not ask for is an error, so that a misspelt word cannot pass.
// Thread-compatible.
#ifndef MICROOVN_RAFT_CORE_TESTING_SCRIPT_ARGUMENTS_H_
#define MICROOVN_RAFT_CORE_TESTING_SCRIPT_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class ScriptArguments {
 public:
  explicit ScriptArguments(std::vector<std::string> words);

  // The next word that is not a pair.
  std::optional<std::string> Next();
  // The words that are not pairs and were not taken yet.
  std::vector<std::string> Rest();
  uint64_t NextNumber(absl::string_view what);
  // Whether the word stands anywhere behind the command.
  bool Flag(absl::string_view word);

  bool Has(absl::string_view key) const;
  std::string Text(absl::string_view key, absl::string_view missing = "");
  uint64_t Number(absl::string_view key, uint64_t missing);
  // "1,2,3"
  std::vector<uint64_t> Numbers(absl::string_view key);
  // "300ms" or "300us"
  Micros Duration(absl::string_view key, Micros missing);
  // "4/2": index and term.
  LogPosition Position(absl::string_view key);

  uint64_t NumberOf(absl::string_view word);
  std::vector<uint64_t> NumbersOf(absl::string_view words);
  Micros DurationOf(absl::string_view word);

  void Complain(absl::string_view error);
  // What is wrong, or was not taken; empty: nothing.
  std::string Errors() const;

 private:
  struct Word {
    std::string key;  // empty: not a pair
    std::string value;
    bool taken = false;
  };

  Word* Find(absl::string_view key);

  std::vector<Word> words_;
  std::string errors_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_TESTING_SCRIPT_ARGUMENTS_H_
