// SPDX-License-Identifier: Apache-2.0
// What base/file/file.h does to the file system, step by step, for a test that
// cuts the power between two of them (base/testing/power_cut.h). In production
// nobody listens.
#ifndef MICROOVN_BASE_FILE_FILE_STEPS_H_
#define MICROOVN_BASE_FILE_FILE_STEPS_H_

#include <sys/types.h>

#include <functional>
#include <string>

namespace microovn {

struct FileStep {
  enum class Kind {
    kWrite,  // a new file with this content and mode
    kSyncFile,
    kMakeDirectory,
    kLink,    // a new symbolic link to `to`
    kRename,  // to `to`, in place of what is there
    kRemove,  // with all that is below
    kSyncDirectory,
  };

  Kind kind;
  std::string path;
  std::string to = "";
  std::string content = "";
  mode_t mode = 0;
};

using FileStepListener = std::function<void(const FileStep&)>;

// For tests: told of each step of this process when it has succeeded; null:
// nobody. Not thread-safe: set while nothing is written.
void ListenToFileSteps(FileStepListener listener);

}  // namespace microovn

#endif  // MICROOVN_BASE_FILE_FILE_STEPS_H_
