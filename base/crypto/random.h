// SPDX-License-Identifier: Apache-2.0
// Randomness as an interface: the kernel's in production, a seed in tests.
#ifndef MICROOVN_BASE_CRYPTO_RANDOM_H_
#define MICROOVN_BASE_CRYPTO_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace microovn {

class RandomSource {
 public:
  virtual ~RandomSource() = default;

  virtual uint64_t Next() = 0;

  // Uniform in [0, bound); bound must be positive.
  uint64_t Uniform(uint64_t bound);

  // `size` random bytes.
  std::string Bytes(size_t size);

  // 128 random bits as 32 lower-case hex digits: a cluster, member or
  // operation id.
  std::string Id();

  // getrandom(2). Thread-safe, never destroyed, fit for keys and ids.
  static RandomSource& Real();
};

// SplitMix64: the same numbers for the same seed on every machine. Not for
// secrets. Thread-compatible, copyable.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() override;

  // SeededRandom(state()) goes on as this one does.
  uint64_t state() const { return state_; }

  friend bool operator==(const SeededRandom& a, const SeededRandom& b) {
    return a.state_ == b.state_;
  }

 private:
  uint64_t state_;
};

// Whether `id` has the form that RandomSource::Id produces.
bool IsId(absl::string_view id);

}  // namespace microovn

#endif  // MICROOVN_BASE_CRYPTO_RANDOM_H_
