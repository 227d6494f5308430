// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/sim_volume.h"

#include <algorithm>
#include <utility>

namespace microovn::raft {
namespace {

bool TakesSpace(DiskOperation operation) {
  return operation == DiskOperation::kCreate ||
         operation == DiskOperation::kAppend ||
         operation == DiskOperation::kMakeDirectory;
}

bool CanHit(DiskFault fault, DiskOperation operation) {
  switch (fault) {
    case DiskFault::kIoError:
    case DiskFault::kPowerCut:
      return true;
    case DiskFault::kNoSpace:
      return TakesSpace(operation);
    case DiskFault::kFailedSync:
      return operation == DiskOperation::kSync ||
             operation == DiskOperation::kSyncDirectory;
  }
  return false;
}

void AppendTo(DiskFile& file, absl::string_view bytes) {
  // Copies of the image rely on what they see of it.
  if (file.bytes->size() != file.size) {
    file.bytes =
        std::make_shared<std::string>(file.bytes->substr(0, file.size));
  }
  file.bytes->append(bytes.data(), bytes.size());
  file.size += bytes.size();
}

}  // namespace

const char* Name(DiskFault fault) {
  switch (fault) {
    case DiskFault::kIoError:
      return "EIO";
    case DiskFault::kNoSpace:
      return "ENOSPC";
    case DiskFault::kFailedSync:
      return "failed sync";
    case DiskFault::kPowerCut:
      return "power cut";
  }
  return "?";
}

const char* Name(DiskOperation operation) {
  switch (operation) {
    case DiskOperation::kCreate:
      return "create";
    case DiskOperation::kAppend:
      return "append";
    case DiskOperation::kSync:
      return "sync";
    case DiskOperation::kTruncate:
      return "truncate";
    case DiskOperation::kRename:
      return "rename";
    case DiskOperation::kDelete:
      return "delete";
    case DiskOperation::kMakeDirectory:
      return "make directory";
    case DiskOperation::kSyncDirectory:
      return "sync directory";
  }
  return "?";
}

SimVolume::SimVolume(DiskImage image) : image_(std::move(image)) {}

void SimVolume::Observe(Observer observer) {
  MutexLock lock(&mu_);
  observer_ = std::move(observer);
}

void SimVolume::FailAt(DiskFault fault, uint64_t at) {
  MutexLock lock(&mu_);
  fault_ = fault;
  fault_in_ = at;
}

std::optional<DiskHit> SimVolume::hit() const {
  MutexLock lock(&mu_);
  return hit_;
}

uint64_t SimVolume::Exposed(DiskFault fault) const {
  MutexLock lock(&mu_);
  uint64_t exposed = 0;
  for (const auto& [operation, count] : counts_) {
    exposed += CanHit(fault, operation) ? count : 0;
  }
  return exposed;
}

bool SimVolume::synced_again() const {
  MutexLock lock(&mu_);
  return synced_again_;
}

void SimVolume::Extend() {
  MutexLock lock(&mu_);
  full_ = false;
}

void SimVolume::Halt() {
  MutexLock lock(&mu_);
  halted_ = true;
}

bool SimVolume::halted() const {
  MutexLock lock(&mu_);
  return halted_;
}

uint64_t SimVolume::operations() const {
  MutexLock lock(&mu_);
  return operations_;
}

DiskImage SimVolume::image() const {
  MutexLock lock(&mu_);
  return image_;
}

void SimVolume::Flip(const std::string& path, uint64_t bit) {
  MutexLock lock(&mu_);
  DiskFile& file = image_.files.at(image_.Find(path).value());
  auto bytes = std::make_shared<std::string>(file.bytes->substr(0, file.size));
  char& hit = bytes->at(bit / 8);
  hit = static_cast<char>(hit ^ (1 << bit % 8));
  file.bytes = std::move(bytes);
}

DiskResult SimVolume::Begin(DiskOperation operation, const std::string& path) {
  if (halted_) return DiskResult::kIoError;
  ++operations_;
  ++counts_[operation];
  if (observer_ != nullptr) observer_(operations_, image_);
  if (full_ && TakesSpace(operation)) return DiskResult::kNoSpace;
  if (!FaultDue(operation)) return DiskResult::kOk;
  hit_ = DiskHit{operations_, operation, path.substr(path.rfind('/') + 1)};
  return full_ ? DiskResult::kNoSpace : DiskResult::kIoError;
}

DiskResult SimVolume::Begin(DiskOperation operation, NodeId node) {
  const bool hit = hit_.has_value();
  const DiskResult begun = Begin(operation, std::string());
  if (!hit && hit_.has_value()) hit_->name = NameOf(node);
  return begun;
}

bool SimVolume::FaultDue(DiskOperation operation) {
  if (!fault_.has_value() || !CanHit(*fault_, operation)) return false;
  if (--fault_in_ != 0) return false;
  full_ = fault_ == DiskFault::kNoSpace;
  halted_ = fault_ == DiskFault::kPowerCut;
  fault_.reset();
  return true;
}

std::string SimVolume::NameOf(NodeId node) const {
  for (const auto& [id, directory] : image_.directories) {
    for (const auto& [name, named] : directory.names) {
      if (named == node) return name;
    }
  }
  return std::string();
}

DiskResult SimVolume::Create(const std::string& path, NodeId* node) {
  MutexLock lock(&mu_);
  const DiskResult begun = Begin(DiskOperation::kCreate, path);
  if (begun != DiskResult::kOk) return begun;
  const auto place = image_.Place(path);
  if (!place.has_value()) return DiskResult::kNotFound;
  *node = ++image_.last_node;
  image_.files[*node];
  image_.Change(place->first, {std::string(), place->second, *node});
  return DiskResult::kOk;
}

DiskResult SimVolume::Append(NodeId node, absl::string_view bytes) {
  MutexLock lock(&mu_);
  const DiskResult begun = Begin(DiskOperation::kAppend, node);
  const auto file = image_.files.find(node);
  if (halted_ || file == image_.files.end()) return begun;
  if (begun != DiskResult::kOk) bytes = bytes.substr(0, bytes.size() / 2);
  AppendTo(file->second, bytes);
  return begun;
}

DiskResult SimVolume::Overwrite(NodeId node, size_t offset,
                                absl::string_view bytes) {
  MutexLock lock(&mu_);
  const DiskResult begun = Begin(DiskOperation::kAppend, node);
  const auto file = image_.files.find(node);
  if (begun != DiskResult::kOk || file == image_.files.end()) return begun;
  DiskFile& changed = file->second;
  std::string now = changed.bytes->substr(0, changed.size);
  now.resize(std::max(now.size(), offset + bytes.size()));
  now.replace(offset, bytes.size(), bytes.data(), bytes.size());
  changed.size = now.size();
  changed.synced = 0;
  changed.bytes = std::make_shared<std::string>(std::move(now));
  return begun;
}

DiskResult SimVolume::Sync(NodeId node) {
  MutexLock lock(&mu_);
  const DiskResult begun = Begin(DiskOperation::kSync, node);
  const auto file = image_.files.find(node);
  if (halted_ || file == image_.files.end()) return begun;
  DiskFile& synced = file->second;
  synced_again_ =
      synced_again_ || (begun == DiskResult::kOk && !synced.dropped.empty());
  if (begun != DiskResult::kOk) {
    synced.dropped.emplace_back(synced.synced, synced.size);
  }
  // The kernel holds the pages clean either way.
  synced.synced = synced.size;
  return begun;
}

DiskResult SimVolume::Truncate(NodeId node, size_t size) {
  MutexLock lock(&mu_);
  const DiskResult begun = Begin(DiskOperation::kTruncate, node);
  const auto file = image_.files.find(node);
  if (begun != DiskResult::kOk || file == image_.files.end()) return begun;
  DiskFile& cut = file->second;
  auto bytes = std::make_shared<std::string>(cut.bytes->substr(0, cut.size));
  bytes->resize(size);
  cut.bytes = std::move(bytes);
  cut.size = size;
  cut.synced = std::min(cut.synced, size);
  return begun;
}

DiskResult SimVolume::Rename(const std::string& from, const std::string& to) {
  MutexLock lock(&mu_);
  const DiskResult begun = Begin(DiskOperation::kRename, from);
  if (begun != DiskResult::kOk) return begun;
  const auto source = image_.Place(from);
  const auto target = image_.Place(to);
  const auto node = image_.Find(from);
  if (!node.has_value() || !target.has_value() ||
      source->first != target->first) {
    return DiskResult::kNotFound;
  }
  image_.Change(source->first, {source->second, target->second, *node});
  return DiskResult::kOk;
}

DiskResult SimVolume::Delete(const std::string& path) {
  MutexLock lock(&mu_);
  const DiskResult begun = Begin(DiskOperation::kDelete, path);
  if (begun != DiskResult::kOk) return begun;
  const auto place = image_.Place(path);
  if (!image_.Find(path).has_value()) return DiskResult::kNotFound;
  image_.Change(place->first, {place->second, std::string(), 0});
  return DiskResult::kOk;
}

DiskResult SimVolume::MakeDirectory(const std::string& path) {
  MutexLock lock(&mu_);
  if (image_.Find(path).has_value()) return DiskResult::kOk;
  const DiskResult begun = Begin(DiskOperation::kMakeDirectory, path);
  if (begun != DiskResult::kOk) return begun;
  const auto place = image_.Place(path);
  if (!place.has_value()) return DiskResult::kNotFound;
  const NodeId node = ++image_.last_node;
  image_.directories[node];
  image_.Change(place->first, {std::string(), place->second, node});
  return DiskResult::kOk;
}

DiskResult SimVolume::SyncDirectory(NodeId directory) {
  MutexLock lock(&mu_);
  const DiskResult begun = Begin(DiskOperation::kSyncDirectory, directory);
  if (begun != DiskResult::kOk) return begun;
  DiskDirectory& synced = image_.directories.at(directory);
  synced.synced = synced.names;
  synced.pending.clear();
  image_.Prune();
  return DiskResult::kOk;
}

std::optional<NodeId> SimVolume::Find(const std::string& path) const {
  MutexLock lock(&mu_);
  return image_.Find(path);
}

bool SimVolume::IsDirectory(NodeId node) const {
  MutexLock lock(&mu_);
  return image_.directories.count(node) != 0;
}

std::vector<std::string> SimVolume::List(NodeId directory) const {
  MutexLock lock(&mu_);
  std::vector<std::string> names;
  for (const auto& [name, node] : image_.directories.at(directory).names) {
    names.push_back(name);
  }
  return names;
}

std::optional<DiskFile> SimVolume::File(NodeId node) const {
  MutexLock lock(&mu_);
  const auto file = image_.files.find(node);
  if (file == image_.files.end()) return std::nullopt;
  return file->second;
}

bool SimVolume::Lock(const std::string& path) {
  MutexLock lock(&mu_);
  if (std::find(locks_.begin(), locks_.end(), path) != locks_.end()) {
    return false;
  }
  locks_.push_back(path);
  return true;
}

void SimVolume::Unlock(const std::string& path) {
  MutexLock lock(&mu_);
  locks_.erase(std::remove(locks_.begin(), locks_.end(), path), locks_.end());
}

}  // namespace microovn::raft
