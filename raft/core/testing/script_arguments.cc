// SPDX-License-Identifier: Apache-2.0
#include "raft/core/testing/script_arguments.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace microovn::raft {

ScriptArguments::ScriptArguments(std::vector<std::string> words) {
  for (std::string& text : words) {
    const size_t equals = text.find('=');
    Word word;
    if (equals == std::string::npos) {
      word.value = std::move(text);
    } else {
      word.key = text.substr(0, equals);
      word.value = text.substr(equals + 1);
    }
    words_.push_back(std::move(word));
  }
}

std::optional<std::string> ScriptArguments::Next() {
  for (Word& word : words_) {
    if (word.taken || !word.key.empty()) continue;
    word.taken = true;
    return word.value;
  }
  return std::nullopt;
}

std::vector<std::string> ScriptArguments::Rest() {
  std::vector<std::string> rest;
  for (auto next = Next(); next.has_value(); next = Next()) {
    rest.push_back(*std::move(next));
  }
  return rest;
}

uint64_t ScriptArguments::NextNumber(absl::string_view what) {
  const auto next = Next();
  if (next.has_value()) return NumberOf(*next);
  Complain(absl::StrCat("which ", what, "?"));
  return 0;
}

bool ScriptArguments::Flag(absl::string_view flag) {
  for (Word& word : words_) {
    if (!word.key.empty() || word.value != flag) continue;
    word.taken = true;
    return true;
  }
  return false;
}

bool ScriptArguments::Has(absl::string_view key) const {
  for (const Word& word : words_) {
    if (word.key == key) return true;
  }
  return false;
}

std::string ScriptArguments::Text(absl::string_view key,
                                  absl::string_view missing) {
  Word* word = Find(key);
  return word == nullptr ? std::string(missing) : word->value;
}

uint64_t ScriptArguments::Number(absl::string_view key, uint64_t missing) {
  Word* word = Find(key);
  return word == nullptr ? missing : NumberOf(word->value);
}

std::vector<uint64_t> ScriptArguments::Numbers(absl::string_view key) {
  Word* word = Find(key);
  return word == nullptr ? std::vector<uint64_t>() : NumbersOf(word->value);
}

Micros ScriptArguments::Duration(absl::string_view key, Micros missing) {
  Word* word = Find(key);
  return word == nullptr ? missing : DurationOf(word->value);
}

LogPosition ScriptArguments::Position(absl::string_view key) {
  const std::vector<std::string> parts = absl::StrSplit(Text(key, "0/0"), '/');
  if (parts.size() != 2) {
    Complain(absl::StrCat(key, " is not index/term"));
    return {};
  }
  return {LogIndex(NumberOf(parts[0])), Term(NumberOf(parts[1]))};
}

uint64_t ScriptArguments::NumberOf(absl::string_view word) {
  uint64_t number = 0;
  if (!absl::SimpleAtoi(word, &number)) {
    Complain(absl::StrCat("'", word, "' is not a number"));
  }
  return number;
}

std::vector<uint64_t> ScriptArguments::NumbersOf(absl::string_view words) {
  std::vector<uint64_t> numbers;
  for (const absl::string_view word :
       absl::StrSplit(words, ',', absl::SkipEmpty())) {
    numbers.push_back(NumberOf(word));
  }
  return numbers;
}

Micros ScriptArguments::DurationOf(absl::string_view word) {
  if (absl::ConsumeSuffix(&word, "us")) return NumberOf(word);
  if (absl::ConsumeSuffix(&word, "ms")) return NumberOf(word) * 1000;
  Complain(absl::StrCat("'", word, "' is neither us nor ms"));
  return 0;
}

void ScriptArguments::Complain(absl::string_view error) {
  absl::StrAppend(&errors_, errors_.empty() ? "" : "; ", error);
}

std::string ScriptArguments::Errors() const {
  std::string errors = errors_;
  for (const Word& word : words_) {
    if (word.taken) continue;
    absl::StrAppend(&errors, errors.empty() ? "" : "; ", "nothing takes '",
                    word.key, word.key.empty() ? "" : "=", word.value, "'");
  }
  return errors;
}

ScriptArguments::Word* ScriptArguments::Find(absl::string_view key) {
  for (Word& word : words_) {
    if (word.key != key) continue;
    word.taken = true;
    return &word;
  }
  return nullptr;
}

}  // namespace microovn::raft
