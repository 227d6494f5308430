// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/rocksdb/rocksdb_options.h"

#include "rocksdb/cache.h"
#include "rocksdb/table.h"

namespace microovn::raft {
namespace {

constexpr size_t kMiB = 1 << 20;

rocksdb::ColumnFamilyOptions FamilyOptions(size_t memtable, size_t shrink) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = memtable / shrink;
  // One to fill while the other is flushed.
  options.max_write_buffer_number = 2;
  // Log entries are small and short-lived and the state is small: compressing
  // would cost time and save little.
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  options.target_file_size_base = 4 * kMiB / shrink;
  options.max_bytes_for_level_base = 16 * kMiB / shrink;
  options.level0_file_num_compaction_trigger = 4;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(2 * kMiB, /*num_shard_bits=*/0);
  table.cache_index_and_filter_blocks = true;
  // Of the blocks. Each record has one of its own (record_codec.h), which also
  // covers what RocksDB does with it.
  table.checksum = rocksdb::kXXH3;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

rocksdb::DBOptions DatabaseOptions(const RocksdbEnvironment& environment) {
  rocksdb::DBOptions options;
  options.env = environment.env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;

  // An incomplete record at the very end of the log is what a kill leaves
  // behind; anything else that does not check is damage and must not open.
  // The default mode would open without what follows the damage, and a reused
  // log file would make the two look alike.
  options.wal_recovery_mode =
      rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.recycle_log_file_num = 0;
  options.track_and_verify_wals_in_manifest = true;
  options.paranoid_checks = true;
  // A failed write or sync is final: pages may be marked clean after it, so a
  // retry that succeeds proves nothing. The process ends and recovers.
  options.max_bgerror_resume_count = 0;

  // A fault of a mapped file comes as a signal and not as a status.
  options.allow_mmap_reads = false;
  options.allow_mmap_writes = false;
  // Small: one database, whose tables are few.
  options.max_open_files = 64;
  options.max_background_jobs = 2;
  // A family that is seldom written keeps all logs since its last flush alive.
  // At this size the oldest ones are flushed, whoever is in them.
  options.max_total_wal_size = 16 * kMiB / environment.shrink;
  // Syncs come with the writes that need them.
  options.wal_bytes_per_sync = 0;
  options.max_manifest_file_size = kMiB / environment.shrink;
  options.table_cache_numshardbits = 0;

  // No timers and no chatter while nothing happens.
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.keep_log_file_num = 2;
  options.max_log_file_size = kMiB;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> Families(
    const RocksdbEnvironment& environment) {
  const size_t shrink = environment.shrink;
  // A memtable stays in memory until it is full, and two of each may be there:
  // with more, a process grows for hours in which nothing but a setting now
  // and then is written, and an operator takes it for a leak.
  return {{rocksdb::kDefaultColumnFamilyName, FamilyOptions(64 << 10, shrink)},
          {kLogFamily, FamilyOptions(kMiB, shrink)},
          {kHardFamily, FamilyOptions(256 << 10, shrink)},
          {kStateFamily, FamilyOptions(kMiB, shrink)}};
}

rocksdb::WriteOptions Synced() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

rocksdb::WriteOptions Unsynced() { return rocksdb::WriteOptions(); }

}  // namespace microovn::raft
