// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process/process_table.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

// glibc 2.36 forgot that C++ programs include it.
extern "C" {
#include <sys/pidfd.h>
}

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "base/file/unique_fd.h"

namespace microovn::supervisor {

absl::StatusOr<uint64_t> ParseStartTicks(absl::string_view stat) {
  // The second field is the program's name, which may hold anything.
  const size_t name_end = stat.rfind(')');
  if (name_end == absl::string_view::npos) {
    return absl::InvalidArgumentError("no program name in a stat line");
  }
  // From the third field (the state) on; the start time is the 22nd.
  const std::vector<absl::string_view> fields =
      absl::StrSplit(stat.substr(name_end + 1), ' ', absl::SkipEmpty());
  uint64_t ticks = 0;
  if (fields.size() < 20 || !absl::SimpleAtoi(fields[19], &ticks)) {
    return absl::InvalidArgumentError("no start time in a stat line");
  }
  if (fields[0] == "Z" || fields[0] == "X") {
    return absl::NotFoundError("the process has ended");
  }
  return ticks;
}

absl::StatusOr<uint64_t> ProcessStartTicks(pid_t pid) {
  const absl::StatusOr<std::string> stat =
      ReadFile(absl::StrCat("/proc/", pid, "/stat"));
  if (!stat.ok()) {
    return absl::NotFoundError(absl::StrCat("there is no process ", pid));
  }
  return ParseStartTicks(*stat);
}

absl::StatusOr<UniqueFd> OpenPidfd(pid_t pid) {
  UniqueFd fd(pidfd_open(pid, 0));
  if (fd.valid()) return fd;
  return ErrnoStatus(errno, "pidfd_open", absl::StrCat(pid));
}

bool SignalPidfd(int pidfd, int number) {
  return pidfd_send_signal(pidfd, number, nullptr, 0) == 0;
}

pid_t PidFileOwner(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return 0;
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  // l_pid is 0 for a process outside of our pid namespace and -1 for an open
  // file description lock, which OVS's daemons do not take.
  if (fcntl(fd.get(), F_GETLK, &lock) != 0) return 0;
  return lock.l_type == F_UNLCK || lock.l_pid < 0 ? 0 : lock.l_pid;
}

std::string BootId() {
  const absl::StatusOr<std::string> id =
      ReadFile("/proc/sys/kernel/random/boot_id");
  return id.ok() ? std::string(absl::StripAsciiWhitespace(*id)) : "";
}

}  // namespace microovn::supervisor
