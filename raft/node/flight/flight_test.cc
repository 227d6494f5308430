// SPDX-License-Identifier: Apache-2.0
// A node's flight leads to where the node was, from wherever it begins.
#include "raft/node/flight/flight.h"

#include <sys/stat.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/node/flight/flight_file.h"
#include "raft/node/raft_node.h"
#include "raft/node/testing/memory_network.h"
#include "raft/node/testing/testing_cluster.h"
#include "raft/transport/answer.h"

namespace microovn::raft {
namespace {

using testing::ElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(20);

absl::StatusOr<Flight> FlightIn(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path);
  if (!bytes.ok()) return bytes.status();
  return DecodeFlight(*bytes);
}

TEST(FlightTest, ReplaysFromItsMiddle) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  cluster.options.flight.max_inputs = 64;
  cluster.FormThree();
  for (int i = 0; i < 50; ++i) {
    ASSERT_OK(cluster.node(0).Propose(absl::StrCat(i, "=v"), kPatience));
  }
  for (size_t i = 0; i < 3; ++i) {
    const auto path = cluster.node(i).DumpFlight();
    ASSERT_OK(path);
    const auto flight = FlightIn(*path);
    ASSERT_OK(flight);
    ASSERT_EQ(flight->segments.size(), 2u);
    EXPECT_EQ(flight->segments[0].inputs.size(), 32u);
    const auto core = Replay(*flight);
    ASSERT_OK(core);
    EXPECT_GT(core->commit(), LogIndex(40));
    // The same bytes again.
    EXPECT_EQ(EncodeFlight(*flight), *ReadFile(*path));

    Flight other = *flight;
    other.segments[0].inputs.back().input = SpaceChanged{true};
    EXPECT_THAT(Replay(other), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(FlightTest, AFaultIsReplayed) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  cluster.options.flight.max_inputs = 64;
  const auto failure = std::make_shared<Answer<absl::Status>>();
  cluster.options.failed = [failure](const absl::Status& status) {
    failure->Set(status);
  };
  cluster.FormThree();
  for (int i = 0; i < 50; ++i) {
    ASSERT_OK(cluster.node(0).Propose(absl::StrCat(i, "=v"), kPatience));
  }
  const size_t leader = cluster.Leader();
  const size_t victim = (leader + 1) % 3;
  const size_t impostor = (leader + 2) % 3;
  const NodeStatus status = cluster.node(victim).Status();
  Message second;
  second.header = {status.cluster, cluster.id(impostor), cluster.id(victim),
                   cluster.node(impostor).identity().incarnation, status.term};
  second.body = Heartbeat{};
  cluster.node(victim).Deliver({second}, LogIndex(0));
  const auto failed = failure->Wait(kPatience);
  ASSERT_TRUE(failed.has_value());

  const auto names = ListDirectory(cluster.directory(victim));
  ASSERT_OK(names);
  std::string path;
  for (const std::string& name : *names) {
    if (absl::StartsWith(name, "flight-")) {
      path = JoinPath(cluster.directory(victim), name);
    }
  }
  ASSERT_FALSE(path.empty());
  struct stat file = {};
  ASSERT_EQ(stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  const auto flight = FlightIn(path);
  ASSERT_OK(flight);
  ASSERT_TRUE(flight->fault.has_value());
  EXPECT_EQ(flight->fault->kind, FaultKind::kSecondLeaderInTerm);
  EXPECT_NE(failed->message().find(flight->fault->detail),
            absl::string_view::npos);
  std::optional<Fault> replayed;
  ASSERT_OK(Replay(*flight, [&](const RecordedInput&, const Output& output) {
    if (output.fault.has_value()) replayed = output.fault;
  }));
  ASSERT_TRUE(replayed.has_value());
  EXPECT_EQ(replayed->detail, flight->fault->detail);

  Flight without = *flight;
  without.segments.back().inputs.pop_back();
  EXPECT_THAT(Replay(without), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(FlightTest, RefusesWhatItCannotRead) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  cluster.Found();
  const auto path = cluster.node(0).DumpFlight();
  ASSERT_OK(path);
  const auto bytes = ReadFile(*path);
  ASSERT_OK(bytes);
  for (size_t size = 0; size < bytes->size(); size += 7) {
    EXPECT_THAT(DecodeFlight(bytes->substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  std::string other = *bytes;
  other.insert(other.find('\n'), "-next");
  EXPECT_THAT(DecodeFlight(other),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(FlightTest, OnlyTheLastFilesStay) {
  TempDir directory;
  for (int i = 1; i <= 6; ++i) {
    ASSERT_OK(KeepFlight(directory.path(), absl::StrCat(i),
                         absl::FromUnixSeconds(1'700'000'000 + i)));
  }
  const auto names = ListDirectory(directory.path());
  ASSERT_OK(names);
  EXPECT_THAT(*names, ElementsAre("flight-01700000003", "flight-01700000004",
                                  "flight-01700000005", "flight-01700000006"));
}

}  // namespace
}  // namespace microovn::raft
