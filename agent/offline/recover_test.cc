// SPDX-License-Identifier: Apache-2.0
#include "agent/offline/recover.h"

#include <stdlib.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/identity/identity_store.h"
#include "agent/identity/recovery_store.h"
#include "agent/identity/root_lock.h"
#include "agent/offline/stopped_node.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "raft/node/apply/state_machine.h"
#include "raft/node/raft_node.h"
#include "raft/transport/fake_transport.h"

namespace microovn::agent {
namespace {

using internal::node::v1::NodeIdentity;
using testing::HasSubstr;

// Knows nothing and is always content.
class NoState final : public raft::StateMachine {
 public:
  Applied Apply(raft::LogIndex, absl::string_view) override { return {}; }
  absl::Status Load(raft::LogIndex, std::vector<raft::Record>) override {
    return absl::OkStatus();
  }
  void Publish(raft::LogIndex) override {}
};

// A founding member named node1 whose agent has stopped.
class RecoverTest : public testing::Test {
 protected:
  RecoverTest() {
    EXPECT_OK(MakeDirectories(state_, 0700));
    NodeIdentity identity;
    identity.set_phase(NodeIdentity::PHASE_MEMBER);
    identity.set_cluster_id(std::string(32, 'c'));
    identity.set_member_id(std::string(32, 'a'));
    identity.set_name("node1");
    identity.set_address("10.0.0.1:6443");
    EXPECT_OK(store_.Save(identity));
    EXPECT_OK(raft::RaftNode::CreateFirst(
        store_.log_directory(), *raft::ClusterId::FromHex(std::string(32, 'c')),
        *raft::MemberId::FromHex(std::string(32, 'a'))));
  }

  absl::Status Run(const RecoverOptions& options) {
    out_.str("");
    return Recover(options, clock_, random_, out_);
  }
  // Whether the member, started, leads within `patience`.
  bool Leads(absl::Duration patience) {
    NoState machine;
    raft::FakeNetwork network;
    raft::FakeTransport transport(&network);
    raft::NodeOptions options;
    options.directory = store_.log_directory();
    auto node = raft::RaftNode::Open(options, &machine, &transport,
                                     Clock::Real(), RandomSource::Real());
    EXPECT_OK(node);
    return (*node)->Propose("command", patience).ok();
  }
  // What was acknowledged last, as a disk that lies loses it.
  void LoseTheTail() {
    for (const auto& file :
         std::filesystem::directory_iterator(store_.log_directory())) {
      if (file.path().extension() == ".log" && file.file_size() > 0) {
        std::filesystem::resize_file(file.path(), file.file_size() / 2);
      }
    }
  }
  // A crash came before the decision was carried out.
  void DecideBefore() {
    const auto node = StoppedNode::Open(root_);
    ASSERT_OK(node);
    const StoppedNodeFacts facts = (*node)->Facts();
    ASSERT_TRUE(facts.quarantine.has_value());
    internal::node::v1::Recovery earlier;
    earlier.set_action(internal::node::v1::Recovery::ACTION_END_QUARANTINE);
    earlier.set_statement("decided and not done");
    earlier.set_lost_term(facts.quarantine->term.value());
    earlier.set_lost_last_index(facts.quarantine->last.index.value());
    earlier.set_lost_last_term(facts.quarantine->last.term.value());
    ASSERT_OK(RecoveryStore(state_).Add(earlier));
  }
  RecoverOptions Look() const {
    RecoverOptions options;
    options.root = root_;
    return options;
  }
  RecoverOptions End() const {
    RecoverOptions options = Look();
    options.end_quarantine = true;
    options.member = "node1";
    options.accept_loss = "nothing was changed that day";
    return options;
  }

