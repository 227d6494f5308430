// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/sim_file_system.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/string_view.h"

namespace microovn::raft {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus ToRocksdb(DiskResult result, const std::string& what) {
  switch (result) {
    case DiskResult::kOk:
      return IOStatus::OK();
    case DiskResult::kNotFound:
      return IOStatus::PathNotFound(what);
    case DiskResult::kIoError:
      return IOStatus::IOError(what);
    case DiskResult::kNoSpace:
      return IOStatus::NoSpace(what);
  }
  return IOStatus::OK();
}

// Readers see the file as it was when they opened it.
Slice Read(const DiskFile& file, uint64_t offset, size_t size, char* scratch) {
  if (offset >= file.size) return Slice(scratch, 0);
  size = std::min<uint64_t>(size, file.size - offset);
  std::memcpy(scratch, file.bytes->data() + offset, size);
  return Slice(scratch, size);
}

class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  explicit SequentialFile(DiskFile file) : file_(std::move(file)) {}

  IOStatus Read(size_t size, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    *result = raft::Read(file_, at_, size, scratch);
    at_ += result->size();
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t size) override {
    at_ = std::min<uint64_t>(at_ + size, file_.size);
    return IOStatus::OK();
  }

 private:
  const DiskFile file_;
  uint64_t at_ = 0;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  explicit RandomAccessFile(DiskFile file) : file_(std::move(file)) {}

  IOStatus Read(uint64_t offset, size_t size, const IOOptions&, Slice* result,
                char* scratch, IODebugContext*) const override {
    *result = raft::Read(file_, offset, size, scratch);
    return IOStatus::OK();
  }

 private:
  const DiskFile file_;
};

class WritableFile final : public rocksdb::FSWritableFile {
 public:
  WritableFile(SimVolume* volume, NodeId node, std::string path)
      : volume_(volume), node_(node), path_(std::move(path)) {}

  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& bytes, const IOOptions&,
                  IODebugContext*) override {
    const absl::string_view view(bytes.data(), bytes.size());
    const DiskResult result = volume_->Append(node_, view);
    if (result == DiskResult::kOk) size_ += bytes.size();
    return ToRocksdb(result, path_);
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    // As the real one does at Close when nothing was allocated in advance.
    if (size == size_) return IOStatus::OK();
    size_ = size;
    return ToRocksdb(volume_->Truncate(node_, size), path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return ToRocksdb(volume_->Sync(node_), path_);
  }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    return size_;
  }

 private:
  SimVolume* const volume_;
  const NodeId node_;
  const std::string path_;
  uint64_t size_ = 0;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(SimVolume* volume, NodeId node) : volume_(volume), node_(node) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return ToRocksdb(volume_->SyncDirectory(node_), "directory");
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  SimVolume* const volume_;
  const NodeId node_;
};

class Lock final : public rocksdb::FileLock {
 public:
  explicit Lock(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
  // It rolls over at a size.
  size_t GetLogFileSize() const override { return 0; }
};

}  // namespace

IOStatus SimFileSystem::NewSequentialFile(
    const std::string& path, const FileOptions&,
    std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext*) {
  const auto node = volume_->Find(path);
  if (!node.has_value()) return IOStatus::PathNotFound(path);
  auto file = volume_->File(*node);
  if (!file.has_value()) return IOStatus::IOError(path);
  *result = std::make_unique<SequentialFile>(*std::move(file));
  return IOStatus::OK();
}

IOStatus SimFileSystem::NewRandomAccessFile(
    const std::string& path, const FileOptions&,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext*) {
  const auto node = volume_->Find(path);
  if (!node.has_value()) return IOStatus::PathNotFound(path);
  auto file = volume_->File(*node);
  if (!file.has_value()) return IOStatus::IOError(path);
  *result = std::make_unique<RandomAccessFile>(*std::move(file));
  return IOStatus::OK();
}

IOStatus SimFileSystem::NewWritableFile(
    const std::string& path, const FileOptions&,
    std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) {
  NodeId node = 0;
  const DiskResult created = volume_->Create(path, &node);
  if (created != DiskResult::kOk) return ToRocksdb(created, path);
  *result = std::make_unique<WritableFile>(volume_, node, path);
  return IOStatus::OK();
}

IOStatus SimFileSystem::NewDirectory(
    const std::string& path, const IOOptions&,
    std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) {
  const auto node = volume_->Find(path);
  if (!node.has_value() || !volume_->IsDirectory(*node)) {
    return IOStatus::PathNotFound(path);
  }
  *result = std::make_unique<Directory>(volume_, *node);
  return IOStatus::OK();
}

