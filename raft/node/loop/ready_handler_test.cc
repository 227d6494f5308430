// SPDX-License-Identifier: Apache-2.0
#include "raft/node/loop/ready_handler.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReadyHandlerTest : public testing::Test {
 protected:
  // What was done since the last call, in order.
  std::vector<std::string> Done() { return std::exchange(done_, {}); }

  static Send SendOf(uint64_t term, uint64_t after) {
    Send send;
    send.message.header.term = Term(term);
    send.message.body = Heartbeat{};
    send.after = StorageToken(after);
    return send;
  }

  std::vector<std::string> done_;
  ReadyHandler handler_{
      {[this](const Persist& persist) {
         done_.push_back(absl::StrCat("persist ", persist.token.value()));
       },
       [this](const Message& message) {
         done_.push_back(absl::StrCat("send ", message.header.term.value()));
       },
       [this](const ApplierTask& task) {
         done_.push_back(absl::StrCat("apply ", task.index()));
       }}};
};

TEST_F(ReadyHandlerTest, PersistsThenSendsThenApplies) {
  Output output;
  output.compact = CompactLog{};
  output.snapshots_wanted.emplace_back();
  output.apply = Apply{};
  output.install_snapshot = InstallSnapshot{};
  output.store_snapshot_chunk = StoreSnapshotChunk{};
  output.sends = {SendOf(7, 0), SendOf(8, 0)};
  output.persist.emplace();
  output.persist->token = StorageToken(1);
  handler_.Handle(&output);
  EXPECT_THAT(Done(), ElementsAre("persist 1", "send 7", "send 8", "apply 1",
                                  "apply 2", "apply 0", "apply 3", "apply 4"));
}

TEST_F(ReadyHandlerTest, WhatPromisesDurabilityWaitsForIt) {
  Output first;
  first.persist.emplace();
  first.persist->token = StorageToken(1);
  first.sends = {SendOf(1, 1), SendOf(2, 0)};
  handler_.Handle(&first);
  EXPECT_THAT(Done(), ElementsAre("persist 1", "send 2"));

  Output second;
  second.sends = {SendOf(3, 2), SendOf(4, 3)};
  handler_.Handle(&second);
  EXPECT_THAT(Done(), IsEmpty());

  handler_.Stored(StorageToken(2));
  EXPECT_THAT(Done(), ElementsAre("send 1", "send 3"));
  Output third;
  third.sends = {SendOf(5, 2)};
  handler_.Handle(&third);
  EXPECT_THAT(Done(), ElementsAre("send 5"));
  handler_.Stored(StorageToken(3));
  EXPECT_THAT(Done(), ElementsAre("send 4"));
}

}  // namespace
}  // namespace microovn::raft
