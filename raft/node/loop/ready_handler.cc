// SPDX-License-Identifier: Apache-2.0
#include "raft/node/loop/ready_handler.h"

#include <utility>

namespace microovn::raft {

ReadyHandler::ReadyHandler(ReadyActions actions)
    : actions_(std::move(actions)) {}

void ReadyHandler::Handle(Output* output) {
  if (output->persist.has_value()) {
    actions_.persist(*std::move(output->persist));
  }
  for (Send& send : output->sends) {
    // 0 is at or below any token: at once.
    if (send.after <= stored_) {
      actions_.send(std::move(send.message));
    } else {
      held_.push_back(std::move(send));
    }
  }
  if (output->store_snapshot_chunk.has_value()) {
    actions_.apply(*std::move(output->store_snapshot_chunk));
  }
  if (output->install_snapshot.has_value()) {
    actions_.apply(*std::move(output->install_snapshot));
  }
  if (output->apply.has_value()) actions_.apply(*std::move(output->apply));
  for (SnapshotWanted& wanted : output->snapshots_wanted) {
    actions_.apply(std::move(wanted));
  }
  if (output->compact.has_value()) actions_.apply(*std::move(output->compact));
}

void ReadyHandler::Stored(StorageToken token) {
  // One report may be for several batches.
  stored_ = token;
  while (!held_.empty() && held_.front().after <= stored_) {
    actions_.send(std::move(held_.front().message));
    held_.pop_front();
  }
}

}  // namespace microovn::raft