IOStatus SimFileSystem::FileExists(const std::string& path, const IOOptions&,
                                   IODebugContext*) {
  return volume_->Find(path).has_value() ? IOStatus::OK()
                                         : IOStatus::NotFound(path);
}

IOStatus SimFileSystem::GetChildren(const std::string& path, const IOOptions&,
                                    std::vector<std::string>* result,
                                    IODebugContext*) {
  const auto node = volume_->Find(path);
  if (!node.has_value() || !volume_->IsDirectory(*node)) {
    return IOStatus::NotFound(path);
  }
  *result = volume_->List(*node);
  return IOStatus::OK();
}

IOStatus SimFileSystem::DeleteFile(const std::string& path, const IOOptions&,
                                   IODebugContext*) {
  return ToRocksdb(volume_->Delete(path), path);
}

IOStatus SimFileSystem::Truncate(const std::string& path, size_t size,
                                 const IOOptions&, IODebugContext*) {
  const auto node = volume_->Find(path);
  if (!node.has_value()) return IOStatus::PathNotFound(path);
  return ToRocksdb(volume_->Truncate(*node, size), path);
}

IOStatus SimFileSystem::CreateDir(const std::string& path, const IOOptions&,
                                  IODebugContext*) {
  if (volume_->Find(path).has_value()) return IOStatus::IOError(path);
  return ToRocksdb(volume_->MakeDirectory(path), path);
}

IOStatus SimFileSystem::CreateDirIfMissing(const std::string& path,
                                           const IOOptions&, IODebugContext*) {
  return ToRocksdb(volume_->MakeDirectory(path), path);
}

IOStatus SimFileSystem::DeleteDir(const std::string& path, const IOOptions&,
                                  IODebugContext*) {
  return ToRocksdb(volume_->Delete(path), path);
}

IOStatus SimFileSystem::GetFileSize(const std::string& path, const IOOptions&,
                                    uint64_t* size, IODebugContext*) {
  const auto node = volume_->Find(path);
  if (!node.has_value()) return IOStatus::PathNotFound(path);
  const auto file = volume_->File(*node);
  *size = file.has_value() ? file->size : 0;
  return IOStatus::OK();
}

IOStatus SimFileSystem::GetFileModificationTime(const std::string&,
                                                const IOOptions&,
                                                uint64_t* seconds,
                                                IODebugContext*) {
  *seconds = 0;
  return IOStatus::OK();
}

IOStatus SimFileSystem::RenameFile(const std::string& from,
                                   const std::string& to, const IOOptions&,
                                   IODebugContext*) {
  return ToRocksdb(volume_->Rename(from, to), from);
}

IOStatus SimFileSystem::LockFile(const std::string& path, const IOOptions&,
                                 rocksdb::FileLock** lock, IODebugContext*) {
  if (!volume_->Lock(path)) {
    return IOStatus::IOError("lock " + path + ": held");
  }
  *lock = std::make_unique<Lock>(path).release();
  return IOStatus::OK();
}

IOStatus SimFileSystem::UnlockFile(rocksdb::FileLock* lock, const IOOptions&,
                                   IODebugContext*) {
  const std::unique_ptr<Lock> owned(static_cast<Lock*>(lock));
  volume_->Unlock(owned->path());
  return IOStatus::OK();
}

IOStatus SimFileSystem::GetTestDirectory(const IOOptions&, std::string* path,
                                         IODebugContext*) {
  *path = "/";
  return IOStatus::OK();
}

IOStatus SimFileSystem::NewLogger(const std::string&, const IOOptions&,
                                  std::shared_ptr<rocksdb::Logger>* result,
                                  IODebugContext*) {
  *result = std::make_shared<SilentLogger>();
  return IOStatus::OK();
}

IOStatus SimFileSystem::GetAbsolutePath(const std::string& path,
                                        const IOOptions&, std::string* absolute,
                                        IODebugContext*) {
  *absolute = path;
  return IOStatus::OK();
}

IOStatus SimFileSystem::IsDirectory(const std::string& path, const IOOptions&,
                                    bool* is_directory, IODebugContext*) {
  const auto node = volume_->Find(path);
  if (!node.has_value()) return IOStatus::PathNotFound(path);
  *is_directory = volume_->IsDirectory(*node);
  return IOStatus::OK();
}

}  // namespace microovn::raft
