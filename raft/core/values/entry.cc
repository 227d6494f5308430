// SPDX-License-Identifier: Apache-2.0
#include "raft/core/values/entry.h"

namespace microovn::raft {
namespace {

constexpr size_t kEntryOverhead = 48;

// The finalizer of SplitMix64: each input bit reaches each output bit.
uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

uint64_t Fold(uint64_t hash, uint64_t word) {
  return Mix((hash ^ word) + 0x9e3779b97f4a7c15u);
}

// Little-endian whatever the machine: the hash is stored and sent.
uint64_t WordAt(absl::string_view bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    word |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i]))
            << (8 * i);
  }
  return word;
}

}  // namespace

size_t SizeOf(const Entry& entry) {
  return entry.payload.size() + kEntryOverhead;
}

ChainHash ChainOf(ChainHash previous, const Entry& entry) {
  uint64_t hash = Fold(previous.value(), entry.index.value());
  hash = Fold(hash, entry.term.value());
  hash = Fold(hash, static_cast<uint64_t>(entry.kind));
  const absl::string_view bytes = entry.payload.bytes();
  // The length too: a last word that is not full is padded with zeros.
  hash = Fold(hash, bytes.size());
  for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
    hash = Fold(hash, WordAt(bytes.substr(at, sizeof(uint64_t))));
  }
  return ChainHash(hash);
}

}  // namespace microovn::raft
