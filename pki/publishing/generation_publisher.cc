// SPDX-License-Identifier: Apache-2.0
#include "pki/publishing/generation_publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "pki/errors.h"
#include "pki/key/private_file.h"
#include "pki/name/ovn_service.h"

namespace microovn::pki {
namespace {

constexpr char kCurrent[] = "current";
constexpr char kGenerations[] = "generations";
constexpr char kTemporary[] = ".tmp";
// For certificates as well: who reads them reads the key beside them.
constexpr mode_t kFileMode = 0600;
constexpr absl::Duration kSecond = absl::Seconds(1);

// Every name that a set may have in the directory.
std::vector<std::string> DocumentedNames() {
  std::vector<std::string> names = {kCaCertificateFile};
  for (const OvnService service : kOvnServices) {
    names.push_back(CertificateFile(service));
    names.push_back(PrivateKeyFile(service));
  }
  return names;
}

// The number that `text` writes out in decimal; nothing else counts.
// "007" or "+7" would be a second name for one generation.
std::optional<uint64_t> ToNumber(absl::string_view text) {
  uint64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number == 0 ||
      absl::StrCat(number) != text) {
    return std::nullopt;
  }
  return number;
}

absl::Status SetModified(const std::string& path, absl::Time time) {
  const timespec stamp = absl::ToTimespec(time);
  // utimensat(2) by name, of the link itself: no link is followed out of here.
  const timespec times[2] = {stamp, stamp};
  if (utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(errno, "utimensat", path);
  }
  return absl::OkStatus();
}

bool PointsTo(const std::string& link, absl::string_view target) {
  char present[PATH_MAX] = {};
  const ssize_t size = readlink(link.c_str(), present, sizeof(present));
  return size > 0 &&
         absl::string_view(present, static_cast<size_t>(size)) == target;
}

absl::Time FloorToSecond(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

}  // namespace

absl::StatusOr<GenerationPublisher> GenerationPublisher::Open(
    Options options, const Clock& clock) {
  GenerationPublisher publisher(std::move(options), clock);
  RETURN_IF_ERROR(EnsurePrivateDirectory(publisher.options_.directory));
  RETURN_IF_ERROR(EnsurePrivateDirectory(publisher.PathOf(kGenerations)));
  RETURN_IF_ERROR(publisher.ReadCurrent());
  RETURN_IF_ERROR(publisher.CleanUp());
  return publisher;
}

absl::Status GenerationPublisher::ReadCurrent() {
  const std::string link = PathOf(kCurrent);
  char target[PATH_MAX] = {};
  const ssize_t size = readlink(link.c_str(), target, sizeof(target));
  if (size < 0 && errno == ENOENT) return absl::OkStatus();
  // A file where the link should be is somebody's; it is named, not replaced.
  if (size < 0 && errno == EINVAL) {
    return PrivateFileRefused(link, "it is not a symbolic link");
  }
  if (size < 0) return ErrnoStatus(errno, "readlink", link);
  absl::string_view name(target, static_cast<size_t>(size));
  const bool inside =
      absl::ConsumePrefix(&name, absl::StrCat(kGenerations, "/"));
  const std::optional<uint64_t> number = ToNumber(name);
  // Following it would take keys for ours that others may have put there.
  if (!inside || !number.has_value()) {
    return PrivateFileRefused(link, "it points to something of others");
  }
  const std::string directory = GenerationPath(*number);
  if (!FileExists(directory)) {
    return PrivateFileRefused(link, "the generation it points to is gone");
  }
  RETURN_IF_ERROR(EnsurePrivateDirectory(directory));
  const std::string bundle = JoinPath(directory, kCaCertificateFile);
  struct stat info = {};
  if (lstat(bundle.c_str(), &info) != 0) {
    return ErrnoStatus(errno, "stat", bundle);
  }
  current_ = *number;
  // The bundle stands for all files of its generation: they share one stamp.
  stamp_ = absl::FromTimeT(info.st_mtime);
  return absl::OkStatus();
}

absl::Status GenerationPublisher::CleanUp() {
  // In any order after a crash: no documented name leads to any of these.
  RETURN_IF_ERROR(RemoveTemporaries());
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListDirectory(PathOf(kGenerations)));
  uint64_t previous = 0;
  for (const std::string& name : names) {
    const std::optional<uint64_t> number = ToNumber(name);
    if (number.has_value() && *number < current_) {
      previous = std::max(previous, *number);
    }
  }
  RETURN_IF_ERROR(RemoveGenerationsExcept(current_, previous));
  return UpdateLinks();
}

absl::Status GenerationPublisher::RemoveTemporaries() {
  for (const std::string& directory :
       {options_.directory, PathOf(kGenerations)}) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names,
                     ListDirectory(directory));
    for (const std::string& name : names) {
      if (!absl::EndsWith(name, kTemporary)) continue;
      RETURN_IF_ERROR(RemoveTree(JoinPath(directory, name)));
    }
  }
  return absl::OkStatus();
}

