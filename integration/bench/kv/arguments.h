// SPDX-License-Identifier: Apache-2.0
// Command lines of these programs: words of the form --name=value.
#ifndef MICROOVN_INTEGRATION_BENCH_KV_ARGUMENTS_H_
#define MICROOVN_INTEGRATION_BENCH_KV_ARGUMENTS_H_

#include <map>
#include <string>
#include <vector>

namespace microovn::raft {

// Immutable. Asking for what is missing or no number ends the process with a
// message: these are programs for scripts.
class Arguments {
 public:
  Arguments(int argc, char** argv);

  bool Has(const std::string& name) const { return values_.count(name) > 0; }
  std::string Text(const std::string& name) const;
  std::string Text(const std::string& name, const std::string& otherwise) const;
  int Number(const std::string& name) const;
  int Number(const std::string& name, int otherwise) const;
  // Separated by commas.
  std::vector<std::string> List(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_INTEGRATION_BENCH_KV_ARGUMENTS_H_
