// SPDX-License-Identifier: Apache-2.0
// The verbs that do what the node does for its core: disk, state machine,
// snapshots, and the end and the start of the process.
#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "raft/core/testing/interaction_env.h"
#include "raft/core/testing/step_words.h"
#include "raft/core/testing/value_words.h"

namespace microovn::raft {
namespace {

// More rounds than any script needs: something goes round in circles.
constexpr int kMaxRounds = 1000;

}  // namespace

void InteractionEnv::Stable(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  const uint64_t count = arguments.Number("count", UINT64_MAX);
  const Member* member = FindMember(n, arguments);
  if (member == nullptr) return;
  if (member->disk.waiting() == 0) arguments.Complain("nothing waits");
  for (uint64_t i = 0; i < count && member->disk.waiting() > 0; ++i) {
    SyncOne(n);
  }
}

void InteractionEnv::SyncOne(uint64_t n) {
  Member& member = members_.at(n);
  const StorageToken token = member.disk.Sync();
  // One log: the sync covers what the state machine wrote before.
  member.disk.SaveApplied(member.applied);
  Step(n, Stored{token});
  while (!member.held.empty() && member.held.front().after <= token) {
    Message message = std::move(member.held.front().message);
    member.held.pop_front();
    Say(absl::StrCat("  ", IsCut(message) ? "lost " : "released ",
                     Words(message.header.from), "->", Words(message.header.to),
                     " ", KindOf(message.body)));
    Post(std::move(message));
  }
}

void InteractionEnv::ApplyVerb(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  const Member* member = FindMember(n, arguments);
  if (member == nullptr) return;
  if (member->applying.empty()) arguments.Complain("nothing to apply");
  while (!member->applying.empty()) ReportApplied(n);
}

void InteractionEnv::ReportApplied(uint64_t n) {
  Member& member = members_.at(n);
  member.applied = member.applying.front();
  member.applying.pop_front();
  Step(n, Applied{member.applied});
}

void InteractionEnv::Checkpoint(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  Member* member = FindMember(n, arguments);
  if (member == nullptr || !member->core.has_value()) return;
  const LogIndex index(arguments.Number("index", member->applied.value()));
  auto checkpoint = member->core->DescribeSnapshot(index);
  if (checkpoint.has_value()) {
    member->disk.SaveCheckpoint(*std::move(checkpoint));
  }
  Step(n, Checkpointed{index});
}

void InteractionEnv::ReadSnapshot(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  const Member* member = FindMember(n, arguments);
  if (member == nullptr) return;
  if (member->snapshots_wanted.empty()) arguments.Complain("none is wanted");
  while (!member->snapshots_wanted.empty()) ServeSnapshot(n);
}

void InteractionEnv::ServeSnapshot(uint64_t n) {
  Member& member = members_.at(n);
  const SnapshotWanted wanted = std::move(member.snapshots_wanted.front());
  member.snapshots_wanted.pop_front();
  const auto& checkpoint = member.disk.checkpoint();
  if (!checkpoint.has_value() || checkpoint->index < wanted.at_least) {
    Complain(absl::StrCat(n, " has no checkpoint that is new enough"));
    return;
  }
  SnapshotReady ready;
  ready.to = wanted.to;
  ready.snapshot = *checkpoint;
  ready.offset = wanted.resume == checkpoint ? wanted.offset : 0;
  const std::string all = SnapshotBytes(checkpoint->index);
  const auto offset = static_cast<size_t>(ready.offset);
  ready.bytes = Payload(all.substr(offset, wanted.max_bytes));
  ready.last = offset + ready.bytes.size() == all.size();
  Step(n, std::move(ready));
}

void InteractionEnv::StoreChunk(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  const Member* member = FindMember(n, arguments);
  if (member == nullptr) return;
  if (member->chunks.empty()) arguments.Complain("no chunk waits");
  while (!member->chunks.empty()) KeepChunk(n);
}

void InteractionEnv::KeepChunk(uint64_t n) {
  Member& member = members_.at(n);
  const StoreSnapshotChunk chunk = std::move(member.chunks.front());
  member.chunks.pop_front();
  Step(n, SnapshotProgress{chunk.snapshot, member.disk.StoreChunk(chunk)});
}

void InteractionEnv::Install(ScriptArguments& arguments) {
  const bool fail = arguments.Flag("fail");
  const uint64_t n = arguments.NextNumber("member");
  const Member* member = FindMember(n, arguments);
  if (member == nullptr) return;
  if (!member->install.has_value()) {
    arguments.Complain("nothing to install");
    return;
  }
  FinishInstall(n, !fail);
}

void InteractionEnv::FinishInstall(uint64_t n, bool installed) {
  Member& member = members_.at(n);
  // Ordered behind all writes before it.
  while (member.disk.waiting() > 0) SyncOne(n);
  const SnapshotMetadata snapshot = member.install->snapshot;
  member.install.reset();
  if (installed) {
    member.disk.Install(snapshot);
    member.applying.clear();
    member.applied = snapshot.index;
  } else {
    member.disk.DropPartialSnapshot();
  }
  Step(n, SnapshotInstalled{snapshot, installed});
}

void InteractionEnv::Crash(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  const auto survivors = static_cast<size_t>(arguments.Number("survive", 0));
  Member* member = FindMember(n, arguments);
  if (member == nullptr) return;
  member->core.reset();
  member->disk.Crash(survivors);
}

void InteractionEnv::Restart(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  if (FindMember(n, arguments) == nullptr) return;
  Start(n);
  Say(absl::StrCat(n, " ", Lines(members_.at(n).core->Describe()).front()));
}

void InteractionEnv::Stabilize(ScriptArguments& arguments) {
  const std::string words = arguments.Next().value_or("all");
  SettleAmong(MembersOf(words, arguments));
}

void InteractionEnv::SettleAmong(const std::vector<uint64_t>& members) {
  for (int round = 0; round < kMaxRounds; ++round) {
    bool worked = false;
    for (const uint64_t n : members) worked |= WorkOf(n);
    std::deque<Message> rest;
    for (Message& message : std::exchange(pool_, {})) {
      const uint64_t from = message.header.from.low();
      const uint64_t to = message.header.to.low();
      if (absl::c_linear_search(members, from) &&
          absl::c_linear_search(members, to)) {
        Deliver(message);
        worked = true;
      } else {
        rest.push_back(std::move(message));
      }
    }
    // What was not for these members stays in front.
    pool_.insert(pool_.begin(), rest.begin(), rest.end());
    if (!worked) return;
  }
  Complain("does not become quiet");
}

bool InteractionEnv::WorkOf(uint64_t n) {
  Member& member = members_.at(n);
  if (!member.core.has_value() || member.faulted) return false;
  bool worked = false;
  for (; member.disk.waiting() > 0; worked = true) SyncOne(n);
  for (; !member.chunks.empty(); worked = true) KeepChunk(n);
  if (member.install.has_value()) {
    FinishInstall(n, /*installed=*/true);
    worked = true;
  }
  for (; !member.applying.empty(); worked = true) ReportApplied(n);
  for (; !member.snapshots_wanted.empty(); worked = true) ServeSnapshot(n);
  return worked;
}

}  // namespace microovn::raft
