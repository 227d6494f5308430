// SPDX-License-Identifier: Apache-2.0
// How much room a file system has.
#ifndef MICROOVN_BASE_FILE_FREE_SPACE_H_
#define MICROOVN_BASE_FILE_FREE_SPACE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace microovn {

// In bytes.
struct FreeSpace {
  uint64_t total = 0;
  // Without what is kept for root.
  uint64_t free = 0;
};

// Of the one that `path`, which exists, is on.
absl::StatusOr<FreeSpace> FreeSpaceAt(const std::string& path);

}  // namespace microovn

#endif  // MICROOVN_BASE_FILE_FREE_SPACE_H_
