// SPDX-License-Identifier: Apache-2.0
// The contract of custodies, each against the real thing where this machine
// has it; and what is done with them.
#include "pki/sealing/key_custody.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/process/command_runner.h"
#include "base/status/status_macros.h"
#include "base/testing/fake_clock.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/sealing/sealing_choice.h"
#include "pki/sealing/sealing_key.h"
#include "pki/sealing/stored_key.h"
#include "pki/sealing/systemd_custody.h"

namespace microovn::pki {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSecret[] = "-----BEGIN SOMETHING-----\nc2VjcmV0\n-----END\n";

// A machine of its own for systemd-creds: its host secret and, where swtpm is
// installed, its TPM, which is started for each call; its state stays.
class Machine final : public CommandRunner {
 public:
  absl::StatusOr<CommandResult> Run(const Command& command) override {
    // systemd-creds finds its TPM by this variable, the TPM itself by a socket.
    Command here = command;
    here.environment["SYSTEMD_CREDENTIAL_SECRET"] = directory_.File("secret");
    here.environment["SYSTEMD_TPM2_DEVICE"] =
        absl::StrCat("swtpm:path=", Socket());
    if (!has_tpm_) return CommandRunner::Real().Run(here);
    RETURN_IF_ERROR(StartTpm());
    auto result = CommandRunner::Real().Run(here);
    StopTpm();
    return result;
  }

  void RemoveHostSecret() { unlink(directory_.File("secret").c_str()); }
  void AddTpm() { has_tpm_ = true; }

 private:
  absl::Status StartTpm() {
    Command start;
    start.argv = {
        "swtpm",      "socket",
        "--tpm2",     "--daemon",
        "--pid",      absl::StrCat("file=", PidFile()),
        "--tpmstate", absl::StrCat("dir=", directory_.path()),
        "--server",   absl::StrCat("type=unixio,path=", Socket()),
        "--ctrl",     absl::StrCat("type=unixio,path=", Socket(), ".ctrl"),
        "--flags",    "not-need-init,startup-clear"};
    return RunForOutput(CommandRunner::Real(), start).status();
  }
  void StopTpm() {
    const auto pid = ReadFile(PidFile());
    if (pid.ok()) kill(atoi(pid->c_str()), SIGTERM);
    while (access(PidFile().c_str(), F_OK) == 0) usleep(1000);
  }
  std::string Socket() const { return directory_.File("tpm.socket"); }
  std::string PidFile() const { return directory_.File("tpm.pid"); }

  const TempDir directory_;
  bool has_tpm_ = false;
};

bool Installed(const std::string& program) {
  Command command;
  command.argv = {program, "--version"};
  const auto result = CommandRunner::Real().Run(command);
  return result.ok() && result->exit_code == 0;
}

class CustodyContract : public ::testing::TestWithParam<CustodyLevel> {
 protected:
  void SetUp() override {
    if (GetParam() == CustodyLevel::kFile) return;
    if (!Installed("systemd-creds")) {
      GTEST_SKIP() << "systemd-creds is not installed";
    }
    if (GetParam() == CustodyLevel::kTpm) {
      if (!Installed("swtpm")) GTEST_SKIP() << "swtpm is not installed";
      machine_.AddTpm();
      other_.AddTpm();
      const auto tried = Of(machine_).Protect("x");
      if (!tried.ok()) GTEST_SKIP() << tried.status();
    }
  }

  KeyCustody& Of(Machine& machine) {
    if (GetParam() == CustodyLevel::kFile) return KeyCustody::File();
    custodies_.push_back(
        std::make_unique<SystemdCustody>(GetParam(), &machine));
    return *custodies_.back();
  }

