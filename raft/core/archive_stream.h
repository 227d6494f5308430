// SPDX-License-Identifier: Apache-2.0
// The two directions of core_archive.cc: one list of fields serves both.
// Numbers are LEB128. Thread-compatible.
//
// A type is known by CoreArchive::Visit(stream, value), which hands its fields
// to the stream.
#ifndef MICROOVN_RAFT_CORE_ARCHIVE_STREAM_H_
#define MICROOVN_RAFT_CORE_ARCHIVE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/strong_int.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// `Visitor::Visit(stream, value)` for every structure.
template <typename Visitor>
class ArchiveWriter {
 public:
  template <typename... Fields>
  void operator()(Fields&... fields) {
    (Put(fields), ...);
  }
  std::string Finish() { return std::move(bytes_); }

 private:
  void Number(uint64_t number) {
    for (; number >= 0x80; number >>= 7) {
      bytes_.push_back(static_cast<char>(number | 0x80));
    }
    bytes_.push_back(static_cast<char>(number));
  }
  void Bytes(absl::string_view bytes) {
    Number(bytes.size());
    bytes_.append(bytes.data(), bytes.size());
  }

  template <typename T>
  void Put(T& value) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      Number(static_cast<uint64_t>(value));
    } else {
      Visitor::Visit(*this, value);
    }
  }
  template <typename Tag>
  void Put(StrongInt<Tag>& value) {
    Number(value.value());
  }
  template <typename Tag>
  void Put(Id128<Tag>& id) {
    Number(id.high());
    Number(id.low());
  }
  void Put(Payload& payload) { Bytes(payload.bytes()); }
  void Put(std::string& bytes) { Bytes(bytes); }
  template <typename T>
  void Put(std::vector<T>& values) {
    PutAll(values);
  }
  template <typename T>
  void Put(std::deque<T>& values) {
    PutAll(values);
  }
  template <typename Container>
  void PutAll(Container& values) {
    Number(values.size());
    for (auto& value : values) Put(value);
  }
  template <typename T>
  void Put(std::optional<T>& value) {
    Number(value.has_value() ? 1 : 0);
    if (value.has_value()) Put(*value);
  }
  template <typename... Ts>
  void Put(std::variant<Ts...>& value) {
    Number(value.index());
    std::visit([this](auto& held) { this->Put(held); }, value);
  }

  std::string bytes_;
};

template <typename Visitor>
class ArchiveReader {
 public:
  explicit ArchiveReader(absl::string_view bytes) : rest_(bytes) {}

  template <typename... Fields>
  void operator()(Fields&... fields) {
    (Get(fields), ...);
  }
  // Everything was there, and nothing else.
  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  uint64_t Number() {
    uint64_t number = 0;
    // At most ten bytes; what an eleventh would hold is no number.
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      number |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
    failed_ = true;
    return 0;
  }
  // How many of something that takes a byte at least.
  size_t Count() {
    const uint64_t count = Number();
    if (count <= rest_.size()) return static_cast<size_t>(count);
    failed_ = true;
    return 0;
  }

  template <typename T>
  void Get(T& value) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      value = static_cast<T>(Number());
    } else {
      Visitor::Visit(*this, value);
    }
  }
  template <typename Tag>
  void Get(StrongInt<Tag>& value) {
    value = StrongInt<Tag>(Number());
  }
  template <typename Tag>
  void Get(Id128<Tag>& id) {
    const uint64_t high = Number();
    id = Id128<Tag>(high, Number());
  }
  void Get(Payload& payload) {
    std::string bytes;
    Get(bytes);
    payload = Payload(std::move(bytes));
  }
  void Get(std::string& bytes) {
    const size_t size = Count();
    bytes = std::string(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }
  template <typename T>
  void Get(std::vector<T>& values) {
    GetAll(values);
  }
  template <typename T>
  void Get(std::deque<T>& values) {
    GetAll(values);
  }
  template <typename Container>
  void GetAll(Container& values) {
    values.clear();
    // Ends with the bytes: a count that lies allocates no more than they can
    // fill.
    for (size_t left = Count(); left > 0 && !failed_; --left) {
      values.push_back(
          Visitor::template Fresh<typename Container::value_type>());
      Get(values.back());
    }
  }
  template <typename T>
  void Get(std::optional<T>& value) {
    value.reset();
    if (Number() == 0) return;
    value.emplace();
    Get(*value);
  }
  template <typename... Ts>
  void Get(std::variant<Ts...>& value) {
    const uint64_t index = Number();
    if (index >= sizeof...(Ts)) {
      failed_ = true;
      return;
    }
    GetHeld(value, index, std::index_sequence_for<Ts...>());
  }
  template <typename Variant, size_t... I>
  void GetHeld(Variant& value, uint64_t index, std::index_sequence<I...>) {
    const auto get = [this, &value](auto place) {
      value.template emplace<decltype(place)::value>();
      this->Get(std::get<decltype(place)::value>(value));
    };
    ((index == I ? get(std::integral_constant<size_t, I>()) : void()), ...);
  }

  absl::string_view rest_;
  bool failed_ = false;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_ARCHIVE_STREAM_H_
