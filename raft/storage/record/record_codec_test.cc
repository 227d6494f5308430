// SPDX-License-Identifier: Apache-2.0
// What is refused of what is on the disk; what it looks like, see format_test.
#include "raft/storage/record/record_codec.h"

#include <string>

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kFar = kGreatestNumber + 1;

TEST(RecordCodecTest, NumbersNearTheEndOfTheirRangeAreDamage) {
  const auto damaged = StatusIs(absl::StatusCode::kDataLoss);
  HardState hard_state{Term(kGreatestNumber), MemberId(1, 2)};
  EXPECT_OK(DecodeHardState(EncodeHardState(hard_state)));
  hard_state.term = Term(kFar);
  EXPECT_THAT(DecodeHardState(EncodeHardState(hard_state)), damaged);

  Entry entry;
  entry.term = Term(1);
  entry.kind = EntryKind::kCommand;
  EXPECT_OK(DecodeEntry(LogIndex(kGreatestNumber), EncodeEntry(entry)));
  EXPECT_THAT(DecodeEntry(LogIndex(kFar), EncodeEntry(entry)), damaged);
  entry.term = Term(kFar);
  EXPECT_THAT(DecodeEntry(LogIndex(1), EncodeEntry(entry)), damaged);

  for (LogIndex SnapshotMetadata::*field :
       {&SnapshotMetadata::index, &SnapshotMetadata::configuration_index}) {
    SnapshotMetadata metadata;
    metadata.*field = LogIndex(kFar);
    EXPECT_THAT(DecodeMetadata(EncodeMetadata(metadata)), damaged);
  }
  SnapshotMetadata metadata;
  metadata.term = Term(kFar);
  EXPECT_THAT(DecodeMetadata(EncodeMetadata(metadata)), damaged);

  const std::string hash(32, 'h');
  EXPECT_OK(DecodeAppliedState(EncodeAppliedState({LogIndex(7), hash})));
  EXPECT_THAT(DecodeAppliedState(EncodeAppliedState({LogIndex(kFar), hash})),
              damaged);
}

}  // namespace
}  // namespace microovn::raft
