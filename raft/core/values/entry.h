// SPDX-License-Identifier: Apache-2.0
// A log entry and the bytes that it carries. Storage and transport treat the
// payload as opaque; the core reads only configuration entries.
#ifndef MICROOVN_RAFT_CORE_VALUES_ENTRY_H_
#define MICROOVN_RAFT_CORE_VALUES_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/string_view.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// Bytes that are never changed and cheap to copy: the log, the messages to
// each peer and the batch to the disk share one buffer. Compared by content.
class Payload {
 public:
  Payload() = default;
  explicit Payload(std::string bytes)
      : bytes_(bytes.empty()
                   ? nullptr
                   : std::make_shared<const std::string>(std::move(bytes))) {}

  absl::string_view bytes() const {
    return bytes_ == nullptr ? absl::string_view() : absl::string_view(*bytes_);
  }
  size_t size() const { return bytes_ == nullptr ? 0 : bytes_->size(); }

  friend bool operator==(const Payload& a, const Payload& b) {
    return a.bytes_ == b.bytes_ || a.bytes() == b.bytes();
  }

 private:
  std::shared_ptr<const std::string> bytes_;
};

// The values are stored and sent; do not renumber.
enum class EntryKind : uint8_t {
  kNoop = 1,           // opens a leader's term
  kCommand = 2,        // for the state machine
  kConfiguration = 3,  // EncodeConfiguration(); in force once appended
};

struct Entry {
  LogIndex index;
  Term term;
  EntryKind kind = EntryKind::kNoop;
  // Over this entry and its predecessor's chain; set by the leader, verified
  // by followers and when a log is read back.
  ChainHash chain;
  Payload payload;

  friend bool operator==(const Entry& a, const Entry& b) {
    return std::tie(a.index, a.term, a.kind, a.chain, a.payload) ==
           std::tie(b.index, b.term, b.kind, b.chain, b.payload);
  }
};

// What an entry counts against the byte limits of options.h.
size_t SizeOf(const Entry& entry);

// The chain value that `entry` must carry behind an entry with `previous`
// (zero before index 1).
ChainHash ChainOf(ChainHash previous, const Entry& entry);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_ENTRY_H_
