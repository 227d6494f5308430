// SPDX-License-Identifier: Apache-2.0
// Steps through a flight that a node has left: replay_flight FILE
#include <cstdio>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "raft/node/flight/flight.h"
#include "raft/node/flight/node_words.h"

namespace microovn::raft {
namespace {

// More than a recorder keeps; only so that a wrong file is not read whole.
constexpr size_t kLargestFile = size_t{1} << 30;

// In the order of Input.
constexpr const char* kInputs[] = {
    "Tick",          "Received", "Propose",           "Configuration",
    "Read",          "Stored",   "Applied",           "Checkpointed",
    "SnapshotReady", "Progress", "SnapshotInstalled", "Transfer",
    "Connection",    "Space"};
static_assert(std::size(kInputs) == std::variant_size_v<Input>);

void Print(const RecordedInput& input, const Output& output) {
  std::cout << input.now << " " << kInputs[input.input.index()];
  if (const auto* received = std::get_if<Received>(&input.input)) {
    std::cout << " " << received->message.body.index() << " of "
              << received->message.header.from << " term "
              << received->message.header.term;
  }
  std::cout << ": sends " << output.sends.size();
  for (const RoleChanged& change : output.role_changes) {
    std::cout << ", " << NameOf(change.role) << " in term " << change.term
              << " (" << NameOf(change.reason) << ")";
  }
  if (output.fault.has_value()) {
    std::cout << ", FAULT " << NameOf(output.fault->kind) << ": "
              << output.fault->detail;
  }
  std::cout << "\n";
}

absl::Status Show(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kLargestFile));
  ASSIGN_OR_RETURN(const Flight flight, DecodeFlight(bytes));
  ASSIGN_OR_RETURN(const RaftCore core, Replay(flight, Print));
  std::cout << "replayed: " << NameOf(core.role()) << ", term "
            << core.hard_state().term << ", commit " << core.commit() << "\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace microovn::raft

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: replay_flight FILE\n";
    return 2;
  }
  const absl::Status shown = microovn::raft::Show(argv[1]);
  if (!shown.ok()) std::cerr << shown << "\n";
  return shown.ok() ? 0 : 1;
}
