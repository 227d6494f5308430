// SPDX-License-Identifier: Apache-2.0
#include "pki/publishing/generation_publisher.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/testing/fake_clock.h"
#include "base/testing/power_cut.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/key/key_access.h"
#include "pki/name/ovn_service.h"
#include "pki/publishing/certificate_set.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<OvnService> Central() {
  return {kOvnServices.begin(), kOvnServices.end()};
}

std::vector<OvnService> Chassis() {
  return {OvnService::kClient, OvnService::kOvnController};
}

class GenerationPublisherTest : public ::testing::Test {
 protected:
  absl::StatusOr<GenerationPublisher> Open(
      std::function<void(absl::string_view)> after_step = nullptr) {
    return GenerationPublisher::Open({pki_dir_, std::move(after_step)}, clock_);
  }

  CertificateSet Set(const std::vector<OvnService>& services) {
    CertificateSet set;
    set.bundle = ca_.OvnBundle();
    const MemberFacts facts = ca_.Facts("node1");
    for (const OvnService service : services) {
      TestLeaf leaf = ca_.Service(service, facts);
      set.services.push_back(
          {service, std::move(leaf.certificate), std::move(leaf.key)});
    }
    return set;
  }

  // Names in data/pki and what is read through them, but for our own two.
  std::map<std::string, std::string> Published() {
    std::map<std::string, std::string> files;
    const absl::StatusOr<std::vector<std::string>> names =
        ListDirectory(pki_dir_);
    if (!names.ok()) return files;
    for (const std::string& name : *names) {
      if (name == "current" || name == "generations") continue;
      const absl::StatusOr<std::string> content =
          ReadFile(JoinPath(pki_dir_, name));
      // A link that leads nowhere is as good as no file.
      if (content.ok()) files[name] = *content;
    }
    return files;
  }

  static std::map<std::string, std::string> FilesOf(const CertificateSet& set) {
    std::map<std::string, std::string> files;
    const absl::StatusOr<std::vector<CertificateFileContent>> contents =
        ToFiles(set);
    EXPECT_OK(contents);
    for (const CertificateFileContent& file : *contents) {
      files[file.name] = std::string(file.content.Reveal());
    }
    return files;
  }

  std::vector<std::string> Generations() {
    return *ListDirectory(JoinPath(pki_dir_, "generations"));
  }

  TempDir dir_;
  const std::string pki_dir_ = dir_.File("pki");
  FakeClock clock_;
  TestPki ca_;
};

TEST_F(GenerationPublisherTest, PublishesTheDocumentedNamesAndNoOthers) {
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  EXPECT_THAT(publisher->Load(), StatusIs(absl::StatusCode::kNotFound));
  const CertificateSet chassis = Set(Chassis());
  EXPECT_THAT(publisher->Publish(chassis), IsOkAndHolds(1u));
  EXPECT_THAT(ListDirectory(pki_dir_),
              IsOkAndHolds(ElementsAre("cacert.pem", "client-cert.pem",
                                       "client-privkey.pem", "current",
                                       "generations", "ovn-controller-cert.pem",
                                       "ovn-controller-privkey.pem")));
  EXPECT_EQ(Published(), FilesOf(chassis));
}

