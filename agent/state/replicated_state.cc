// SPDX-License-Identifier: Apache-2.0
#include "agent/state/replicated_state.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/values/canonical.h"
#include "agent/state/values/features.h"
#include "agent/state/values/limits.h"
#include "agent/state/values/result.h"
#include "base/status/status_macros.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "raft/core/values/configuration.h"

namespace microovn::agent {

namespace {

// The state knows the names of whom the log refuses, and no others.
static_assert(kMaxTombstones == raft::kMaxRemoved);

// A field that is not known is refused like a command that is not known: what
// an older version would pass over must not make a difference to a newer one
// before every member knows it.
absl::Status Read(absl::string_view bytes, statepb::Command* command) {
  if (!command->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return CommandMalformed("not-a-command");
  }
  if (HasUnknownFields(*command)) return CommandMalformed("unknown-field");
  return absl::OkStatus();
}

}  // namespace

raft::StateMachine::Applied ReplicatedState::Apply(raft::LogIndex,
                                                   absl::string_view command) {
  Applied applied;
  statepb::Command parsed;
  statepb::Result result;
  const absl::Status readable = Read(command, &parsed);
  if (readable.ok()) {
    result = agent::Apply(state_, parsed);
  } else {
    result = ResultOf(readable);
    result.set_revision(state_.revision());
  }
  applied.mutations = TakeMutations(state_);
  changed_ = changed_ || !applied.mutations.empty();
  applied.result = CanonicalBytes(result);
  applied.outcome = absl::StrCat(result.code(), " ", result.reason());
  return applied;
}

absl::Status ReplicatedState::Load(raft::LogIndex,
                                   std::vector<raft::Record> records) {
  ASSIGN_OR_RETURN(state_, DecodeState(records));
  RETURN_IF_ERROR(CheckSupport(state_, AnnouncedFeatures(), "this agent"));
  changed_ = true;
  return absl::OkStatus();
}

void ReplicatedState::Publish(raft::LogIndex) {
  if (!std::exchange(changed_, false)) return;
  store_->Publish(std::make_shared<const ClusterState>(state_));
}

}  // namespace microovn::agent
