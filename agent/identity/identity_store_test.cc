// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/identity_store.h"

#include <sys/stat.h>

#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "agent/identity/recovery_store.h"
#include "agent/identity/root_lock.h"
#include "base/file/file.h"
#include "base/testing/power_cut.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using internal::node::v1::NodeIdentity;

NodeIdentity Identity() {
  NodeIdentity identity;
  identity.set_phase(NodeIdentity::PHASE_JOINING);
  identity.set_cluster_id(std::string(32, 'a'));
  identity.set_member_id(std::string(32, 'b'));
  identity.set_name("node1");
  identity.set_address("10.0.0.1:6686");
  identity.add_seeds()->set_address("10.0.0.2:6686");
  return identity;
}

TEST(IdentityStore, NothingThereIsNoMember) {
  const TempDir dir;
  const auto loaded = IdentityStore(dir.path()).Load();
  ASSERT_OK(loaded);
  EXPECT_FALSE(loaded->has_value());
}

TEST(IdentityStore, ARemovalIsRememberedUntilTheNextMembership) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  EXPECT_EQ(store.RemovedAs(), "");
  ASSERT_OK(store.Save(Identity()));
  ASSERT_OK(store.NoteRemoval("node1"));
  ASSERT_OK(store.Erase());
  EXPECT_EQ(store.RemovedAs(), "node1");
  ASSERT_OK(store.Save(Identity()));
  EXPECT_EQ(store.RemovedAs(), "");
}

