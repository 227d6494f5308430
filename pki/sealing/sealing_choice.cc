// SPDX-License-Identifier: Apache-2.0
#include "pki/sealing/sealing_choice.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace microovn::pki {
namespace {

constexpr char kTpmDevice[] = "/dev/tpmrm0";
// What sd_booted(3) asks.
constexpr char kSystemdRuns[] = "/run/systemd/system";
constexpr char kHostSecretDirectory[] = "/var/lib/systemd";

bool OnOneFileSystem(const std::string& one, const std::string& other) {
  struct stat a = {};
  struct stat b = {};
  return stat(one.c_str(), &a) == 0 && stat(other.c_str(), &b) == 0 &&
         a.st_dev == b.st_dev;
}

}  // namespace

absl::StatusOr<SealingChoice> ParseSealingChoice(absl::string_view text) {
  if (text == "auto") return SealingChoice::kAuto;
  if (text == "tpm2") return SealingChoice::kTpm;
  if (text == "host") return SealingChoice::kHost;
  if (text == "file") return SealingChoice::kFile;
  return absl::InvalidArgumentError(
      "--sealing must be auto, tpm2, host or file");
}

SealingSurroundings LookAround(const std::string& state_directory) {
  SealingSurroundings around;
  around.tpm = access(kTpmDevice, F_OK) == 0;
  around.host_secret_stays =
      access(kSystemdRuns, F_OK) == 0 && getenv("SNAP") == nullptr &&
      OnOneFileSystem(kHostSecretDirectory, state_directory);
  return around;
}

std::vector<CustodyLevel> WantedLevels(SealingChoice choice,
                                       const SealingSurroundings& around) {
  switch (choice) {
    case SealingChoice::kTpm:
      return {CustodyLevel::kTpm};
    case SealingChoice::kHost:
      return {CustodyLevel::kHost};
    case SealingChoice::kFile:
      return {CustodyLevel::kFile};
    case SealingChoice::kAuto:
      break;
  }
  std::vector<CustodyLevel> levels;
  if (around.tpm) levels.push_back(CustodyLevel::kTpm);
  if (around.host_secret_stays) levels.push_back(CustodyLevel::kHost);
  levels.push_back(CustodyLevel::kFile);
  return levels;
}

SealingMeans MeansFor(SealingChoice choice, const SealingSurroundings& around,
                      const std::vector<KeyCustody*>& all) {
  SealingMeans means;
  means.keep_by.clear();
  for (const CustodyLevel level : WantedLevels(choice, around)) {
    for (KeyCustody* custody : all) {
      if (custody->level() == level) means.keep_by.push_back(custody);
    }
  }
  means.open_by = all;
  means.may_weaken = choice != SealingChoice::kAuto;
  return means;
}

}  // namespace microovn::pki
