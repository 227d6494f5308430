// SPDX-License-Identifier: Apache-2.0
// A configuration entry's payload, as a peer sends it or a disk gives it back.
#include "base/testing/fuzz_target.h"
#include "raft/core/values/configuration.h"

namespace microovn {
namespace {

raft::Configuration Joint() {
  raft::Configuration from;
  from.voters = {raft::MemberId(1, 2), raft::MemberId(3, 4)};
  from.removed = {raft::MemberId(9, 9)};
  return *raft::BeginChange(from,
                            {{raft::MemberId(3, 4), raft::MemberId(5, 6)},
                             {raft::MemberId(1, 2)},
                             {{raft::MemberId(5, 6), raft::Incarnation(7)}}})
              .next;
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  return {raft::EncodeConfiguration(Joint()),
          raft::EncodeConfiguration(raft::LeaveJoint(Joint()))};
}

void FuzzOne(absl::string_view input) {
  const auto configuration = raft::DecodeConfiguration(input);
  if (!configuration.has_value()) return;
  FuzzCheck(raft::EncodeConfiguration(*configuration) == input,
            "only what was encoded is decoded");
  for (const raft::MemberId member : configuration->Members()) {
    FuzzCheck(configuration->Contains(member), "members are contained");
  }
  if (!configuration->is_joint()) return;
  const raft::Configuration next = raft::LeaveJoint(*configuration);
  FuzzCheck(raft::IsLegalTransition(*configuration, next),
            "a joint configuration may be left");
  FuzzCheck(raft::DecodeConfiguration(raft::EncodeConfiguration(next)) == next,
            "what a leader appends next can be read");
}

}  // namespace microovn