TEST(IdentityStore, RoundTripAndErase) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  ASSERT_OK(store.Save(Identity()));
  ASSERT_OK(store.SaveCredentials({"CERT", SecretString("KEY"), "CA"}));
  ASSERT_OK(store.SaveFounding("command"));
  ASSERT_OK(MakeDirectories(store.log_directory(), 0700));
  ASSERT_OK(WriteFile(dir.File("enabled-services"), "switch\n", 0600));

  const auto loaded = store.Load();
  ASSERT_OK(loaded);
  ASSERT_TRUE(loaded->has_value());
  EXPECT_EQ((*loaded)->name(), "node1");
  EXPECT_EQ((*loaded)->phase(), NodeIdentity::PHASE_JOINING);
  EXPECT_EQ((*loaded)->seeds_size(), 1);
  const auto credentials = store.LoadCredentials();
  ASSERT_OK(credentials);
  EXPECT_EQ(credentials->key_pem.Reveal(), "KEY");
  struct stat info = {};
  ASSERT_EQ(stat(dir.File("member.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);

  ASSERT_OK(store.Erase());
  EXPECT_THAT(ListDirectory(dir.path()),
              IsOkAndHolds(testing::ElementsAre("enabled-services")));
}

// What a crash leaves after the first step of a renewal, and later.
TEST(IdentityStore, ARenewalIsCompletedOrHasNotBegun) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  ASSERT_OK(store.SaveCredentials({"CERT", SecretString("KEY"), "CA"}));
  ASSERT_OK(store.SaveCredentials({"CERT2", SecretString("KEY2"), "CA2"}));
  const auto renewed = store.LoadCredentials();
  ASSERT_OK(renewed);
  EXPECT_EQ(renewed->key_pem.Reveal(), "KEY2");
  EXPECT_EQ(renewed->certificate_pem, "CERT2");

  for (const char* const written : {"", "member.key", "member.crt"}) {
    ASSERT_OK(WriteFile(dir.File("member.new"), "K3\n%\nC3\n%\nCA3", 0600));
    if (*written != '\0') {
      ASSERT_OK(WriteFile(dir.File(written), "x", 0600));
    }
    const auto completed = store.LoadCredentials();
    ASSERT_OK(completed);
    EXPECT_EQ(completed->key_pem.Reveal(), "K3");
    EXPECT_EQ(completed->certificate_pem, "C3");
    EXPECT_EQ(completed->cluster_ca_pem, "CA3");
    EXPECT_THAT(ListDirectory(dir.path()),
                IsOkAndHolds(testing::UnorderedElementsAre(
                    "member.key", "member.crt", "cluster-ca.crt")));
  }
  ASSERT_OK(WriteFile(dir.File("member.new"), "torn", 0600));
  EXPECT_THAT(store.LoadCredentials(), HasReason("IDENTITY_DAMAGED"));
}

// Whoever could write them could make this node another member, or a copy of
// it elsewhere.
TEST(IdentityStore, WhatOthersCouldHaveWrittenOrReadIsRefused) {
  for (const char* const name :
       {"identity.json", "member.key", "member.crt", "cluster-ca.crt"}) {
    SCOPED_TRACE(name);
    const TempDir dir;
    const IdentityStore store(dir.path());
    ASSERT_OK(store.Save(Identity()));
    ASSERT_OK(store.SaveCredentials({"CERT", SecretString("KEY"), "CA"}));
    const auto reads = [&store] {
      const absl::Status identity = store.Load().status();
      return identity.ok() ? store.LoadCredentials().status() : identity;
    };
    ASSERT_OK(reads());
    const std::string path = dir.File(name);
    ASSERT_EQ(chmod(path.c_str(), 0644), 0);
    EXPECT_THAT(reads(), HasReason("PRIVATE_FILE_REFUSED"));
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
    ASSERT_OK(reads());
    ASSERT_EQ(rename(path.c_str(), dir.File("elsewhere").c_str()), 0);
    ASSERT_EQ(symlink("elsewhere", path.c_str()), 0);
    EXPECT_THAT(reads(), HasReason("PRIVATE_FILE_REFUSED"));
    ASSERT_EQ(unlink(path.c_str()), 0);
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    EXPECT_THAT(reads(), HasReason("PRIVATE_FILE_REFUSED"))
        << "and does not wait for a writer";
  }
}

TEST(IdentityStore, ADirectoryThatOthersMayWriteToIsRefused) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  ASSERT_EQ(chmod(dir.path().c_str(), 0777), 0);
  EXPECT_THAT(store.Load(), HasReason("PRIVATE_FILE_REFUSED"));
  ASSERT_EQ(chmod(dir.path().c_str(), 0755), 0);
  ASSERT_OK(store.Load());
  struct stat info = {};
  ASSERT_EQ(stat(dir.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u) << "tightened";
}

TEST(IdentityStore, DamageIsSaidAndNotTakenForANewNode) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  for (const char* text : {"", "{", "{}", "{\"name\": \"node1\"}"}) {
    ASSERT_OK(WriteFile(dir.File("identity.json"), text, 0600));
    EXPECT_THAT(store.Load(), HasReason("IDENTITY_DAMAGED")) << text;
  }
}

TEST(IdentityStore, NamesAndAddressesAreReadOnceAndHere) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  EXPECT_EQ(AddressOf(Identity()), (HostPort{"10.0.0.1", 6686}));
  EXPECT_EQ(AddressOf(Identity().seeds(0)), (HostPort{"10.0.0.2", 6686}));
  const std::function<void(NodeIdentity&)> damages[] = {
      [](NodeIdentity& i) { i.clear_cluster_id(); },
      [](NodeIdentity& i) { i.set_member_id("b"); },
      [](NodeIdentity& i) { i.clear_name(); },
      [](NodeIdentity& i) { i.set_name("../x"); },
      [](NodeIdentity& i) { i.clear_address(); },
      [](NodeIdentity& i) { i.set_address("node1:6686"); },
      [](NodeIdentity& i) { i.set_address("10.0.0.1"); },
      [](NodeIdentity& i) { i.mutable_seeds(0)->set_address("10.0.0.2:0"); },
  };
  for (const auto& damage : damages) {
    NodeIdentity identity = Identity();
    damage(identity);
    ASSERT_OK(store.Save(identity));
    EXPECT_THAT(store.Load(), HasReason("IDENTITY_DAMAGED"))
        << identity.ShortDebugString();
  }
}

