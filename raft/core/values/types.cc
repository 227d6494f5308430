// SPDX-License-Identifier: Apache-2.0
#include "raft/core/values/types.h"

namespace microovn::raft::internal {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr size_t kDigitsPerWord = 16;

std::optional<uint64_t> WordOf(absl::string_view hex) {
  uint64_t word = 0;
  for (const char c : hex) {
    uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint64_t>(c - 'a') + 10;
    } else {
      return std::nullopt;
    }
    word = word << 4 | digit;
  }
  return word;
}

}  // namespace

std::string HexOf(uint64_t high, uint64_t low) {
  std::string hex;
  hex.reserve(2 * kDigitsPerWord);
  for (const uint64_t word : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      hex.push_back(kDigits[word >> shift & 0xf]);
    }
  }
  return hex;
}

std::optional<std::pair<uint64_t, uint64_t>> WordsOf(absl::string_view hex) {
  if (hex.size() != 2 * kDigitsPerWord) return std::nullopt;
  const auto high = WordOf(hex.substr(0, kDigitsPerWord));
  const auto low = WordOf(hex.substr(kDigitsPerWord));
  if (!high.has_value() || !low.has_value()) return std::nullopt;
  return std::make_pair(*high, *low);
}

}  // namespace microovn::raft::internal
