// SPDX-License-Identifier: Apache-2.0
// The records of a snapshot, as they come from a peer or from the disk: a
// number of bytes of key, the key, two of value, the value, and so on.
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/commands.h"
#include "base/testing/fuzz_target.h"

namespace microovn {
namespace {

size_t TakeSize(absl::string_view* rest, size_t bytes) {
  size_t size = 0;
  for (size_t i = 0; i < bytes && !rest->empty(); ++i) {
    size = size << 8 | static_cast<unsigned char>(rest->front());
    rest->remove_prefix(1);
  }
  return size;
}

std::string TakeBytes(absl::string_view* rest, size_t size) {
  std::string bytes(rest->substr(0, size));
  rest->remove_prefix(bytes.size());
  return bytes;
}

std::vector<agent::StateRecord> RecordsOf(absl::string_view input) {
  std::vector<agent::StateRecord> records;
  while (!input.empty()) {
    agent::StateRecord record;
    record.key = TakeBytes(&input, TakeSize(&input, 1));
    record.value = TakeBytes(&input, TakeSize(&input, 2));
    records.push_back(record);
  }
  return records;
}

std::string InputOf(const std::vector<agent::StateRecord>& records) {
  std::string input;
  for (const agent::StateRecord& record : records) {
    input.push_back(static_cast<char>(record.key.size()));
    input += record.key;
    input.push_back(static_cast<char>(record.value.size() >> 8));
    input.push_back(static_cast<char>(record.value.size() & 0xff));
    input += record.value;
  }
  return input;
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  agent::ClusterState state = agent::TestCluster({"node1"});
  agent::MustApply(state, agent::SetConfigCommand("cluster.voters", "5"));
  agent::MustApply(state, agent::CreateTokenCommand("node4"));
  std::vector<std::string> seeds = {InputOf(agent::EncodeState(state))};
  for (const agent::StateRecord& record : agent::EncodeState(state)) {
    seeds.push_back(InputOf({record}));
  }
  return seeds;
}

void FuzzOne(absl::string_view input) {
  const auto state = agent::DecodeState(RecordsOf(input));
  if (!state.ok()) return;
  const std::vector<agent::StateRecord> records = agent::EncodeState(*state);
  const auto again = agent::DecodeState(records);
  FuzzCheck(again.ok(), "what is written can be read");
  FuzzCheck(agent::EncodeState(*again) == records,
            "a state has one form of bytes");
}

}  // namespace microovn
