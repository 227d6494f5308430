// SPDX-License-Identifier: Apache-2.0
// What is on a simulated disk at one moment: for each file which of its bytes
// were synced, for each directory which of its names. And what of it is there
// after a crash. Values and a pure function; copies of an image share the
// files' bytes, which only grow while they are shared.
#ifndef MICROOVN_RAFT_STORAGE_TESTING_DISK_IMAGE_H_
#define MICROOVN_RAFT_STORAGE_TESTING_DISK_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/crypto/random.h"

namespace microovn::raft {

using NodeId = uint64_t;

// The file as the running machine sees it is bytes[0, size).
struct DiskFile {
  std::shared_ptr<std::string> bytes = std::make_shared<std::string>();
  size_t size = 0;
  size_t synced = 0;
  // [begin, end) that a failed sync dropped: seen until the machine stops, and
  // never on the disk, whatever is synced later.
  std::vector<std::pair<size_t, size_t>> dropped;
};

// One atomic change of a directory; an empty name: nothing.
struct NameChange {
  std::string removed;
  std::string added;
  NodeId node = 0;
};

struct DiskDirectory {
  std::map<std::string, NodeId> names;
  std::map<std::string, NodeId> synced;
  std::vector<NameChange> pending;  // from `synced` to `names`
};

struct DiskImage {
  static constexpr NodeId kRoot = 1;

  DiskImage() { directories[kRoot]; }

  std::optional<NodeId> Find(absl::string_view path) const;
  // Of a path's parent, and its last name.
  std::optional<std::pair<NodeId, std::string>> Place(
      absl::string_view path) const;
  void Change(NodeId directory, NameChange change);
  // Forgets files that no name leads to.
  void Prune();

  std::map<NodeId, DiskFile> files;
  std::map<NodeId, DiskDirectory> directories;
  NodeId last_node = kRoot;
};

enum class Survival : uint8_t {
  kNothing,    // only what was synced
  kAll,        // everything
  kRandom,     // of each file and of the changes of names some, from the first
  kUnordered,  // of the changes of names any; a journal would keep their order
  kTornPage,   // all but the end of each file's last page
  kSectors,    // any of the sectors behind the synced part; others are zeros
  kProcess,    // the process died, not the machine: all is seen, still unsynced
};
inline constexpr Survival kSurvivals[] = {
    Survival::kNothing,   Survival::kAll,      Survival::kRandom,
    Survival::kUnordered, Survival::kTornPage, Survival::kSectors,
    Survival::kProcess};

const char* Name(Survival survival);

// After all but kProcess everything that is there is durable.
DiskImage AfterCrash(const DiskImage& before, Survival survival,
                     SeededRandom& random);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TESTING_DISK_IMAGE_H_
