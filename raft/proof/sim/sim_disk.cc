// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/sim_disk.h"

#include <algorithm>
#include <utility>

#include "raft/core/log/possible_loss.h"

namespace microovn::raft {
namespace {

constexpr size_t kRecentSteps = 12;

}  // namespace

SimDisk::SimDisk(const Recovered& recovered) {
  durable_.hard_state = recovered.hard_state;
  durable_.base = recovered.base;
  durable_.entries.assign(recovered.entries.begin(), recovered.entries.end());
}

void SimDisk::Sync(StorageToken token) {
  while (!pending_.empty()) {
    const auto* persist = std::get_if<Persist>(&pending_.front());
    if (persist != nullptr && persist->token > token) return;
    const bool last = persist != nullptr && persist->token == token;
    MakeDurable(std::move(pending_.front()));
    pending_.pop_front();
    if (last) return;
  }
}

void SimDisk::SyncAll() {
  for (Operation& operation : pending_) MakeDurable(std::move(operation));
  pending_.clear();
}

void SimDisk::Install(const SnapshotMetadata& snapshot,
                      const SimStateMachine& state) {
  SyncAll();
  MakeDurable(Installed{snapshot, state});
}

void SimDisk::Crash(SeededRandom& random) {
  const size_t survive = random.Uniform(pending_.size() + 1);
  for (size_t i = 0; i < survive; ++i) MakeDurable(std::move(pending_[i]));
  pending_.clear();
}

void SimDisk::KeepTail() {
  keep_ = true;
  earlier_ = durable_;
}

void SimDisk::LoseTail(SeededRandom& random) {
  pending_.clear();
  if (recent_.empty()) return;
  const size_t survive = random.Uniform(recent_.size());
  const Image before = std::move(durable_);
  durable_ = earlier_;
  for (size_t i = 0; i < survive; ++i) Redo(recent_[i], durable_);
  recent_.resize(survive);
  lost_base_ = std::max(lost_base_, before.base.index);
  for (const Entry& entry : before.entries) {
    if (!durable_.Holds(entry.index, entry.chain)) {
      lost_[entry.index] = entry.chain;
    }
  }
}

void SimDisk::EndQuarantine() {
  Persist end;
  end.hard_state = HardStateWithout(durable_.hard_state, promised_.tail);
  end.ends_quarantine = true;
  MakeDurable(std::move(end));
}

Recovered SimDisk::Recover() const {
  Recovered recovered;
  recovered.hard_state = durable_.hard_state;
  recovered.base = durable_.base;
  recovered.entries.assign(durable_.entries.begin(), durable_.entries.end());
  recovered.applied = durable_.state.applied();
  if (in_quarantine()) recovered.quarantine = promised_.tail;
  return recovered;
}

bool SimDisk::Holds(LogIndex index, ChainHash chain) const {
  if (durable_.Holds(index, chain)) return true;
  if (!in_quarantine()) return false;
  const auto lost = lost_.find(index);
  return index <= lost_base_ || (lost != lost_.end() && lost->second == chain);
}

// In quarantine nothing is promised until the batch that ends it.
void SimDisk::MakeDurable(Operation operation) {
  const auto* persist = std::get_if<Persist>(&operation);
  const bool acknowledged =
      persist != nullptr || std::holds_alternative<Installed>(operation);
  const bool ends = persist != nullptr && persist->ends_quarantine;
  const bool promises = acknowledged && (ends || !in_quarantine());
  Step step;
  step.sequence = promises ? promised_.sequence + 1 : durable_.sequence;
  step.operation = std::move(operation);
  Redo(step, durable_);
  if (promises) {
    promised_ = {durable_.sequence, durable_.Promise()};
    lost_base_ = LogIndex(0);
    lost_.clear();
  }
  if (!keep_) return;
  recent_.push_back(std::move(step));
  if (recent_.size() <= kRecentSteps) return;
  Redo(recent_.front(), earlier_);
  recent_.pop_front();
}

void SimDisk::Redo(const Step& step, Image& image) {
  std::visit([&image](const auto& typed) { image.Apply(typed); },
             step.operation);
  image.sequence = step.sequence;
}

void SimDisk::Image::Apply(const Persist& persist) {
  if (persist.hard_state.has_value()) hard_state = *persist.hard_state;
  if (persist.truncate_from.has_value()) {
    while (!entries.empty() && entries.back().index >= *persist.truncate_from) {
      entries.pop_back();
    }
  }
  for (const Entry& entry : persist.entries) entries.push_back(entry);
}

void SimDisk::Image::Apply(const SnapshotMetadata& compacted) {
  while (!entries.empty() && entries.front().index <= compacted.index) {
    entries.pop_front();
  }
  base = compacted;
}

void SimDisk::Image::Apply(const Installed& installed) {
  base = installed.base;
  entries.clear();
  state = installed.state;
}

bool SimDisk::Image::Holds(LogIndex index, ChainHash chain) const {
  if (index <= base.index) return true;
  const uint64_t at = index.value() - base.index.value() - 1;
  return at < entries.size() && entries[static_cast<size_t>(at)].chain == chain;
}

Quarantine SimDisk::Image::Promise() const {
  if (entries.empty()) return {hard_state.term, {base.index, base.term}};
  return {hard_state.term, {entries.back().index, entries.back().term}};
}

}  // namespace microovn::raft
