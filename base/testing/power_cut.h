// SPDX-License-Identifier: Apache-2.0
// A directory whose power is cut: after each step that base/file/file.h took in
// it, what a restart may find there.
//
//   PowerCut cut(dir);
//   ... publishes below dir with base/file/file.h ...
//   cut.Sweep([](const std::string& found, const std::string& when) { ... });
//
// A file's content is durable when it was synced, a name when a directory that
// its step touched was; a rename is in both of its directories or in neither.
// What is not durable may be there nevertheless. The removal of a tree is one
// step. Not thread-safe; one at a time.
#ifndef MICROOVN_BASE_TESTING_POWER_CUT_H_
#define MICROOVN_BASE_TESTING_POWER_CUT_H_

#include <functional>
#include <string>
#include <vector>

#include "base/file/file_steps.h"

namespace microovn {

class PowerCut {
 public:
  // All that is below `root` now is durable; no symbolic link leads to where
  // something is written.
  explicit PowerCut(std::string root);
  ~PowerCut();
  PowerCut(const PowerCut&) = delete;
  PowerCut& operator=(const PowerCut&) = delete;

  // Ends the listening, and calls `check` with a directory for each cut: before
  // the first step, after each, and at the end, with nothing that is not
  // durable, with names whose files are empty, and with everything.
  using Check =
      std::function<void(const std::string& found, const std::string& when)>;
  void Sweep(const Check& check);

  // Restarts after which Sweep has looked.
  size_t covered() const { return covered_; }

 private:
  const std::string root_;
  const std::string before_;
  std::vector<FileStep> steps_;
  size_t covered_ = 0;
};

}  // namespace microovn

#endif  // MICROOVN_BASE_TESTING_POWER_CUT_H_
