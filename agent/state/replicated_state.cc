#include "agent/state/replicated_state.h"

#include <memory>
#include <utility>

#include "agent/errors/cluster_errors.h"
#include "agent/state/apply.h"
#include "agent/state/features.h"
#include "agent/state/result.h"
#include "agent/state/state_codec.h"
#include "base/status_macros.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

raft::StateMachine::Applied ReplicatedState::Apply(raft::LogIndex,
                                                   absl::string_view command) {
  Applied applied;
  statepb::Command parsed;
  statepb::Result result;
  if (parsed.ParseFromArray(command.data(), static_cast<int>(command.size()))) {
    result = agent::Apply(state_, parsed);
  } else {
    result = ResultOf(CommandMalformed("it is not a command"));
    result.set_revision(state_.revision());
  }
  applied.mutations = TakeMutations(state_);
  changed_ = changed_ || !applied.mutations.empty();
  applied.result = result.SerializeAsString();
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
