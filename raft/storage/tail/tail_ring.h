// SPDX-License-Identifier: Apache-2.0
// A small file beside the database that remembers how far the acknowledged
// writes went, so that a database that comes back without some of them is
// noticed (raft.md 5a.8). An engine that finds a bad record at the end of its
// write-ahead log cannot tell a write that was never finished from one that was
// synced and is damaged; it opens without either.
//
// Every synced write has a sequence number in the database. Once it is durable,
// and before anything that it promises may leave, the number and the end of the
// log are written here, into the next of a few slots. A number here that is
// greater than the database's proves a loss. There is no false alarm: the
// database was durable first.
//
// The file is not synced, so that it costs no time: what it says survives the
// end of the process, and a power cut as far as the kernel had written it. A
// power cut that takes the newest slots and acknowledged writes alike leaves
// the older slots, which notice any loss that reaches back to them. A member
// without the file (from before there was one, or of which only the database
// was restored) starts as if nothing was lost: there is nothing to compare.
//
// Thread-compatible.
#ifndef MICROOVN_RAFT_STORAGE_TAIL_TAIL_RING_H_
#define MICROOVN_RAFT_STORAGE_TAIL_TAIL_RING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// What was promised when the write with number `sequence` was durable.
struct Tail {
  uint64_t sequence = 0;
  Term term;         // of the hard state
  LogPosition last;  // the end of the log
  ChainHash chain;   // there; for people who look for what was lost

  friend bool operator==(const Tail& a, const Tail& b) {
    return std::tie(a.sequence, a.term, a.last, a.chain) ==
           std::tie(b.sequence, b.term, b.last, b.chain);
  }
};

// The bytes of the ring. Tests replace it.
class TailRingFile {
 public:
  virtual ~TailRingFile() = default;

  // All of it; empty when there is none.
  virtual absl::StatusOr<std::string> Read() = 0;
  // Overwrites a part, in one call, and does not wait for the disk.
  virtual absl::Status Write(uint64_t offset, absl::string_view bytes) = 0;
  // Makes it empty, durably.
  // For a new database at an old place: what another one promised is no loss of
  // this one.
  virtual absl::Status Clear() = 0;

  // At `path`; made when it is first written.
  static std::unique_ptr<TailRingFile> At(const std::string& path);
};

class TailRing {
 public:
  // Several, so that a slot that is torn while it is written leaves the one
  // before it.
  static constexpr size_t kSlots = 8;
  // One sector each, so that a torn write damages one slot only.
  static constexpr size_t kSlotSize = 512;

  // Slots that another data directory wrote (a copied file) do not count.
  TailRing(std::unique_ptr<TailRingFile> file, Incarnation incarnation);

  // The one with the greatest sequence; empty if no slot is whole.
  absl::StatusOr<std::optional<Tail>> Newest();
  // Into the slot behind the one of the sequence before.
  absl::Status Write(const Tail& tail);

 private:
  std::string SealKey(size_t slot) const;

  const std::unique_ptr<TailRingFile> file_;
  const Incarnation incarnation_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TAIL_TAIL_RING_H_