  Machine machine_;
  Machine other_;
  std::vector<std::unique_ptr<KeyCustody>> custodies_;
};

TEST_P(CustodyContract, GivesBackWhatItWasGiven) {
  KeyCustody& custody = Of(machine_);
  EXPECT_EQ(custody.level(), GetParam());
  const auto stored = custody.Protect(kSecret);
  ASSERT_OK(stored);
  // Whoever comes later, too.
  const auto back = Of(machine_).Unprotect(stored->Reveal());
  ASSERT_OK(back);
  EXPECT_EQ(back->Reveal(), kSecret);
}

TEST_P(CustodyContract, WhatIsStoredIsBoundToTheMachine) {
  if (GetParam() == CustodyLevel::kFile) GTEST_SKIP() << "a file is not";
  const auto stored = Of(machine_).Protect(kSecret);
  ASSERT_OK(stored);
  EXPECT_THAT(std::string(stored->Reveal()), Not(HasSubstr("c2VjcmV0")));
  EXPECT_OK(Of(other_).Protect(kSecret)) << "the other has a secret of its own";
  EXPECT_THAT(Of(other_).Unprotect(stored->Reveal()),
              HasReason("SEALING_KEY_OUT_OF_REACH"));
}

TEST_P(CustodyContract, WhatWasAlteredDoesNotOpen) {
  if (GetParam() == CustodyLevel::kFile) GTEST_SKIP() << "SealingKey checks it";
  const auto stored = Of(machine_).Protect(kSecret);
  ASSERT_OK(stored);
  std::string altered(stored->Reveal());
  char& c = altered[altered.size() / 2];
  c = c == 'A' ? 'B' : 'A';
  EXPECT_THAT(Of(machine_).Unprotect(altered),
              HasReason("SEALING_KEY_OUT_OF_REACH"));
  EXPECT_THAT(Of(machine_).Unprotect(""),
              HasReason("SEALING_KEY_OUT_OF_REACH"));
}

INSTANTIATE_TEST_SUITE_P(Levels, CustodyContract,
                         ::testing::Values(CustodyLevel::kFile,
                                           CustodyLevel::kHost,
                                           CustodyLevel::kTpm));

TEST(SystemdCustody, NoSecretIsAnArgument) {
  FakeCommandRunner runner([](const Command& command) {
    EXPECT_EQ(command.input, kSecret);
    return CommandResult{0, "sealed", ""};
  });
  ASSERT_OK(SystemdCustody(CustodyLevel::kTpm, &runner).Protect(kSecret));
  ASSERT_OK(SystemdCustody(CustodyLevel::kHost, &runner).Protect(kSecret));
  ASSERT_OK(SystemdCustody(CustodyLevel::kTpm, &runner).Unprotect(kSecret));
  EXPECT_THAT(
      runner.lines(),
      ElementsAre("systemd-creds encrypt --name=microovn-sealing-key "
                  "--with-key=tpm2 --tpm2-pcrs=7 - -",
                  "systemd-creds encrypt --name=microovn-sealing-key "
                  "--with-key=host - -",
                  "systemd-creds decrypt --name=microovn-sealing-key - -"));
}

TEST(SystemdCustody, SaysWhyInTheProgramsLastLine) {
  FakeCommandRunner runner([](const Command&) {
    return CommandResult{1, "", "a notice\nTPM2 support not installed\n"};
  });
  SystemdCustody custody(CustodyLevel::kTpm, &runner);
  EXPECT_THAT(custody.Protect("x").status().message(),
              HasSubstr("kept by: TPM (TPM2 support not installed)"));
  FakeCommandRunner none([](const Command&) -> absl::StatusOr<CommandResult> {
    return absl::NotFoundError("run systemd-creds: No such file");
  });
  EXPECT_THAT(SystemdCustody(CustodyLevel::kHost, &none).Protect("x"),
              HasReason("SEALING_MEANS_NOT_AVAILABLE"));
}

// Opens what it has stored as long as it is there.
class FakeCustody final : public KeyCustody {
 public:
  explicit FakeCustody(CustodyLevel level) : level_(level) {}

