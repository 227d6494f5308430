// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/cluster_status_reads.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/watch/testing/fake_change_watch.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

std::string StatusText(const std::string& leader, int term) {
  return absl::StrCat(
      "fca7\nName: OVN_Northbound\nCluster ID: cc33 "
      "(cc330789-a3b4-4ed2-8282-23973489852c)\nServer ID: fca7 "
      "(fca7830e-2e12-47b3-ac99-60a777ca0359)\nAddress: "
      "ssl:10.0.0.1:6643\nStatus: cluster member\nRole: ",
      leader == "self" ? "leader" : "follower", "\nTerm: ", term,
      "\nLeader: ", leader, "\nVote: self\n\nElection timer: 1000\n",
      "Log: [2, 16]\nEntries not yet committed: 0\n",
      "Entries not yet applied: 0\nConnections:\nDisconnections: 0\n",
      "Servers:\n    fca7 (fca7 at ssl:10.0.0.1:6643) (self)\n");
}

class ClusterStatusReadsTest : public ::testing::Test {
 protected:
  OvsSockets Sockets() {
    OvsSockets sockets;
    sockets.unixctl = [this](const std::string&, const std::string& command,
                             const std::vector<std::string>&, absl::Duration) {
      ++asked_;
      return command == "cluster/status"
                 ? absl::StatusOr<std::string>(StatusText(leader_, asked_))
                 : "";
    };
    return sockets;
  }

  // How often the server was asked for `times` questions.
  int AskedFor(int times, const std::string& command = "cluster/status") {
    const int before = asked_;
    for (int i = 0; i < times; ++i) {
      EXPECT_OK(through_.unixctl("socket", command, {"OVN_Northbound"},
                                 absl::Seconds(1)));
    }
    return asked_ - before;
  }

  FakeClock clock_;
  FakeChangeWatch watch_;
  std::string leader_ = "self";
  int asked_ = 0;
  ClusterStatusReads reads_{&watch_, &clock_};
  OvsSockets through_ = Through(&reads_, Sockets());
};

TEST_F(ClusterStatusReadsTest, AsksAServerThatServesOnceUntilThereIsNews) {
  EXPECT_EQ(AskedFor(5), 1);
  watch_.Change();
  EXPECT_EQ(AskedFor(5), 1);
  leader_ = "43db";
  watch_.Change();
  EXPECT_EQ(AskedFor(5), 1) << "a follower that knows its leader serves too";
}

TEST_F(ClusterStatusReadsTest, AsksAServerWithoutALeaderEachTime) {
  leader_ = "unknown";
  EXPECT_EQ(AskedFor(5), 5);
}

TEST_F(ClusterStatusReadsTest, AsksEachTimeAfterACommand) {
  EXPECT_EQ(AskedFor(2), 1);
  EXPECT_EQ(AskedFor(1, "cluster/kick"), 1);
  EXPECT_EQ(AskedFor(5), 5) << "a kick is answered before it has been agreed";
  clock_.Advance(absl::Seconds(61));
  EXPECT_EQ(AskedFor(5), 1);
}

TEST_F(ClusterStatusReadsTest, CommandsGoThrough) {
  EXPECT_EQ(AskedFor(3, "cluster/leave"), 3);
}

TEST_F(ClusterStatusReadsTest, ForgetsWhenItIsTold) {
  EXPECT_EQ(AskedFor(2), 1);
  reads_.Forget();
  EXPECT_EQ(AskedFor(2), 1);
}

}  // namespace
}  // namespace microovn::agent
