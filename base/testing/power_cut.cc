// SPDX-License-Identifier: Apache-2.0
#include "base/testing/power_cut.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/testing/temp_dir.h"
#include "glog/logging.h"

namespace microovn {
namespace {

using Kind = FileStep::Kind;

enum class Survives { kDurable, kNames, kEverything };

struct Inode {
  bool directory = false;
  std::optional<std::string> link;
  std::string content;
  // What was synced last, if anything.
  std::optional<std::string> synced;
  mode_t mode = 0;
};

// The directory, by its inode, and the name in it.
using Entry = std::pair<size_t, std::string>;
using Names = std::map<Entry, size_t>;

struct NameStep {
  std::optional<Entry> removed;
  std::optional<std::pair<Entry, size_t>> added;

  void Apply(Names& names) const {
    if (removed.has_value()) names.erase(*removed);
    if (added.has_value()) names[added->first] = added->second;
  }
  bool Touches(size_t directory) const {
    return (removed.has_value() && removed->first == directory) ||
           (added.has_value() && added->first.first == directory);
  }
};

// What is in memory and what is on the disk. Inode 0 is the root.
class Model {
 public:
  Model(std::string root, const std::string& before) : root_(std::move(root)) {
    inodes_.push_back({true, std::nullopt, "", std::nullopt, 0700});
    Read(before, 0);
    durable_ = names_;
  }

  void Take(const FileStep& step) {
    switch (step.kind) {
      case Kind::kWrite:
        return Add(step.path, {false, std::nullopt, step.content, std::nullopt,
                               step.mode});
      case Kind::kMakeDirectory:
        return Add(step.path,
                   {true, std::nullopt, "", std::nullopt, step.mode});
      case Kind::kLink:
        return Add(step.path, {false, step.to, "", std::nullopt, 0});
      case Kind::kSyncFile: {
        Inode& inode = inodes_[Find(step.path)];
        inode.synced = inode.content;
        return;
      }
      case Kind::kRename:
        return Change(
            {EntryOf(step.path), std::pair(EntryOf(step.to), Find(step.path))});
      case Kind::kRemove:
        return Change({EntryOf(step.path), std::nullopt});
      case Kind::kSyncDirectory:
        return Sync(Find(step.path));
    }
  }

  void Write(const std::string& to, Survives survives) const {
    WriteBelow(to, 0, survives);
  }

 private:
  void Read(const std::string& path, size_t directory) {
    const auto names = ListDirectory(path);
    CHECK(names.ok()) << names.status();
    for (const std::string& name : *names) {
      const std::string child = JoinPath(path, name);
      struct stat info = {};
      CHECK_EQ(lstat(child.c_str(), &info), 0);
      Inode inode;
      inode.mode = info.st_mode & 07777;
      inode.directory = S_ISDIR(info.st_mode);
      if (S_ISLNK(info.st_mode)) {
        inode.link = std::filesystem::read_symlink(child).string();
      } else if (!inode.directory) {
        inode.content = *ReadFile(child);
        inode.synced = inode.content;
      }
      inodes_.push_back(inode);
      const size_t number = inodes_.size() - 1;
      names_[{directory, name}] = number;
      if (inode.directory) Read(child, number);
    }
  }

  std::vector<std::string> Words(const std::string& path) const {
    absl::string_view below = path;
    CHECK(absl::ConsumePrefix(&below, root_)) << path << " is elsewhere";
    return absl::StrSplit(below, '/', absl::SkipEmpty());
  }
  size_t Find(const std::string& path) const {
    size_t at = 0;
    for (const std::string& word : Words(path)) {
      const auto found = names_.find({at, word});
      CHECK(found != names_.end()) << path << " is not there";
      at = found->second;
    }
    return at;
  }
  Entry EntryOf(const std::string& path) const {
    const size_t slash = path.rfind('/');
    return {Find(path.substr(0, slash)), path.substr(slash + 1)};
  }

  void Add(const std::string& path, Inode inode) {
    inodes_.push_back(std::move(inode));
    Change({std::nullopt, std::pair(EntryOf(path), inodes_.size() - 1)});
  }
  void Change(NameStep step) {
    step.Apply(names_);
    pending_.push_back(std::move(step));
  }
  void Sync(size_t directory) {
    std::vector<NameStep> rest;
    for (NameStep& step : pending_) {
      if (step.Touches(directory)) {
        step.Apply(durable_);
      } else {
        rest.push_back(std::move(step));
      }
    }
    pending_ = std::move(rest);
  }

  void WriteBelow(const std::string& to, size_t directory,
                  Survives survives) const {
    const Names& names = survives == Survives::kDurable ? durable_ : names_;
    for (auto it = names.lower_bound({directory, ""});
         it != names.end() && it->first.first == directory; ++it) {
      const std::string path = JoinPath(to, it->first.second);
      const Inode& inode = inodes_[it->second];
      if (inode.directory) {
        CHECK_EQ(mkdir(path.c_str(), inode.mode), 0) << path;
        WriteBelow(path, it->second, survives);
      } else if (inode.link.has_value()) {
        CHECK_EQ(symlink(inode.link->c_str(), path.c_str()), 0) << path;
      } else {
        const bool whole = survives == Survives::kEverything;
        CHECK(WriteFile(path, whole ? inode.content : inode.synced.value_or(""),
                        inode.mode)
                  .ok());
      }
    }
  }

  const std::string root_;
  std::vector<Inode> inodes_;
  Names names_;
  Names durable_;
  std::vector<NameStep> pending_;
};

std::string CopyOf(const std::string& root) {
  std::string copy = absl::StrCat(root, ".before");
  std::filesystem::copy(root, copy,
                        std::filesystem::copy_options::recursive |
                            std::filesystem::copy_options::copy_symlinks);
  return copy;
}

absl::string_view NameOf(Survives survives) {
  switch (survives) {
    case Survives::kDurable:
      return "what is durable";
    case Survives::kNames:
      return "names of empty files";
    case Survives::kEverything:
      return "everything";
  }
  return "";
}

}  // namespace

PowerCut::PowerCut(std::string root)
    : root_(std::move(root)), before_(CopyOf(root_)) {
  ListenToFileSteps([this](const FileStep& step) { steps_.push_back(step); });
}

PowerCut::~PowerCut() {
  ListenToFileSteps(nullptr);
  std::filesystem::remove_all(before_);
}

void PowerCut::Sweep(const Check& check) {
  ListenToFileSteps(nullptr);
  for (size_t taken = 0; taken <= steps_.size(); ++taken) {
    Model model(root_, before_);
    for (size_t i = 0; i < taken; ++i) model.Take(steps_[i]);
    for (const Survives survives :
         {Survives::kDurable, Survives::kNames, Survives::kEverything}) {
      const TempDir found;
      model.Write(found.path(), survives);
      check(found.path(), absl::StrCat("step ", taken, " of ", steps_.size(),
                                       ", left is ", NameOf(survives)));
      ++covered_;
    }
  }
}

}  // namespace microovn
