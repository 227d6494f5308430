// SPDX-License-Identifier: Apache-2.0
// A directory that is removed with its content when the test ends.
#ifndef MICROOVN_BASE_TESTING_TEMP_DIR_H_
#define MICROOVN_BASE_TESTING_TEMP_DIR_H_

#include <stdlib.h>

#include <string>

#include "base/file/file.h"
#include "glog/logging.h"

namespace microovn {

class TempDir {
 public:
  TempDir() {
    // Short: a unix socket's path has 107 bytes at most.
    std::string pattern = "/tmp/microovn-XXXXXX";
    PCHECK(mkdtemp(&pattern[0]) != nullptr);
    path_ = pattern;
  }
  ~TempDir() {
    const absl::Status status = RemoveTree(path_);
    LOG_IF(ERROR, !status.ok()) << status;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const {
    return JoinPath(path_, name);
  }

 private:
  std::string path_;
};

}  // namespace microovn

#endif  // MICROOVN_BASE_TESTING_TEMP_DIR_H_