  CustodyLevel level() const override { return level_; }
  absl::StatusOr<SecretString> Protect(absl::string_view secret) override {
    if (!there) return absl::UnavailableError("not there");
    return SecretString(absl::StrCat("kept\n", Turned(secret)));
  }
  absl::StatusOr<SecretString> Unprotect(absl::string_view stored) override {
    if (!there || forgetful) return absl::UnavailableError("not there");
    if (garbles) return SecretString("something else");
    return SecretString(Turned(absl::StripSuffix(stored.substr(5), "\n")));
  }

  bool there = true;
  bool forgetful = false;
  bool garbles = false;

 private:
  static std::string Turned(absl::string_view text) {
    std::string turned(text);
    for (char& c : turned) c = static_cast<char>(c ^ 0x40);
    return turned;
  }

  const CustodyLevel level_;
};

class SealingKeyKept : public ::testing::Test {
 protected:
  absl::StatusOr<SealingKey> Load(SealingChoice choice,
                                  SealingSurroundings around) {
    return SealingKey::LoadOrCreate(
        {state_.path(),
         MeansFor(choice, around, {&tpm_, &host_, &KeyCustody::File()})},
        clock_, RandomSource::Real());
  }
  std::string Content() {
    return ReadFile(state_.File("sealing-key.pem")).value_or("");
  }