  TempDir directory_;
  const std::string root_ = directory_.File("root");
  const std::string state_ = root_ + "/state";
  const IdentityStore store_{state_};
  FakeClock clock_;
  SeededRandom random_{1};
  std::ostringstream out_;
};

TEST_F(RecoverTest, LooksAndSaysWhoThisIs) {
  ASSERT_OK(Run(Look()));
  EXPECT_THAT(out_.str(), HasSubstr("node1 at 10.0.0.1:6443"));
  EXPECT_THAT(out_.str(), HasSubstr("ends at index 1 of term 1"));
  EXPECT_THAT(out_.str(), HasSubstr("nothing to recover"));
}

TEST_F(RecoverTest, NotWhileTheAgentRuns) {
  const auto lock = LockRoot(state_);
  ASSERT_OK(lock);
  EXPECT_THAT(Run(Look()), HasReason("ROOT_IN_USE"));
}

TEST_F(RecoverTest, NotWhereThereIsNoMember) {
  RecoverOptions options = Look();
  options.root = directory_.File("elsewhere");
  EXPECT_THAT(Run(options), HasReason("NOT_BOOTSTRAPPED"));
  EXPECT_FALSE(FileExists(options.root));
  ASSERT_OK(store_.Erase());
  EXPECT_THAT(Run(Look()), HasReason("NOT_BOOTSTRAPPED"));
}

TEST_F(RecoverTest, TheOnlyVoterComesBackByItAndKnowsWhatWasDecided) {
  ASSERT_TRUE(Leads(absl::Seconds(20)));
  LoseTheTail();
  ASSERT_FALSE(Leads(absl::Seconds(1)));
  ASSERT_OK(Run(Look()));
  EXPECT_THAT(out_.str(), HasSubstr("may be lost"));
  EXPECT_THAT(out_.str(), HasSubstr("--end-quarantine --member=node1"));
  RecoverOptions silent = End();
  silent.accept_loss = "";
  EXPECT_THAT(Run(silent), HasReason("LOSS_NOT_ACCEPTED"));
  ASSERT_FALSE(Leads(absl::Seconds(1))) << "nothing has changed yet";
  DecideBefore();
  setenv("SUDO_USER", "ann", 1);
  ASSERT_OK(Run(End()));
  unsetenv("SUDO_USER");
  EXPECT_THAT(out_.str(), HasSubstr("node1 votes again"));
  const auto decided = RecoveryStore(state_).Load();
  ASSERT_OK(decided);
  ASSERT_EQ(decided->recoveries_size(), 1);
  EXPECT_EQ(decided->recoveries(0).statement(), "nothing was changed that day");
  EXPECT_EQ(decided->recoveries(0).by(), "ann") << "the person behind sudo";
  EXPECT_TRUE(Leads(absl::Seconds(20)));
}

TEST_F(RecoverTest, ALeavingNodeForgetsWhatWasDecided) {
  ASSERT_OK(RecoveryStore(state_).Add(internal::node::v1::Recovery()));
  ASSERT_OK(store_.Erase());
  EXPECT_FALSE(FileExists(state_ + "/recovery.json"))
      << "a node that leaves its cluster keeps nothing of it";
}

TEST_F(RecoverTest, RefusalsLeaveNothingBehind) {
  EXPECT_THAT(Run(End()), HasReason("NOT_IN_QUARANTINE"));
  RecoverOptions other = End();
  other.member = "node2";
  EXPECT_THAT(Run(other), HasReason("RECOVERY_NOT_CONFIRMED"));
  EXPECT_FALSE(FileExists(state_ + "/recovery.json"));
}

TEST_F(RecoverTest, PutsASealingKeyAside) {
  RecoverOptions options = Look();
  options.new_sealing_key = true;
  EXPECT_FALSE(Run(options).ok()) << "there is none";
  const std::string path =
      JoinPath(store_.sealing_key_directory(), "sealing-key.pem");
  ASSERT_OK(MakeDirectories(store_.sealing_key_directory(), 0700));
  ASSERT_OK(WriteFile(path, "sealed by what is gone", 0600));
  ASSERT_OK(Run(options));
  EXPECT_THAT(out_.str(), HasSubstr("put aside"));
  EXPECT_FALSE(ReadFile(path).ok());
  const auto left = ListDirectory(store_.sealing_key_directory());
  ASSERT_OK(left);
  ASSERT_EQ(left->size(), 1u);
  EXPECT_THAT(ReadFile(JoinPath(store_.sealing_key_directory(), left->front())),
              IsOkAndHolds(std::string("sealed by what is gone")));
}

}  // namespace
}  // namespace microovn::agent
