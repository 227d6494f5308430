// SPDX-License-Identifier: Apache-2.0
// A map from key to record that knows what was touched since it was last
// asked, so that what Apply changed is what gets written.
//
// Copies share their content until one of them is changed: publishing a
// snapshot of a thousand members costs a few pointers. Records are immutable
// once they are in.
//
// Thread-compatible. Copying a Table counts as reading it.
#ifndef MICROOVN_AGENT_STATE_VALUES_TABLE_H_
#define MICROOVN_AGENT_STATE_VALUES_TABLE_H_

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace microovn::agent {

template <typename T>
class Table {
 public:
  using Map = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

  Table() : map_(std::make_shared<Map>()) {}
  Table(const Table& other) : map_(other.map_), touched_(other.touched_) {
    other.shared_ = true;
    shared_ = true;
  }
  Table& operator=(const Table& other) {
    if (this == &other) return *this;
    map_ = other.map_;
    touched_ = other.touched_;
    other.shared_ = true;
    shared_ = true;
    return *this;
  }

  // Null when there is none. Valid until the record is replaced in this table.
  const T* Find(absl::string_view key) const {
    const auto it = map_->find(key);
    return it == map_->end() ? nullptr : it->second.get();
  }

  // By reference, so that `key` may be a part of `record`, or of the record
  // that is replaced.
  void Put(absl::string_view key, const T& record) {
    const std::string name(key);
    (*Writable())[name] = std::make_shared<const T>(record);
    touched_.insert(name);
  }

  // False when there was none.
  bool Erase(absl::string_view key) {
    if (map_->find(key) == map_->end()) return false;
    // A copy: `key` may be a part of what goes.
    const std::string name(key);
    Writable()->erase(name);
    touched_.insert(name);
    return true;
  }

  // By key.
  const Map& records() const { return *map_; }
  size_t size() const { return map_->size(); }
  bool empty() const { return map_->empty(); }

  // The keys put or erased since the last call, and forgets them.
  std::set<std::string> TakeTouched() {
    return std::exchange(touched_, std::set<std::string>());
  }

 private:
  // A use count would not do: it says nothing about when the last reader of
  // another thread was done.
  Map* Writable() {
    if (shared_) {
      map_ = std::make_shared<Map>(*map_);
      shared_ = false;
    }
    return map_.get();
  }

  std::shared_ptr<Map> map_;
  // Whether another Table may hold map_, too; never reset but by Writable().
  mutable std::atomic<bool> shared_{false};
  std::set<std::string> touched_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_TABLE_H_
