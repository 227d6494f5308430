// SPDX-License-Identifier: Apache-2.0
// Distinct integer types, so that a term is not taken for an index.
//
//   using Term = StrongInt<struct TermTag>;
#ifndef MICROOVN_BASE_STRONG_INT_H_
#define MICROOVN_BASE_STRONG_INT_H_

#include <cstdint>
#include <ostream>

namespace microovn {

template <typename Tag>
class StrongInt {
 public:
  constexpr StrongInt() = default;
  constexpr explicit StrongInt(uint64_t value) : value_(value) {}

  constexpr uint64_t value() const { return value_; }
  constexpr StrongInt Next() const { return StrongInt(value_ + 1); }
  // Must not be zero.
  constexpr StrongInt Previous() const { return StrongInt(value_ - 1); }

  friend constexpr bool operator==(StrongInt a, StrongInt b) {
    return a.value_ == b.value_;
  }
  friend constexpr bool operator!=(StrongInt a, StrongInt b) {
    return a.value_ != b.value_;
  }
  friend constexpr bool operator<(StrongInt a, StrongInt b) {
    return a.value_ < b.value_;
  }
  friend constexpr bool operator<=(StrongInt a, StrongInt b) {
    return a.value_ <= b.value_;
  }
  friend constexpr bool operator>(StrongInt a, StrongInt b) {
    return a.value_ > b.value_;
  }
  friend constexpr bool operator>=(StrongInt a, StrongInt b) {
    return a.value_ >= b.value_;
  }
  friend constexpr StrongInt operator+(StrongInt a, uint64_t b) {
    return StrongInt(a.value_ + b);
  }
  friend std::ostream& operator<<(std::ostream& out, StrongInt a) {
    return out << a.value_;
  }

 private:
  uint64_t value_ = 0;
};

}  // namespace microovn

#endif  // MICROOVN_BASE_STRONG_INT_H_
