// SPDX-License-Identifier: Apache-2.0
// Commands as the log may hold them, on the state of a cluster: whatever one
// says, all members come to the same, and it can be stored.
#include <string>
#include <vector>

#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/commands.h"
#include "base/testing/fuzz_target.h"

namespace microovn {
namespace {

namespace statepb = ::microovn::internal::state::v1;
using statepb::Command;

const agent::ClusterState& Before() {
  static const auto* const kState = [] {
    auto* state = new agent::ClusterState(
        agent::TestCluster({"node1", "node2", "node3", "node4"}));
    agent::MustApply(*state, agent::CreateTokenCommand("node5"));
    agent::MustApply(*state, agent::RemovalCommand("node4", "removal"));
    return state;
  }();
  return *kState;
}

// Neither the clock nor what counts refusals.
std::vector<agent::StateRecord> MembersOf(const agent::ClusterState& state) {
  std::vector<agent::StateRecord> members;
  for (const agent::StateRecord& record : agent::EncodeState(state)) {
    if (record.key.rfind("member/", 0) == 0 ||
        record.key.rfind("authority/", 0) == 0) {
      members.push_back(record);
    }
  }
  return members;
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  Command cancel = agent::CommandAt(agent::kTestTime);
  cancel.mutable_cancel_operation()->set_operation_id(agent::TestId("removal"));
  std::vector<std::string> seeds;
  for (const Command& command :
       {agent::BootstrapCommand("node1"), agent::CreateTokenCommand("node6"),
        agent::AdmitCommand("node5"), agent::ConfirmCommand("node1"),
        agent::RemovalCommand("node3", "another"),
        agent::ServiceCommand("node3", statepb::SERVICE_CENTRAL, false, "off"),
        agent::SetConfigCommand("cluster.voters", "5"),
        agent::ReportCommand(Before(), "node1", true), cancel}) {
    seeds.push_back(command.SerializeAsString());
  }
  return seeds;
}

void FuzzOne(absl::string_view input) {
  Command command;
  if (!command.ParseFromArray(input.data(), static_cast<int>(input.size()))) {
    return;
  }
  agent::ClusterState here = Before();
  agent::ClusterState there = Before();
  const statepb::Result result = agent::Apply(here, command);
  const statepb::Result other = agent::Apply(there, command);
  FuzzCheck(result.SerializeAsString() == other.SerializeAsString(),
            "an entry has one answer");
  const auto records = agent::EncodeState(here);
  FuzzCheck(records == agent::EncodeState(there), "all come to one state");
  const auto stored = agent::DecodeState(records);
  FuzzCheck(stored.ok() && agent::EncodeState(*stored) == records,
            "what is applied can be stored");
  FuzzCheck(result.code() == 0 || MembersOf(here) == MembersOf(Before()),
            "what is refused changes no member and no authority");
}

}  // namespace microovn