TEST_F(GenerationPublisherTest, FilesArePrivateAndLinksGoThroughCurrent) {
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  ASSERT_OK(publisher->Publish(Set(Central())));
  for (const auto& [name, unused] : Published()) {
    const std::string path = JoinPath(pki_dir_, name);
    struct stat info = {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600u) << name;
    char target[64] = {};
    ASSERT_GT(readlink(path.c_str(), target, sizeof(target)), 0);
    EXPECT_EQ(target, "current/" + name);
  }
  for (const std::string& directory :
       {pki_dir_, pki_dir_ + "/generations", pki_dir_ + "/generations/1"}) {
    struct stat info = {};
    ASSERT_EQ(stat(directory.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0700u) << directory;
  }
}

TEST_F(GenerationPublisherTest, LoadsWhatWasPublished) {
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  const CertificateSet set = Set(Central());
  ASSERT_OK(publisher->Publish(set));
  const absl::StatusOr<GenerationPublisher> after_restart = Open();
  ASSERT_OK(after_restart);
  const absl::StatusOr<CertificateSet> loaded = after_restart->Load();
  ASSERT_OK(loaded);
  EXPECT_EQ(FilesOf(*loaded), FilesOf(set));
  EXPECT_EQ(after_restart->generation(), 1u);
}

TEST_F(GenerationPublisherTest, ServicesComeAndGo) {
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  for (const auto& services : {Chassis(), Central(), Chassis()}) {
    const CertificateSet set = Set(services);
    ASSERT_OK(publisher->Publish(set));
    EXPECT_EQ(Published(), FilesOf(set));
    // Not even a dangling name.
    EXPECT_EQ(ListDirectory(pki_dir_)->size(), 2 * services.size() + 3);
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_THAT(Generations(), ElementsAre("2", "3"));
}

TEST_F(GenerationPublisherTest, EachGenerationHasItsOwnSecond) {
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  std::vector<time_t> seconds;
  const auto publish = [&](GenerationPublisher& by) {
    ASSERT_OK(by.Publish(Set(Chassis())));
    struct stat info = {};
    for (const auto& [name, unused] : Published()) {
      ASSERT_EQ(stat(JoinPath(pki_dir_, name).c_str(), &info), 0);
      if (name == "cacert.pem") seconds.push_back(info.st_mtime);
      EXPECT_EQ(info.st_mtime, seconds.back()) << name;
    }
  };
  publish(*publisher);
  EXPECT_THAT(publisher->Publish(Set(Chassis())),
              HasReason("PUBLISH_TOO_SOON"));
  clock_.Advance(absl::Milliseconds(999));
  EXPECT_THAT(publisher->Publish(Set(Chassis())),
              HasReason("PUBLISH_TOO_SOON"));
  clock_.Advance(absl::Milliseconds(1));
  publish(*publisher);
  // The wall clock went back.
  clock_.Jump(-absl::Minutes(3));
  clock_.Advance(absl::Seconds(1));
  publish(*publisher);
  EXPECT_LT(seconds[0], seconds[1]);
  EXPECT_LT(seconds[1], seconds[2]);
}

TEST_F(GenerationPublisherTest, ASecondAppliesAcrossARestartToo) {
  ASSERT_OK(Open()->Publish(Set(Chassis())));
  absl::StatusOr<GenerationPublisher> restarted = Open();
  ASSERT_OK(restarted);
  EXPECT_THAT(restarted->Publish(Set(Chassis())),
              HasReason("PUBLISH_TOO_SOON"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_OK(restarted->Publish(Set(Chassis())));
}

TEST_F(GenerationPublisherTest, RefusesASetThatWouldNotWork) {
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  const CertificateSet good = Set(Chassis());
  ASSERT_OK(publisher->Publish(good));
  clock_.Advance(absl::Seconds(1));

  CertificateSet swapped = Set(Chassis());
  std::swap(swapped.services[0].key, swapped.services[1].key);
  CertificateSet twice = Set({OvnService::kClient, OvnService::kClient});
  CertificateSet other_ca = Set(Chassis());
  other_ca.bundle = ca_.ClusterBundle();
  CertificateSet no_ca = Set(Chassis());
  no_ca.bundle = TrustBundle();
  CertificateSet expired = Set(Chassis());
  TestLeaf old = ca_.Service(OvnService::kClient, ca_.Facts("node1"),
                             absl::Hours(731 * 24));
  expired.services[0].certificate = old.certificate;
  expired.services[0].key = std::move(old.key);
  const std::pair<const CertificateSet*, const char*> cases[] = {
      {&swapped, "the key of client is not that of its certificate"},
      {&twice, "client is there twice"},
      {&other_ca, "is not trusted here"},
      {&no_ca, "there is no CA certificate"},
      {&expired, "it expired at"}};
  for (const auto& [set, why] : cases) {
    const absl::StatusOr<uint64_t> published = publisher->Publish(*set);
    EXPECT_THAT(published, HasReason("CERTIFICATE_SET_INVALID"));
    EXPECT_THAT(std::string(published.status().message()), HasSubstr(why));
  }
  // Nothing of them is left, and the good set is still served.
  EXPECT_EQ(Published(), FilesOf(good));
  EXPECT_THAT(Generations(), ElementsAre("1"));
}

// Whom to trust can change though what is served has ended: the rest still has
// to be in order.
TEST_F(GenerationPublisherTest, WhatIsKeptMayHaveEnded) {
  auto publisher = Open();
  ASSERT_OK(publisher);
  CertificateSet set = Set(Chassis());
  clock_.Advance(absl::Hours(731 * 24));
  EXPECT_THAT(publisher->Publish(set), HasReason("CERTIFICATE_SET_INVALID"));
  for (ServiceCertificate& service : set.services) service.kept = true;
  EXPECT_OK(publisher->Publish(set));
  clock_.Advance(absl::Seconds(2));
  set.bundle = ca_.ClusterBundle();
  EXPECT_THAT(publisher->Publish(set), HasReason("CERTIFICATE_SET_INVALID"))
      << "it is not trusted";
}

TEST_F(GenerationPublisherTest, RestoresNamesThatAnotherProgramTouched) {
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  EXPECT_OK(publisher->RestoreNames());
  EXPECT_THAT(Published(), IsEmpty()) << "nothing is published yet";
  const CertificateSet set = Set(Chassis());
  ASSERT_OK(publisher->Publish(set));
  const std::string certificate = JoinPath(pki_dir_, "client-cert.pem");
  for (const std::string& name : {certificate, JoinPath(pki_dir_, "current")}) {
    ASSERT_EQ(unlink(name.c_str()), 0);
    EXPECT_NE(Published(), FilesOf(set));
    EXPECT_OK(publisher->RestoreNames());
    EXPECT_EQ(Published(), FilesOf(set));
  }
  ASSERT_EQ(unlink(certificate.c_str()), 0);
  ASSERT_OK(WriteFile(certificate, "another one's", 0600));
  EXPECT_OK(publisher->RestoreNames());
  EXPECT_EQ(Published(), FilesOf(set));
}

TEST_F(GenerationPublisherTest, EraseLeavesNoKey) {
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  ASSERT_OK(publisher->Publish(Set(Central())));
  clock_.Advance(absl::Seconds(1));
  ASSERT_OK(publisher->Publish(Set(Central())));
  ASSERT_OK(publisher->Erase());
  EXPECT_THAT(ListDirectory(pki_dir_),
              IsOkAndHolds(ElementsAre("generations")));
  EXPECT_THAT(Generations(), IsEmpty());
  clock_.Advance(absl::Seconds(1));
  EXPECT_OK(publisher->Publish(Set(Chassis())));
}

TEST_F(GenerationPublisherTest,
       TakesOverFilesOfAnotherProgramOnlyWhenItPublishes) {
  ASSERT_OK(MakeDirectories(pki_dir_, 0755));
  ASSERT_OK(WriteFile(JoinPath(pki_dir_, "cacert.pem"), "old", 0600));
  ASSERT_OK(WriteFile(JoinPath(pki_dir_, "ovnnb-cert.pem"), "old", 0600));
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  EXPECT_THAT(ReadFile(JoinPath(pki_dir_, "cacert.pem")),
              IsOkAndHolds(std::string("old")));
  const CertificateSet set = Set(Chassis());
  ASSERT_OK(publisher->Publish(set));
  EXPECT_EQ(Published(), FilesOf(set));
}

TEST_F(GenerationPublisherTest, RefusesLinksAndForeignDirectories) {
  const std::string elsewhere = dir_.File("elsewhere");
  ASSERT_OK(MakeDirectories(elsewhere, 0700));
  const auto start_over = [this] {
    ASSERT_OK(RemoveTree(pki_dir_));
    ASSERT_OK(MakeDirectories(JoinPath(pki_dir_, "generations/1"), 0700));
  };
  // data/pki itself.
  ASSERT_OK(ReplaceSymlink(elsewhere, pki_dir_));
  EXPECT_THAT(Open(), HasReason("PRIVATE_FILE_REFUSED"));
  start_over();
  ASSERT_EQ(chmod(pki_dir_.c_str(), 0777), 0);
  EXPECT_THAT(Open(), HasReason("PRIVATE_FILE_REFUSED"));
  // generations.
  start_over();
  ASSERT_OK(RemoveTree(JoinPath(pki_dir_, "generations")));
  ASSERT_OK(ReplaceSymlink(elsewhere, JoinPath(pki_dir_, "generations")));
  EXPECT_THAT(Open(), HasReason("PRIVATE_FILE_REFUSED"));
  // current.
  for (const std::string& target :
       {elsewhere, std::string("../elsewhere"), std::string("generations"),
        std::string("generations/../../elsewhere"),
        std::string("generations/01"), std::string("generations/7")}) {
    start_over();
    ASSERT_OK(ReplaceSymlink(target, JoinPath(pki_dir_, "current")));
    EXPECT_THAT(Open(), HasReason("PRIVATE_FILE_REFUSED")) << target;
  }
  start_over();
  ASSERT_OK(MakeDirectories(JoinPath(pki_dir_, "current"), 0700));
  EXPECT_THAT(Open(), HasReason("PRIVATE_FILE_REFUSED"));
  // The generation it points to.
  start_over();
  ASSERT_OK(ReplaceSymlink(elsewhere, JoinPath(pki_dir_, "generations/2")));
  ASSERT_OK(ReplaceSymlink("generations/2", JoinPath(pki_dir_, "current")));
  EXPECT_THAT(Open(), HasReason("PRIVATE_FILE_REFUSED"));
  EXPECT_THAT(ListDirectory(elsewhere), IsOkAndHolds(IsEmpty()));
}

TEST_F(GenerationPublisherTest, NeverWritesThroughALinkInItsWay) {
  const std::string victim = dir_.File("victim");
  ASSERT_OK(WriteFile(victim, "precious", 0600));
  ASSERT_OK(MakeDirectories(JoinPath(pki_dir_, "generations"), 0700));
  ASSERT_OK(ReplaceSymlink(victim, JoinPath(pki_dir_, "cacert.pem")));
  ASSERT_OK(
      ReplaceSymlink(dir_.path(), JoinPath(pki_dir_, "generations/1.tmp")));
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  ASSERT_OK(ReplaceSymlink(dir_.path(), JoinPath(pki_dir_, "generations/1")));
  const CertificateSet set = Set(Chassis());
  ASSERT_OK(publisher->Publish(set));
  EXPECT_EQ(Published(), FilesOf(set));
  EXPECT_THAT(ReadFile(victim), IsOkAndHolds(std::string("precious")));
  EXPECT_THAT(ListDirectory(dir_.path()),
              IsOkAndHolds(ElementsAre("pki", "victim")));

  clock_.Advance(absl::Seconds(1));
  ASSERT_OK(MakeDirectories(JoinPath(pki_dir_, "ovnnb-cert.pem"), 0700));
  EXPECT_THAT(publisher->Publish(Set(Central())),
              HasReason("PRIVATE_FILE_REFUSED"));
  EXPECT_EQ(publisher->generation(), 1u);
}

// Runs a publication in a child that dies at its step number `fatal_step`.
// Returns whether it lived to the end.
bool PublishAndDie(const std::string& directory, const Clock& clock,
                   const CertificateSet& set, int fatal_step) {
  const pid_t child = fork();
  if (child == 0) {
    int step = 0;
    absl::StatusOr<GenerationPublisher> publisher =
        GenerationPublisher::Open({directory,
                                   [&](absl::string_view) {
                                     if (step++ == fatal_step) _exit(1);
                                   }},
                                  clock);
    if (!publisher.ok()) _exit(2);
    const absl::StatusOr<uint64_t> published = publisher->Publish(set);
    _exit(published.ok() ? 0 : 2);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_NE(WEXITSTATUS(status), 2);
  return WEXITSTATUS(status) == 0;
}

TEST_F(GenerationPublisherTest, DeathAtAnyStepLeavesTheOldSetOrTheNew) {
  const CertificateSet old_set = Set(Central());
  const CertificateSet new_set = Set(Chassis());
  const auto old_files = FilesOf(old_set);
  const auto new_files = FilesOf(new_set);
  bool finished = false;
  int old_seen = 0;
  int new_seen = 0;
  for (int fatal = 0; !finished; ++fatal) {
    ASSERT_LT(fatal, 100);
    ASSERT_OK(RemoveTree(pki_dir_));
    ASSERT_OK(Open()->Publish(old_set));
    clock_.Advance(absl::Seconds(1));
    finished = PublishAndDie(pki_dir_, clock_, new_set, fatal);
    // What daemons see until the next start: pairs of one generation.
    const auto seen = Published();
    const auto& expected =
        seen.at("cacert.pem") == old_files.at("cacert.pem") &&
                seen.at("client-cert.pem") == old_files.at("client-cert.pem")
            ? old_files
            : new_files;
    for (const auto& [name, content] : expected) {
      EXPECT_EQ(seen.at(name), content) << name << " after step " << fatal;
    }
    // And afterwards nothing else is there.
    const absl::StatusOr<GenerationPublisher> recovered = Open();
    ASSERT_OK(recovered);
    EXPECT_EQ(Published(), expected);
    EXPECT_EQ(ListDirectory(pki_dir_)->size(), expected.size() + 2);
    (expected == old_files ? old_seen : new_seen) += 1;
    for (const std::string& name : Generations()) {
      EXPECT_THAT(name, ::testing::AnyOf("1", "2"));
    }
  }
  EXPECT_GT(old_seen, 3);
  EXPECT_GT(new_seen, 3);
}

TEST_F(GenerationPublisherTest, DeathInTheFirstPublicationLeavesNothing) {
  const CertificateSet set = Set(Chassis());
  ASSERT_FALSE(PublishAndDie(pki_dir_, clock_, set, 2));
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  EXPECT_THAT(Published(), IsEmpty());
  EXPECT_THAT(Generations(), IsEmpty());
  EXPECT_THAT(publisher->Publish(set), IsOkAndHolds(1u));
}

// After each cut a restart finds one whole set, with its modes, and goes on.
TEST_F(GenerationPublisherTest, APublicationThatIsCutOffLeavesOneWholeSet) {
  absl::StatusOr<GenerationPublisher> publisher = Open();
  ASSERT_OK(publisher);
  const CertificateSet first = Set(Chassis());
  ASSERT_OK(publisher->Publish(first));
  clock_.Advance(absl::Minutes(1));
  const CertificateSet second = Set(Central());
  PowerCut cut(dir_.path());
  ASSERT_OK(publisher->Publish(second));
  clock_.Advance(absl::Minutes(1));
  const CertificateSet third = Set(Chassis());
  std::map<std::string, std::string> last;
  cut.Sweep([&](const std::string& found, const std::string& when) {
    const std::string pki = JoinPath(found, "pki");
    absl::StatusOr<GenerationPublisher> restarted =
        GenerationPublisher::Open({pki, nullptr}, clock_);
    ASSERT_OK(restarted) << when;
    const absl::StatusOr<CertificateSet> loaded = restarted->Load();
    ASSERT_OK(loaded) << when;
    last = FilesOf(*loaded);
    EXPECT_TRUE(last == FilesOf(first) || last == FilesOf(second)) << when;
    for (const auto& [name, unused] : last) {
      struct stat info = {};
      const std::string path = JoinPath(pki, "current/" + name);
      ASSERT_EQ(stat(path.c_str(), &info), 0) << name << when;
      EXPECT_EQ(info.st_mode & 07777, 0600u) << name << when;
    }
    ASSERT_OK(restarted->Publish(third)) << when;
    EXPECT_EQ(FilesOf(*restarted->Load()), FilesOf(third)) << when;
  });
  EXPECT_EQ(last, FilesOf(second));
  EXPECT_GT(cut.covered(), 60u);
}

}  // namespace
}  // namespace microovn::pki
