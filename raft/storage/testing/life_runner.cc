// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/life_runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"

namespace microovn::raft {
namespace {

constexpr size_t kSmallest = 64;

Persist LaterVote() {
  Persist persist;
  persist.hard_state = HardState{Term(1000), MemberId(9, 9)};
  return persist;
}

StoreSnapshotChunk NoSnapshot() {
  StoreSnapshotChunk chunk;
  chunk.bytes = Payload("no snapshot, but longer than the header of one is");
  return chunk;
}

// The names of `calls` that did what they should not.
std::string Succeeded(const std::vector<std::pair<const char*, bool>>& calls) {
  std::string names;
  for (const auto& [name, ok] : calls) {
    if (ok) absl::StrAppend(&names, name, " succeeded after a failure; ");
  }
  return names;
}

std::string Create(SimEnv& env, const LifeStep& first) {
  const RocksdbEnvironment environment = EnvironmentOn(&env);
  const absl::Status created = RocksdbLogStorage::Create(
      kLifeDirectory, LifeIdentity(), Recovered(), environment);
  if (!created.ok()) return absl::StrCat("no new life: ", created.ToString());
  const auto storage = RocksdbLogStorage::Open(kLifeDirectory, environment);
  if (!storage.ok()) return storage.status().ToString();
  const absl::StatusOr<std::string> content = ContentOf(**storage);
  if (!content.ok()) return content.status().ToString();
  return *content == first.stored ? "" : "a new life began with something";
}

std::string CheckContent(const std::string& content,
                         const std::vector<LifeStep>& life,
                         const LifeProgress& progress) {
  const size_t least = std::max<size_t>(progress.durable, 1) - 1;
  for (size_t i = least; i < std::max<size_t>(progress.begun, 1); ++i) {
    if (life[i].stored == content) return std::string();
  }
  for (size_t i = 0; i < life.size(); ++i) {
    if (life[i].stored != content) continue;
    return absl::StrCat("step ", progress.durable - 1,
                        " was acknowledged, but it is as after step ", i, " (",
                        life[i].name, ")");
  }
  return absl::StrCat("between steps ", least, " and ", progress.begun - 1,
                      ", but nothing that ever was");
}

// That `content` outlives a crash right after it was read.
std::string CheckDurable(const DiskImage& disk, const std::string& content) {
  SeededRandom random(1);
  SimEnv env(AfterCrash(disk, Survival::kNothing, random));
  const auto storage =
      RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&env));
  if (!storage.ok()) {
    return absl::StrCat("after a second crash: ", storage.status().ToString());
  }
  const absl::StatusOr<std::string> again = ContentOf(**storage);
  if (!again.ok()) return again.status().ToString();
  if (*again == content) return std::string();
  return absl::StrCat("what was read was not durable; there is now: ",
                      Describe(**storage));
}

}  // namespace

const char kLifeDirectory[] = "/member/raft";

DiskImage FormattedDisk() {
  SimVolume volume;
  volume.MakeDirectory("/member");
  volume.SyncDirectory(DiskImage::kRoot);
  return volume.image();
}

RocksdbEnvironment EnvironmentOn(SimEnv* env) {
  return env->Environment(kSmallest);
}

LifeRunner::LifeRunner(SimEnv* env, const std::vector<LifeStep>* life)
    : env_(env), life_(life) {}

LifeRunner::~LifeRunner() { Kill(); }

absl::Status LifeRunner::Run() {
  for (size_t i = 0; i < life_->size(); ++i) {
    progress_.begun = i + 1;
    RETURN_IF_ERROR(Do((*life_)[i], i == 0));
    if ((*life_)[i].acknowledges) progress_.durable = i + 1;
    env_->RunJobs();
  }
  return absl::OkStatus();
}

absl::Status LifeRunner::Do(const LifeStep& step, bool first) {
  if (step.run != nullptr) return step.run(*storage_);
  const RocksdbEnvironment environment = EnvironmentOn(env_);
  if (first) {
    RETURN_IF_ERROR(RocksdbLogStorage::Create(kLifeDirectory, LifeIdentity(),
                                              Recovered(), environment));
    progress_.durable = 1;
  }
  if (env_->volume().failed()) RETURN_IF_ERROR(Probe());
  storage_ = nullptr;
  ASSIGN_OR_RETURN(storage_,
                   RocksdbLogStorage::Open(kLifeDirectory, environment));
  ASSIGN_OR_RETURN(const std::string content, ContentOf(*storage_));
  if (content == step.stored) return absl::OkStatus();
  return absl::DataLossError("opened with another content");
}

absl::Status LifeRunner::Probe() {
  return storage_ == nullptr ? absl::OkStatus()
                             : storage_->StageChunk(NoSnapshot()).status();
}

std::string LifeRunner::CheckFailureIsFinal() {
  if (storage_ == nullptr) return std::string();
  std::string failures;
  for (int round = 0; round < 2; ++round) {
    env_->RunJobs();
    absl::StrAppend(
        &failures,
        Succeeded({{"Write", storage_->Write({LaterVote()}).ok()},
                   {"WriteState", storage_->WriteState({}, {}).ok()},
                   {"Compact", storage_->Compact({}).ok()},
                   {"StageChunk", storage_->StageChunk(NoSnapshot()).ok()},
                   {"Install", storage_->Install({}).ok()}}));
    // Not even when the cause has gone.
    env_->volume().Extend();
  }
  return failures;
}

void LifeRunner::Kill() {
  env_->volume().Halt();
  storage_ = nullptr;
}

std::string CheckRecovery(SimEnv& env, const std::vector<LifeStep>& life,
                          const LifeProgress& progress, bool twice) {
  const auto storage =
      RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&env));
  if (absl::IsNotFound(storage.status()) && progress.durable == 0) {
    return Create(env, life.front());
  }
  if (!storage.ok()) {
    return absl::StrCat("refused: ", storage.status().ToString());
  }
  const absl::StatusOr<std::string> content = ContentOf(**storage);
  if (!content.ok()) {
    return absl::StrCat("unreadable: ", content.status().ToString());
  }
  std::string failure = CheckContent(*content, life, progress);
  if (!failure.empty()) {
    return absl::StrCat(failure, "; there is: ", Describe(**storage));
  }
  if (twice) failure = CheckDurable(env.volume().image(), *content);
  if (!failure.empty()) return failure;
  env.RunJobs();
  const absl::Status written = (*storage)->Write({LaterVote()});
  return written.ok() ? "" : written.ToString();
}

}  // namespace microovn::raft