TEST(IdentityStore, WhatANewerVersionWroteIsNotTouched) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  ASSERT_OK(store.Save(Identity()));
  auto text = ReadFile(dir.File("identity.json"));
  ASSERT_OK(text);
  ASSERT_OK(WriteFile(
      dir.File("identity.json"),
      absl::StrReplaceAll(*text, {{"\"format\": 1", "\"format\": 2"}}), 0600));
  EXPECT_THAT(store.Load(), HasReason("IDENTITY_DAMAGED"));
}

// After each cut a restart finds the old set or the new one, whole.
TEST(IdentityStore, ARenewalThatIsCutOffLeavesOneWholeSet) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  ASSERT_OK(store.SaveCredentials({"C1", SecretString("K1"), "A1"}));
  PowerCut cut(dir.path());
  ASSERT_OK(store.SaveCredentials({"C2", SecretString("K2"), "A2"}));
  std::string last;
  cut.Sweep([&](const std::string& found, const std::string& when) {
    const auto kept = IdentityStore(found).LoadCredentials();
    ASSERT_OK(kept) << when;
    last = kept->certificate_pem;
    EXPECT_EQ(kept->key_pem.Reveal(), last == "C1" ? "K1" : "K2") << when;
    EXPECT_EQ(kept->cluster_ca_pem, last == "C1" ? "A1" : "A2") << when;
    for (const char* name : {"/member.key", "/member.crt", "/cluster-ca.crt"}) {
      struct stat info = {};
      ASSERT_EQ(stat((found + name).c_str(), &info), 0);
      EXPECT_EQ(info.st_mode & 07777, 0600u) << name << when;
    }
  });
  EXPECT_EQ(last, "C2");
  EXPECT_GT(cut.covered(), 30u);
}

TEST(IdentityStore, AnIdentityThatIsCutOffIsTheOldOrTheNew) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  PowerCut cut(dir.path());
  ASSERT_OK(store.Save(Identity()));
  NodeIdentity member = Identity();
  member.set_phase(NodeIdentity::PHASE_MEMBER);
  ASSERT_OK(store.Save(member));
  cut.Sweep([&](const std::string& found, const std::string& when) {
    const auto kept = IdentityStore(found).Load();
    ASSERT_OK(kept) << when;
    if (kept->has_value()) EXPECT_EQ((*kept)->name(), "node1") << when;
  });
}

// Whoever has an identity has its key and its log.
TEST(IdentityStore, WhatIsErasedGoesWithItsIdentityFirst) {
  const TempDir dir;
  const IdentityStore store(dir.path());
  ASSERT_OK(store.Save(Identity()));
  ASSERT_OK(store.SaveCredentials({"C1", SecretString("K1"), "A1"}));
  ASSERT_OK(MakeDirectories(store.log_directory(), 0700));
  ASSERT_OK(WriteFile(JoinPath(store.log_directory(), "1"), "entry", 0600));
  PowerCut cut(dir.path());
  ASSERT_OK(store.Erase());
  bool erased = false;
  cut.Sweep([&](const std::string& found, const std::string& when) {
    const IdentityStore restarted(found);
    const auto kept = restarted.Load();
    ASSERT_OK(kept) << when;
    erased = !kept->has_value();
    if (erased) return;
    EXPECT_TRUE(FileExists(JoinPath(restarted.log_directory(), "1"))) << when;
    EXPECT_OK(restarted.LoadCredentials()) << when;
  });
  EXPECT_TRUE(erased);
}