  const SealingSurroundings bare_ = {};
  const SealingSurroundings host_stays_ = {false, true};
  const SealingSurroundings both_ = {true, true};
  FakeCustody tpm_{CustodyLevel::kTpm};
  FakeCustody host_{CustodyLevel::kHost};
  const TempDir state_;
  const FakeClock clock_;
};

TEST_F(SealingKeyKept, AutoTakesTheBestThatWorks) {
  tpm_.there = false;
  const auto made = Load(SealingChoice::kAuto, both_);
  ASSERT_OK(made);
  EXPECT_EQ(CustodyText(made->custody()), "host key");
  EXPECT_OK(made->unmet());
  EXPECT_TRUE(absl::StartsWith(
      Content(), "-----BEGIN MICROOVN KEY SEALED BY HOST-----\nkept\n"));
  EXPECT_THAT(Content(), Not(HasSubstr("PRIVATE KEY")));
}

TEST_F(SealingKeyKept, ItIsMovedToWhatIsBetterAndNeverToWhatIsWorse) {
  const auto made = Load(SealingChoice::kAuto, bare_);
  ASSERT_OK(made);
  EXPECT_EQ(made->custody(), CustodyLevel::kFile);
  for (const SealingSurroundings& around : {host_stays_, bare_, both_, bare_}) {
    const auto again = Load(SealingChoice::kAuto, around);
    ASSERT_OK(again);
    EXPECT_EQ(again->certificate(), made->certificate());
  }
  EXPECT_TRUE(absl::StartsWith(Content(),
                               "-----BEGIN MICROOVN KEY SEALED BY TPM2-----"));
  const auto chosen = Load(SealingChoice::kFile, both_);
  ASSERT_OK(chosen);
  EXPECT_EQ(chosen->custody(), CustodyLevel::kFile);
  EXPECT_EQ(chosen->certificate(), made->certificate());
  EXPECT_THAT(Content(), HasSubstr("PRIVATE KEY"));
  struct stat info = {};
  ASSERT_EQ(stat(state_.File("sealing-key.pem").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST_F(SealingKeyKept, AMeansThatDoesNotGiveItBackIsNotTrustedWithIt) {
  ASSERT_OK(Load(SealingChoice::kAuto, bare_));
  const std::string before = Content();
  tpm_.forgetful = true;
  host_.garbles = true;
  const auto kept = Load(SealingChoice::kAuto, both_);
  ASSERT_OK(kept);
  EXPECT_EQ(kept->custody(), CustodyLevel::kFile);
  EXPECT_EQ(Content(), before);
}

TEST_F(SealingKeyKept, OutOfReachIsSaidAndNeverReplaced) {
  const auto made = Load(SealingChoice::kTpm, both_);
  ASSERT_OK(made);
  const std::string before = Content();
  tpm_.there = false;
  for (const SealingChoice choice :
       {SealingChoice::kAuto, SealingChoice::kTpm, SealingChoice::kHost,
        SealingChoice::kFile}) {
    EXPECT_FALSE(Load(choice, both_).ok());
    EXPECT_FALSE(Load(choice, bare_).ok());
    EXPECT_EQ(Content(), before);
  }
  tpm_.there = true;
  const auto back = Load(SealingChoice::kAuto, bare_);
  ASSERT_OK(back);
  EXPECT_EQ(back->certificate(), made->certificate());
  EXPECT_THAT(SealingKey::LoadOrCreate({state_.path(), SealingMeans()}, clock_,
                                       RandomSource::Real()),
              HasReason("SEALING_KEY_OUT_OF_REACH"));
}

TEST_F(SealingKeyKept, AChoiceIsObeyedOrFails) {
  tpm_.there = false;
  EXPECT_FALSE(Load(SealingChoice::kTpm, both_).ok());
  EXPECT_EQ(Content(), "");
  ASSERT_OK(Load(SealingChoice::kHost, bare_));
  // A key that is there stays usable; that it is not kept as chosen is told.
  const auto kept = Load(SealingChoice::kTpm, both_);
  ASSERT_OK(kept);
  EXPECT_EQ(kept->custody(), CustodyLevel::kHost);
  EXPECT_FALSE(kept->unmet().ok());
}

TEST_F(SealingKeyKept, ATornFileIsNotTakenForAnother) {
  ASSERT_OK(Load(SealingChoice::kTpm, both_));
  const std::string torn = Content().substr(0, 60);
  ASSERT_OK(WriteFile(state_.File("sealing-key.pem"), torn, 0600));
  EXPECT_THAT(Load(SealingChoice::kAuto, both_),
              HasReason("PRIVATE_KEY_INVALID"));
  EXPECT_EQ(Content(), torn);
}

TEST(StoredKeyTest, WhatBeginsHasToEnd) {
  const std::string text = WrapStored(CustodyLevel::kHost, "abc\n");
  const auto read = ReadStored(text);
  ASSERT_OK(read);
  EXPECT_EQ(read->level, CustodyLevel::kHost);
  EXPECT_EQ(read->body, "abc\n");
  EXPECT_THAT(ReadStored(text.substr(0, text.size() - 2)),
              HasReason("PRIVATE_KEY_INVALID"));
  EXPECT_THAT(ReadStored(absl::StrCat(text, "x")),
              HasReason("PRIVATE_KEY_INVALID"));
}

TEST(SealingChoiceTest, IsOneOfFour) {
  EXPECT_THAT(ParseSealingChoice("tpm2"), IsOkAndHolds(SealingChoice::kTpm));
  EXPECT_THAT(ParseSealingChoice("host"), IsOkAndHolds(SealingChoice::kHost));
  EXPECT_THAT(ParseSealingChoice("file"), IsOkAndHolds(SealingChoice::kFile));
  EXPECT_THAT(ParseSealingChoice("auto"), IsOkAndHolds(SealingChoice::kAuto));
  EXPECT_FALSE(ParseSealingChoice("TPM").ok());
}

TEST(SealingChoiceTest, ThisMachineCanBeLookedAt) {
  const TempDir state;
  // A directory that is not there is on no file system.
  EXPECT_FALSE(LookAround(state.File("none")).host_secret_stays);
  setenv("SNAP", "/snap/microovn/1", 1);
  EXPECT_FALSE(LookAround(state.path()).host_secret_stays);
  unsetenv("SNAP");
}

}  // namespace
}  // namespace microovn::pki
