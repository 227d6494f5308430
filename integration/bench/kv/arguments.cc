// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/arguments.h"

#include <cstdlib>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace microovn::raft {
namespace {

[[noreturn]] void Refuse(absl::string_view what, const std::string& name) {
  std::cerr << what << ": " << name << "\n";
  std::exit(2);
}

}  // namespace

Arguments::Arguments(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view word = argv[i];
    if (!absl::ConsumePrefix(&word, "--")) Refuse("not an option", argv[i]);
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    values_[parts.first] = parts.second;
  }
}

std::string Arguments::Text(const std::string& name) const {
  const auto at = values_.find(name);
  if (at == values_.end()) Refuse("missing option", name);
  return at->second;
}

std::string Arguments::Text(const std::string& name,
                            const std::string& otherwise) const {
  return Has(name) ? Text(name) : otherwise;
}

int Arguments::Number(const std::string& name) const {
  int number = 0;
  if (!absl::SimpleAtoi(Text(name), &number)) Refuse("not a number", name);
  return number;
}

int Arguments::Number(const std::string& name, int otherwise) const {
  return Has(name) ? Number(name) : otherwise;
}

std::vector<std::string> Arguments::List(const std::string& name) const {
  return absl::StrSplit(Text(name), ',');
}

}  // namespace microovn::raft
