// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/rocksdb/torn_tail.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "raft/storage/rocksdb/rocksdb_status.h"

namespace microovn::raft {
namespace {

// A log is a row of blocks; a record is one fragment or several, and no
// fragment crosses the end of a block. A fragment is a checksum, a length of
// two bytes, a type and the content.
constexpr size_t kBlock = 32768;
constexpr size_t kHeader = 7;
constexpr size_t kLengthAt = 4;
constexpr size_t kTypeAt = 6;
// The least that a disk writes or loses as one.
constexpr size_t kSector = 512;

enum FragmentType : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

constexpr std::array<uint32_t, 256> Crc32cTable() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
    }
    table[byte] = crc;
  }
  return table;
}

uint8_t ByteAt(absl::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

// CRC-32C, rotated and moved as RocksDB stores it.
uint32_t MaskedChecksum(absl::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = Crc32cTable();
  uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(byte)) & 0xff];
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
}

uint32_t StoredChecksum(absl::string_view header) {
  uint32_t checksum = 0;
  for (size_t i = kLengthAt; i-- > 0;) {
    checksum = checksum << 8 | ByteAt(header, i);
  }
  return checksum;
}

// Whether some sector that [begin, end) touches has nothing but zeros from
// `begin` on.
bool HasLostSector(absl::string_view file, size_t begin, size_t end) {
  for (size_t at = begin; at < std::min(end, file.size());) {
    const size_t next = (at / kSector + 1) * kSector;
    const absl::string_view sector = file.substr(at, next - at);
    if (sector.find_first_not_of('\0') == absl::string_view::npos) return true;
    at = next;
  }
  return false;
}

bool IsLog(const std::string& name) { return absl::EndsWith(name, ".log"); }

absl::Status CutAt(rocksdb::Env* env, const std::string& path, size_t size) {
  LOG(WARNING) << path << " is torn: what was not synced is cut off at "
               << size;
  return FromRocksdb(env->Truncate(path, size), absl::StrCat("cutting ", path));
}

// What is left of a tear after a crash in here must still be one, so the logs
// after it go first, the last of them first. The manifest that opening writes
// is synced and makes all of this moot; so nothing here is.
absl::Status CutAll(rocksdb::Env* env, const std::string& directory) {
  std::vector<std::string> names;
  const rocksdb::Status listed = env->GetChildren(directory, &names);
  if (listed.IsNotFound()) return absl::OkStatus();
  RETURN_IF_ERROR(FromRocksdb(listed, absl::StrCat("listing ", directory)));
  std::sort(names.begin(), names.end());  // numbers have leading zeros
  // First all are found, then all are cut: a file that cannot be read must
  // leave everything as it was.
  std::vector<std::pair<std::string, size_t>> cuts;
  bool after_tear = false;
  for (const std::string& name : names) {
    if (!IsLog(name) && !absl::StartsWith(name, "MANIFEST-")) continue;
    const std::string path = JoinPath(directory, name);
    // What was written after the torn record was not synced either, or the tear
    // would have been synced with it.
    if (IsLog(name) && after_tear) {
      cuts.emplace_back(path, 0);
      continue;
    }
    std::string bytes;
    RETURN_IF_ERROR(FromRocksdb(rocksdb::ReadFileToString(env, path, &bytes),
                                absl::StrCat("reading ", path)));
    const std::optional<size_t> tear = FindTear(bytes);
    if (!tear.has_value()) continue;
    cuts.emplace_back(path, *tear);
    // A torn manifest says nothing about the logs.
    after_tear = after_tear || IsLog(name);
  }
  for (auto cut = cuts.rbegin(); cut != cuts.rend(); ++cut) {
    RETURN_IF_ERROR(CutAt(env, cut->first, cut->second));
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<size_t> FindTear(absl::string_view file) {
  size_t record = 0;
  bool inside = false;
  for (size_t at = 0; at < file.size();) {
    const size_t block_end = (at / kBlock + 1) * kBlock;
    // Too little for a header: RocksDB fills it with zeros and goes on in the
    // next block.
    if (block_end - at < kHeader) {
      at = block_end;
      continue;
    }
    if (file.size() - at < kHeader) return std::nullopt;  // cut short
    // Cut where the record began: RocksDB would complain of a beginning without
    // an end.
    if (!inside) record = at;
    const size_t length = ByteAt(file, at + kLengthAt) +
                          (size_t{ByteAt(file, at + kLengthAt + 1)} << 8);
    const uint8_t type = ByteAt(file, at + kTypeAt);
    const size_t end = at + kHeader + length;
    const bool whole =
        type >= kFull && type <= kLast &&
        end <= std::min(block_end, file.size()) &&
        StoredChecksum(file.substr(at)) ==
            MaskedChecksum(file.substr(at + kTypeAt, length + 1));
    if (!whole) {
      // Damage, and not ours to judge.
      if (!HasLostSector(file, at, std::min(end, block_end))) {
        return std::nullopt;
      }
      return record;
    }
    inside = type == kFirst || type == kMiddle;
    at = end;
  }
  return std::nullopt;
}

absl::Status CutTornTails(rocksdb::Env* env, const std::string& directory) {
  rocksdb::FileLock* lock = nullptr;
  // Opening says why there is none.
  if (!env->LockFile(JoinPath(directory, "LOCK"), &lock).ok()) {
    return absl::OkStatus();
  }
  // Under the database's own lock, so nobody is writing what is read here.
  const absl::Status cut = CutAll(env, directory);
  const absl::Status unlocked =
      FromRocksdb(env->UnlockFile(lock), absl::StrCat("unlocking ", directory));
  return cut.ok() ? unlocked : cut;
}

}  // namespace microovn::raft
