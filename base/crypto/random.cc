// SPDX-License-Identifier: Apache-2.0
#include "base/crypto/random.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/escaping.h"
#include "glog/logging.h"

namespace microovn {
namespace {

class KernelRandom final : public RandomSource {
 public:
  uint64_t Next() override {
    uint64_t value = 0;
    // Blocks only before the pool is ready, and returns at most 256 bytes in
    // one piece, so a short read of eight bytes cannot happen.
    PCHECK(getrandom(&value, sizeof(value), 0) == sizeof(value));
    return value;
  }
};

}  // namespace

uint64_t RandomSource::Uniform(uint64_t bound) {
  CHECK_GT(bound, 0u);
  // Rejecting the incomplete last range keeps the result unbiased.
  const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value = Next();
  while (value >= limit) value = Next();
  return value % bound;
}

std::string RandomSource::Bytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
    const uint64_t word = Next();
    std::memcpy(&bytes[at], &word, std::min(sizeof(word), size - at));
  }
  return bytes;
}

std::string RandomSource::Id() { return absl::BytesToHexString(Bytes(16)); }

RandomSource& RandomSource::Real() {
  static KernelRandom* const kRandom = new KernelRandom();
  return *kRandom;
}

uint64_t SeededRandom::Next() {
  state_ += 0x9e3779b97f4a7c15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

bool IsId(absl::string_view id) {
  return id.size() == 32 &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace microovn
