// SPDX-License-Identifier: Apache-2.0
// Whether a database's file can still be written to, and what is owed to it
// when it could not: pure. Copyable value.
//
// A server of OVN that cannot write an entry of its log, because the disk is
// full, keeps it in its memory alone and goes on. When there is space again it
// writes the next entry behind the gap, says nothing, and never starts again on
// that file. A snapshot, which compaction writes, has all that is missing.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_STORAGE_WATCH_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_STORAGE_WATCH_H_

#include <algorithm>
#include <cstdint>

#include "base/file/free_space.h"

namespace microovn::agent {

class StorageWatch {
 public:
  // What there is now. Full is too little for a large transaction; that is over
  // when there is twice as much.
  void See(const FreeSpace& space) {
    const uint64_t least = std::min(kLeast, space.total / kFraction);
    full_ = space.free < (full_ ? 2 * least : least);
    owed_ = owed_ || full_;
  }

  bool full() const { return full_; }
  // An entry may be missing, and there is space to write it.
  bool due() const { return owed_ && !full_; }

  // The file has all that the server has.
  void Settle() { owed_ = false; }

 private:
  static constexpr uint64_t kLeast = uint64_t{16} << 20;
  static constexpr uint64_t kFraction = 16;

  bool full_ = false;
  bool owed_ = false;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_STORAGE_WATCH_H_
