// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/disk_image.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_split.h"

namespace microovn::raft {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kSector = 512;

void Apply(const NameChange& change, std::map<std::string, NodeId>& names) {
  if (!change.removed.empty()) names.erase(change.removed);
  if (!change.added.empty()) names[change.added] = change.node;
}

// The names "a", "b" of "/a/./x/../b".
std::vector<std::string> Split(absl::string_view path) {
  std::vector<std::string> names;
  for (const absl::string_view name :
       absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (name == "..") {
      if (!names.empty()) names.pop_back();
    } else if (name != ".") {
      names.emplace_back(name);
    }
  }
  return names;
}

void Zero(size_t begin, size_t end, std::string& bytes) {
  end = std::min(end, bytes.size());
  if (begin < end) bytes.replace(begin, end - begin, end - begin, '\0');
}

void TearLastPage(size_t synced, SeededRandom& random, std::string& bytes) {
  if (bytes.size() <= synced) return;
  const size_t page = (bytes.size() - 1) / kPage * kPage;
  const size_t begin = std::max(page, synced);
  bytes.resize(begin + random.Uniform(bytes.size() - begin));
}

void LoseSectors(size_t synced, SeededRandom& random, std::string& bytes) {
  for (size_t at = synced; at < bytes.size();) {
    const size_t end = (at / kSector + 1) * kSector;
    if (random.Uniform(2) == 0) Zero(at, end, bytes);
    at = end;
  }
}

// Where the bytes end that were ever on the disk.
size_t EndOfSynced(const DiskFile& file) {
  if (!file.dropped.empty() && file.dropped.back().second >= file.synced) {
    return file.dropped.back().first;
  }
  return file.synced;
}

DiskFile FileAfter(const DiskFile& file, Survival survival,
                   SeededRandom& random) {
  std::string bytes = file.bytes->substr(0, file.size);
  for (const auto& [begin, end] : file.dropped) Zero(begin, end, bytes);
  const size_t pending = file.size - file.synced;
  switch (survival) {
    case Survival::kNothing:
      bytes.resize(EndOfSynced(file));
      break;
    case Survival::kRandom:
    case Survival::kUnordered:
      bytes.resize(file.synced + random.Uniform(pending + 1));
      break;
    case Survival::kTornPage:
      TearLastPage(file.synced, random, bytes);
      break;
    case Survival::kSectors:
      LoseSectors(file.synced, random, bytes);
      break;
    case Survival::kAll:
    case Survival::kProcess:
      break;
  }
  DiskFile after;
  after.size = after.synced = bytes.size();
  after.bytes = std::make_shared<std::string>(std::move(bytes));
  return after;
}

std::map<std::string, NodeId> NamesAfter(const DiskDirectory& directory,
                                         Survival survival,
                                         SeededRandom& random) {
  std::map<std::string, NodeId> names = directory.synced;
  size_t first = directory.pending.size();
  if (survival == Survival::kNothing) first = 0;
  if (survival == Survival::kRandom) first = random.Uniform(first + 1);
  for (size_t i = 0; i < first; ++i) {
    if (survival == Survival::kUnordered && random.Uniform(2) == 0) continue;
    Apply(directory.pending[i], names);
  }
  return names;
}

// As it was, in bytes of its own.
DiskImage Detached(DiskImage image) {
  for (auto& [id, file] : image.files) {
    file.bytes =
        std::make_shared<std::string>(file.bytes->substr(0, file.size));
  }
  return image;
}

}  // namespace

std::optional<NodeId> DiskImage::Find(absl::string_view path) const {
  NodeId at = kRoot;
  for (const std::string& name : Split(path)) {
    const auto directory = directories.find(at);
    if (directory == directories.end()) return std::nullopt;
    const auto found = directory->second.names.find(name);
    if (found == directory->second.names.end()) return std::nullopt;
    at = found->second;
  }
  return at;
}

std::optional<std::pair<NodeId, std::string>> DiskImage::Place(
    absl::string_view path) const {
  const std::vector<std::string> names = Split(path);
  NodeId at = kRoot;
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const auto found = directories.at(at).names.find(names[i]);
    if (found == directories.at(at).names.end()) return std::nullopt;
    if (directories.count(found->second) == 0) return std::nullopt;
    at = found->second;
  }
  if (names.empty()) return std::nullopt;
  return std::pair(at, names.back());
}

void DiskImage::Change(NodeId directory, NameChange change) {
  DiskDirectory& changed = directories[directory];
  Apply(change, changed.names);
  changed.pending.push_back(std::move(change));
}

void DiskImage::Prune() {
  std::set<NodeId> named;
  for (const auto& [id, directory] : directories) {
    for (const auto& [name, node] : directory.names) named.insert(node);
    for (const auto& [name, node] : directory.synced) named.insert(node);
    for (const NameChange& change : directory.pending) {
      named.insert(change.node);
    }
  }
  for (auto at = files.begin(); at != files.end();) {
    at = named.count(at->first) == 0 ? files.erase(at) : std::next(at);
  }
}

const char* Name(Survival survival) {
  switch (survival) {
    case Survival::kNothing:
      return "nothing";
    case Survival::kAll:
      return "all";
    case Survival::kRandom:
      return "random";
    case Survival::kUnordered:
      return "unordered";
    case Survival::kTornPage:
      return "torn page";
    case Survival::kSectors:
      return "sectors";
    case Survival::kProcess:
      return "process";
  }
  return "?";
}

DiskImage AfterCrash(const DiskImage& before, Survival survival,
                     SeededRandom& random) {
  if (survival == Survival::kProcess) return Detached(before);
  DiskImage after;
  after.last_node = before.last_node;
  std::vector<NodeId> reached = {DiskImage::kRoot};
  while (!reached.empty()) {
    const NodeId at = reached.back();
    reached.pop_back();
    DiskDirectory& directory = after.directories[at];
    directory.names = NamesAfter(before.directories.at(at), survival, random);
    directory.synced = directory.names;
    for (const auto& [name, node] : directory.names) {
      const auto file = before.files.find(node);
      if (file == before.files.end()) {
        reached.push_back(node);
      } else {
        after.files[node] = FileAfter(file->second, survival, random);
      }
    }
  }
  return after;
}

}  // namespace microovn::raft
