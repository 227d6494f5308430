// SPDX-License-Identifier: Apache-2.0
// Owns a file descriptor. Movable, thread-compatible.
#ifndef MICROOVN_BASE_FILE_UNIQUE_FD_H_
#define MICROOVN_BASE_FILE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace microovn {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  ~UniqueFd() { Reset(); }
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }

  // close(2) frees the descriptor whatever it returns; who needs the data on
  // disk calls fsync before.
  void Reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

}  // namespace microovn

#endif  // MICROOVN_BASE_FILE_UNIQUE_FD_H_