absl::Status GenerationPublisher::RemoveGenerationsExcept(uint64_t keep,
                                                          uint64_t also_keep) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListDirectory(PathOf(kGenerations)));
  for (const std::string& name : names) {
    const std::optional<uint64_t> number = ToNumber(name);
    if (!number.has_value() || *number == keep || *number == also_keep) {
      continue;
    }
    RETURN_IF_ERROR(RemoveTree(GenerationPath(*number)));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> GenerationPublisher::Publish(
    const CertificateSet& set) {
  ASSIGN_OR_RETURN(const absl::Time stamp, NextStamp());
  RETURN_IF_ERROR(CheckCertificateSet(set, clock_->Now()));
  RETURN_IF_ERROR(CheckNames());
  const uint64_t previous = current_;
  RETURN_IF_ERROR(Stage(set, previous + 1, stamp));
  RETURN_IF_ERROR(Switch(previous + 1, stamp));
  RETURN_IF_ERROR(RemoveGenerationsExcept(current_, previous));
  Step("pruned");
  return current_;
}

absl::Status GenerationPublisher::Switch(uint64_t number, absl::Time stamp) {
  // The point of no return; rename(2) makes it atomic for every reader.
  RETURN_IF_ERROR(ReplaceSymlink(absl::StrCat(kGenerations, "/", number),
                                 PathOf(kCurrent)));
  current_ = number;
  stamp_ = stamp;
  published_at_ = clock_->Monotonic();
  Step("switched");
  return UpdateLinks();
}

absl::StatusOr<absl::Time> GenerationPublisher::NextStamp() const {
  const absl::Time now = clock_->Now();
  if (published_at_.has_value()) {
    const absl::Duration passed = clock_->Monotonic() - *published_at_;
    if (passed < kSecond) return PublishTooSoon(kSecond - passed);
  }
  const absl::Time this_second = FloorToSecond(now);
  if (!stamp_.has_value()) return this_second;
  // A process before this one published in this very second.
  if (!published_at_.has_value() && this_second == *stamp_) {
    return PublishTooSoon(*stamp_ + kSecond - now);
  }
  // The clock may have been set back: any other second will do for OVS.
  // A stamp in the future is harmless: it is compared for being another one.
  return std::max(this_second, *stamp_ + kSecond);
}

absl::Status GenerationPublisher::Stage(const CertificateSet& set,
                                        uint64_t number,
                                        absl::Time stamp) const {
  const std::string place = GenerationPath(number);
  const std::string temporary = absl::StrCat(place, kTemporary);
  // Of a publication that failed, in this process or after a crash.
  RETURN_IF_ERROR(RemoveTree(temporary));
  RETURN_IF_ERROR(RemoveTree(place));
  RETURN_IF_ERROR(WriteFiles(set, temporary, stamp));
  RETURN_IF_ERROR(Rename(temporary, place));
  RETURN_IF_ERROR(SyncDirectory(PathOf(kGenerations)));
  Step("staged");
  return absl::OkStatus();
}

absl::Status GenerationPublisher::WriteFiles(const CertificateSet& set,
                                             const std::string& directory,
                                             absl::Time stamp) const {
  RETURN_IF_ERROR(EnsurePrivateDirectory(directory));
  Step("begun");
  ASSIGN_OR_RETURN(const std::vector<CertificateFileContent> files,
                   ToFiles(set));
  for (const CertificateFileContent& file : files) {
    const std::string path = JoinPath(directory, file.name);
    RETURN_IF_ERROR(WriteFile(path, file.content.Reveal(), kFileMode));
    RETURN_IF_ERROR(SetModified(path, stamp));
    Step("written");
  }
  return SyncDirectory(directory);
}

absl::Status GenerationPublisher::UpdateLinks() const {
  for (const std::string& name : DocumentedNames()) {
    const std::string link = PathOf(name);
    const bool wanted =
        current_ != 0 && FileExists(JoinPath(GenerationPath(current_), name));
    const std::string target = absl::StrCat(kCurrent, "/", name);
    const bool ours = PointsTo(link, target);
    if (wanted && !ours) {
      RETURN_IF_ERROR(ReplaceSymlink(target, link));
      Step("linked");
    }
    // Before the first set, files that another program put here are left alone.
    if (!wanted && (ours || current_ != 0)) {
      RETURN_IF_ERROR(Remove(link));
      Step("unlinked");
    }
  }
  return SyncDirectory(options_.directory);
}

absl::Status GenerationPublisher::RestoreNames() const {
  if (current_ != 0) {
    const std::string target = absl::StrCat(kGenerations, "/", current_);
    if (!PointsTo(PathOf(kCurrent), target)) {
      RETURN_IF_ERROR(ReplaceSymlink(target, PathOf(kCurrent)));
    }
  }
  return UpdateLinks();
}

absl::Status GenerationPublisher::CheckNames() const {
  for (const std::string& name : DocumentedNames()) {
    struct stat info = {};
    const std::string path = PathOf(name);
    if (lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
      return PrivateFileRefused(path, "it is a directory");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<CertificateSet> GenerationPublisher::Load() const {
  if (current_ == 0) {
    return absl::NotFoundError("no certificates have been published");
  }
  return LoadCertificateSet(GenerationPath(current_));
}

absl::Status GenerationPublisher::Erase() {
  // First: from here on no documented name leads to a key, even if the rest is
  // cut short; Open then removes what is left, as of no generation.
  RETURN_IF_ERROR(Remove(PathOf(kCurrent)));
  current_ = 0;
  stamp_.reset();
  RETURN_IF_ERROR(UpdateLinks());
  return RemoveGenerationsExcept(0, 0);
}

std::string GenerationPublisher::PathOf(absl::string_view name) const {
  return JoinPath(options_.directory, name);
}

std::string GenerationPublisher::GenerationPath(uint64_t number) const {
  return JoinPath(PathOf(kGenerations), absl::StrCat(number));
}

void GenerationPublisher::Step(absl::string_view step) const {
  if (options_.after_step) options_.after_step(step);
}

}  // namespace microovn::pki
