// SPDX-License-Identifier: Apache-2.0
// Tells of changes in directories, by inotify: of files that appear, vanish,
// are replaced, written or given other rights, and of the directories
// themselves. What is below a directory in it is not watched.
#ifndef MICROOVN_AGENT_WATCH_FILE_SOURCE_H_
#define MICROOVN_AGENT_WATCH_FILE_SOURCE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/watch/watch_source.h"
#include "base/file/unique_fd.h"

namespace microovn::agent {

class FileSource final : public WatchSource {
 public:
  // Which directories, asked at each Open and after each change, because what
  // a name leads to may have become another directory; all must be there.
  using Directories = std::function<std::vector<std::string>()>;

  explicit FileSource(Directories directories)
      : directories_(std::move(directories)) {}

  absl::Status Open() override;
  void Close() override { fd_ = UniqueFd(); }
  int fd() const override { return fd_.get(); }
  // Fails when a directory is gone, or events were lost.
  absl::StatusOr<bool> Read() override;

 private:
  absl::Status Add();

  const Directories directories_;
  UniqueFd fd_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_FILE_SOURCE_H_
