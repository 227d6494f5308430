// SPDX-License-Identifier: Apache-2.0
// The small value types of the Raft core. Everything here is an immutable
// value without I/O, so that a core built of them can be copied, compared and
// replayed.
#ifndef MICROOVN_RAFT_CORE_VALUES_TYPES_H_
#define MICROOVN_RAFT_CORE_VALUES_TYPES_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/strong_int.h"

namespace microovn::raft {

using Term = StrongInt<struct TermTag>;
// Position in the log; the first entry has index 1 and 0 means "none".
using LogIndex = StrongInt<struct LogIndexTag>;
// Numbers the quorum confirmations of reads; grows within a leader's term and
// is never used twice in it.
using ReadNumber = StrongInt<struct ReadNumberTag>;
// Names one Persist output. Grows by one; 0 means "nothing to wait for".
using StorageToken = StrongInt<struct StorageTokenTag>;
// Chosen by the node to find the caller of a proposal or a read again.
using RequestId = StrongInt<struct RequestIdTag>;
// Microseconds of a monotonic clock. The core compares times and adds to
// them; it never reads a clock.
using Time = StrongInt<struct TimeTag>;
using Micros = uint64_t;
// Random, minted once per data directory. 0 means "not known".
using Incarnation = StrongInt<struct IncarnationTag>;
// Hash over an entry and the hash of the one before it (ChainOf in entry.h).
using ChainHash = StrongInt<struct ChainHashTag>;

namespace internal {
std::string HexOf(uint64_t high, uint64_t low);
std::optional<std::pair<uint64_t, uint64_t>> WordsOf(absl::string_view hex);
}  // namespace internal

// 128 random bits, written as 32 lower-case hex digits
// (RandomSource::Id()). All zero bits mean "none".
template <typename Tag>
class Id128 {
 public:
  constexpr Id128() = default;
  constexpr Id128(uint64_t high, uint64_t low) : high_(high), low_(low) {}

  // Empty unless `hex` is exactly 32 lower-case hex digits.
  static std::optional<Id128> FromHex(absl::string_view hex) {
    const auto words = internal::WordsOf(hex);
    if (!words.has_value()) return std::nullopt;
    return Id128(words->first, words->second);
  }
  std::string ToHex() const { return internal::HexOf(high_, low_); }

  constexpr uint64_t high() const { return high_; }
  constexpr uint64_t low() const { return low_; }
  constexpr bool is_none() const { return high_ == 0 && low_ == 0; }

  friend constexpr bool operator==(Id128 a, Id128 b) {
    return a.high_ == b.high_ && a.low_ == b.low_;
  }
  friend constexpr bool operator!=(Id128 a, Id128 b) { return !(a == b); }
  friend constexpr bool operator<(Id128 a, Id128 b) {
    return a.high_ != b.high_ ? a.high_ < b.high_ : a.low_ < b.low_;
  }
  template <typename H>
  friend H AbslHashValue(H state, const Id128& id) {
    return H::combine(std::move(state), id.high_, id.low_);
  }
  friend std::ostream& operator<<(std::ostream& out, const Id128& id) {
    return out << id.ToHex();
  }

 private:
  uint64_t high_ = 0;
  uint64_t low_ = 0;
};

using MemberId = Id128<struct MemberIdTag>;
using ClusterId = Id128<struct ClusterIdTag>;

// Where the range of terms and indices ends. Greater ones are refused at every
// border, from disk and from the wire, so that nothing that is added to one
// inside can wrap around. A cluster that counts a million a second reaches it
// in 146,000 years.
inline constexpr uint64_t kGreatestNumber = uint64_t{1} << 62;
// How far beyond its own term a member follows a message. Terms grow by
// elections: honest members are never so far apart, and a single message cannot
// use up the range, after which there would be no election any more.
inline constexpr uint64_t kGreatestTermStep = uint64_t{1} << 32;

template <typename Tag>
constexpr bool IsInRange(StrongInt<Tag> number) {
  return number.value() <= kGreatestNumber;
}

// What must never be forgotten besides the log (Raft figure 2).
struct HardState {
  Term term;
  MemberId vote;  // none: no vote in `term` yet

  friend bool operator==(const HardState& a, const HardState& b) {
    return a.term == b.term && a.vote == b.vote;
  }
  friend bool operator!=(const HardState& a, const HardState& b) {
    return !(a == b);
  }
};

// The term and index at which a log ends (Raft section 5.4.1).
struct LogPosition {
  LogIndex index;
  Term term;

  friend bool operator==(const LogPosition& a, const LogPosition& b) {
    return a.index == b.index && a.term == b.term;
  }
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_TYPES_H_
