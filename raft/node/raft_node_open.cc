// SPDX-License-Identifier: Apache-2.0
// How a node comes to be: its data made, read back and found whole.
#include <utility>
#include <vector>

#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "raft/core/values/recovered.h"
#include "raft/node/open_error.h"
#include "raft/node/raft_node.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/storage/space/space_file.h"

namespace microovn::raft {

absl::Status RaftNode::CreateFirst(const std::string& directory,
                                   const ClusterId& cluster,
                                   const MemberId& self) {
  // A fresh one for each directory: data that is made anew under an old id must
  // not pass for the member that voted with it.
  const Identity identity{cluster, self, NewIncarnation(RandomSource::Real())};
  return RocksdbLogStorage::Create(directory, identity, Bootstrap(identity));
}

absl::Status RaftNode::CreateJoiner(const std::string& directory,
                                    const ClusterId& cluster,
                                    const MemberId& self,
                                    Incarnation incarnation,
                                    std::vector<MemberId> voters) {
  return RocksdbLogStorage::Create(directory, {cluster, self, incarnation},
                                   JoinerOf(std::move(voters)));
}

Incarnation RaftNode::NewIncarnation(RandomSource& random) {
  const Incarnation drawn(random.Next());
  // 0 says that it is not known.
  return drawn == Incarnation() ? Incarnation(1) : drawn;
}

absl::StatusOr<std::unique_ptr<RaftNode>> RaftNode::Open(NodeOptions options,
                                                         StateMachine* machine,
                                                         Transport* transport,
                                                         const Clock& clock,
                                                         RandomSource& random) {
  std::unique_ptr<SpaceProbe> probe =
      options.space_probe ? options.space_probe(options.directory)
                          : std::make_unique<SpaceFile>(options.directory);
  auto space = std::make_unique<SpaceWatch>(options.space, std::move(probe));
  // Before the database is opened, which needs some of the reserve if the disk
  // was full when the process ended.
  if (FileExists(options.directory)) space->Look();
  absl::StatusOr<std::unique_ptr<RocksdbLogStorage>> storage =
      RocksdbLogStorage::Open(options.directory);
  if (!storage.ok()) return OpenError(storage.status());
  return OpenWith({*std::move(storage), std::move(space)}, std::move(options),
                  machine, transport, clock, random);
}

absl::StatusOr<std::unique_ptr<RaftNode>> RaftNode::OpenOn(
    std::unique_ptr<LogStorage> storage, NodeOptions options,
    StateMachine* machine, Transport* transport, const Clock& clock,
    RandomSource& random) {
  auto space = std::make_unique<SpaceWatch>(options.space, nullptr);
  return OpenWith({std::move(storage), std::move(space)}, std::move(options),
                  machine, transport, clock, random);
}

absl::StatusOr<std::unique_ptr<RaftNode>> RaftNode::OpenWith(
    Disk disk, NodeOptions options, StateMachine* machine, Transport* transport,
    const Clock& clock, RandomSource& random) {
  const absl::StatusOr<StoredMember> stored = disk.storage->Read();
  if (!stored.ok()) return OpenError(stored.status());
  const Recovered& recovered = stored->recovered;
  // The core checks it too, but would end the process for it; this way the
  // caller hears why, with a remedy.
  if (!IsIntact(recovered.base, recovered.entries)) {
    return DamagedError("the chain of the log's entries is broken");
  }
  absl::StatusOr<std::vector<Record>> records = disk.storage->ReadRecords();
  if (!records.ok()) return OpenError(records.status());
  // The state as it was last written. The log behind it is applied as soon as
  // it is known to be committed.
  RETURN_IF_ERROR(machine->Load(recovered.applied, *std::move(records)));
  machine->Publish(recovered.applied);
  auto node = std::unique_ptr<RaftNode>(
      new RaftNode(std::move(disk.storage), std::move(disk.space),
                   stored->identity, std::move(options), transport, clock));
  // Nothing runs before this line, so an error above leaves nothing behind.
  node->Begin(*stored, machine, random.Next());
  return node;
}

}  // namespace microovn::raft