// At whatever step it is cut off, the next start ends with one backup that has
// all but the keys.
TEST(IdentityStore, WhatARemovedMemberHadIsInOneBackupWithoutItsKeys) {
  const TempDir root;
  const std::string directory = root.File("state");
  ASSERT_OK(MakeDirectories(directory, 0700));
  const IdentityStore store(directory);
  ASSERT_OK(store.Save(Identity()));
  ASSERT_OK(store.SaveCredentials({"C1", SecretString("K1"), "A1"}));
  ASSERT_OK(MakeDirectories(store.sealing_key_directory(), 0700));
  ASSERT_OK(WriteFile(JoinPath(store.sealing_key_directory(), "sealing-key"),
                      "key", 0600));
  ASSERT_OK(MakeDirectories(store.log_directory(), 0700));
  ASSERT_OK(WriteFile(JoinPath(store.log_directory(), "1"), "entry", 0600));
  ASSERT_OK(WriteFile(JoinPath(directory, "other"), "x", 0600));
  PowerCut cut(root.path());
  ASSERT_OK(store.Erase("backup_7"));
  int finished = 0;
  cut.Sweep([&](const std::string& found, const std::string& when) {
    const IdentityStore restarted(JoinPath(found, "state"));
    ASSERT_OK(restarted.FinishErasing()) << when;
    const auto kept = restarted.Load();
    ASSERT_OK(kept) << when;
    if (kept->has_value()) {
      ASSERT_TRUE(FileExists(JoinPath(restarted.log_directory(), "1"))) << when;
      ASSERT_OK(restarted.LoadCredentials()) << when;
      // It hears again of its removal, in another second.
      ASSERT_OK(restarted.Erase("backup_8")) << when;
    }
    ++finished;
    const auto left = ListDirectory(JoinPath(found, "state"));
    ASSERT_OK(left) << when;
    for (const std::string& name : *left) {
      // A name that was not given yet.
      if (absl::StartsWith(name, "leaving-to.")) continue;
      EXPECT_EQ(name, "other") << when;
    }
    const bool later = FileExists(JoinPath(found, "backup_8/state"));
    const std::string backup =
        JoinPath(found, later ? "backup_8/state" : "backup_7/state");
    EXPECT_THAT(ListDirectory(backup),
                IsOkAndHolds(testing::ElementsAre(
                    "cluster-ca.crt", "identity.json", "member.crt", "raft")))
        << when;
    EXPECT_THAT(ReadFile(JoinPath(backup, "raft/1")), IsOkAndHolds("entry"));
    struct stat info = {};
    ASSERT_EQ(stat(backup.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0700u);
  });
  EXPECT_GT(finished, 20);
  EXPECT_THAT(store.Erase("../elsewhere"), HasReason("IDENTITY_DAMAGED"));
}

TEST(RecoveryStore, KeepsWhatMayBeLostAndRefusesWhatItCannotRead) {
  const TempDir dir;
  const RecoveryStore store(dir.path());
  internal::node::v1::Recovery recovery;
  recovery.set_statement("nothing");
  ASSERT_OK(store.Add(recovery));
  ASSERT_OK(store.Add(recovery));
  const auto kept = store.Load();
  ASSERT_OK(kept);
  EXPECT_EQ(kept->recoveries_size(), 2);
  const std::string path = dir.File(RecoveryStore::kFile);
  for (const char* text : {"{", "{}", "{\"format\": 2}"}) {
    ASSERT_OK(WriteFile(path, text, 0600));
    EXPECT_THAT(store.Load(), HasReason("IDENTITY_DAMAGED")) << text;
    EXPECT_THAT(store.Add(recovery), HasReason("IDENTITY_DAMAGED")) << text;
  }
  ASSERT_OK(store.Replace({}));
  EXPECT_FALSE(FileExists(path));
}

TEST(RootLock, IsForOneAgent) {
  const TempDir dir;
  {
    const auto first = LockRoot(dir.path());
    ASSERT_OK(first);
    EXPECT_THAT(LockRoot(dir.path()), HasReason("ROOT_IN_USE"));
  }
  EXPECT_OK(LockRoot(dir.path()));
}

}  // namespace
}  // namespace microovn::agent
