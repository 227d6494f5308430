#include "raft/sim/sim_disk.h"

#include <utility>

namespace microovn::raft {

SimDisk::SimDisk(const Recovered& recovered)
    : hard_state_(recovered.hard_state),
      base_(recovered.base),
      entries_(recovered.entries.begin(), recovered.entries.end()) {}

void SimDisk::Sync(StorageToken token) {
  while (!pending_.empty()) {
    const auto* persist = std::get_if<Persist>(&pending_.front());
    if (persist != nullptr && persist->token > token) return;
    const bool last = persist != nullptr && persist->token == token;
    MakeDurable(pending_.front());
    pending_.pop_front();
    if (last) return;
  }
}

void SimDisk::SyncAll() {
  for (Operation& operation : pending_) MakeDurable(operation);
  pending_.clear();
}

void SimDisk::Install(const SnapshotMetadata& snapshot,
                      const SimStateMachine& state) {
  SyncAll();
  base_ = snapshot;
  entries_.clear();
  state_ = state;
}

void SimDisk::Crash(SeededRandom& random) {
  const size_t survive = random.Uniform(pending_.size() + 1);
  for (size_t i = 0; i < survive; ++i) MakeDurable(pending_[i]);
  pending_.clear();
}

Recovered SimDisk::Recover() const {
  Recovered recovered;
  recovered.hard_state = hard_state_;
  recovered.base = base_;
  recovered.entries.assign(entries_.begin(), entries_.end());
  recovered.applied = state_.applied();
  return recovered;
}

bool SimDisk::Holds(LogIndex index, ChainHash chain) const {
  if (index <= base_.index) return true;
  const uint64_t at = index.value() - base_.index.value() - 1;
  return at < entries_.size() &&
         entries_[static_cast<size_t>(at)].chain == chain;
}

void SimDisk::MakeDurable(Operation& operation) {
  std::visit([this](auto& typed) { Apply(typed); }, operation);
}

void SimDisk::Apply(Persist& persist) {
  if (persist.hard_state.has_value()) hard_state_ = *persist.hard_state;
  if (persist.truncate_from.has_value()) {
    while (!entries_.empty() &&
           entries_.back().index >= *persist.truncate_from) {
      entries_.pop_back();
    }
  }
  for (Entry& entry : persist.entries) entries_.push_back(std::move(entry));
}

void SimDisk::Apply(SnapshotMetadata& base) {
  while (!entries_.empty() && entries_.front().index <= base.index) {
    entries_.pop_front();
  }
  base_ = std::move(base);
}

}  // namespace microovn::raft
