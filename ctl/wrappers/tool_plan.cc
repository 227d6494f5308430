// SPDX-License-Identifier: Apache-2.0
#include "ctl/wrappers/tool_plan.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"

namespace microovn::ctl {
namespace {

// Which database a tool talks to when it is not told.
enum class Database { kNone, kNorthbound, kSouthbound };

struct Tool {
  const char* name;
  const char* word;
  Database database;
  // Takes -p, -c and -C.
  bool tls;
};

constexpr Tool kTools[] = {
    {"ovn-appctl", "appctl", Database::kNone, false},
    {"ovn-nbctl", "nbctl", Database::kNorthbound, true},
    {"ovn-sbctl", "sbctl", Database::kSouthbound, true},
    {"ovn-trace", "", Database::kSouthbound, true},
    {"ovs-appctl", "", Database::kNone, false},
    {"ovs-dpctl", "", Database::kNone, false},
    {"ovs-ofctl", "", Database::kNone, true},
    {"ovs-vsctl", "vsctl", Database::kNone, true},
    {"ovsdb-client", "", Database::kNone, true},
    {"ovsdb-tool", "", Database::kNone, false},
};

const Tool* FindTool(absl::string_view name) {
  for (const Tool& tool : kTools) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

// The value of `name="VALUE"`, as the agent writes the file; empty without it.
std::string EnvValue(absl::string_view file, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(file, '\n')) {
    if (!absl::ConsumePrefix(&line, name)) continue;
    if (!absl::ConsumePrefix(&line, "=")) continue;
    absl::ConsumePrefix(&line, "\"");
    absl::ConsumeSuffix(&line, "\"");
    return std::string(line);
  }
  return "";
}

// Whether an argument is the option in any of its spellings.
bool HasOption(const std::vector<std::string>& arguments, char letter,
               absl::string_view name) {
  return std::any_of(
      arguments.begin(), arguments.end(), [&](const std::string& argument) {
        return absl::StartsWith(argument,
                                absl::StrCat("-", std::string(1, letter))) ||
               argument == absl::StrCat("--", name) ||
               absl::StartsWith(argument, absl::StrCat("--", name, "="));
      });
}

// Only help: works without a cluster.
bool AsksNoDatabase(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h" || argument == "--version" ||
        argument == "-V" || argument == "--db" ||
        absl::StartsWith(argument, "--db=") || argument == "--commands" ||
        argument == "--options") {
      return true;
    }
  }
  return false;
}

// `ovn-nbctl --detach` and its like read their files again when these change,
// so they need the names that stay.
bool StaysInTheBackground(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const std::string& argument) {
                       return argument == "--detach" ||
                              absl::StartsWith(argument, "--detach=");
                     });
}

class Planner {
 public:
  Planner(const Tool& tool, const std::vector<std::string>& arguments,
          const ToolFacts& facts)
      : tool_(tool), arguments_(arguments), facts_(facts) {
    plan_.argv.push_back(tool.name);
  }

  absl::StatusOr<ToolPlan> Plan() {
    Directories();
    RETURN_IF_ERROR(DatabaseAddress());
    if (tool_.tls && facts_.pki_readable) Keys();
    Target();
    plan_.argv.insert(plan_.argv.end(), arguments_.begin(), arguments_.end());
    return plan_;
  }

 private:
  std::string Below(absl::string_view path) const {
    return absl::StrCat(facts_.root, "/", path);
  }

  void Set(const std::string& name, const std::string& value) {
    const auto own = facts_.environment.find(name);
    if (own != facts_.environment.end() && !own->second.empty()) return;
    plan_.environment[name] = value;
  }

  void Directories() {
    Set("OVN_RUNDIR", Below("run/ovn"));
    Set("OVN_DBDIR", Below("data/central/db"));
    Set("OVN_LOGDIR", Below("logs"));
    Set("OVN_SYSCONFDIR", Below("data"));
    Set("OVS_RUNDIR", Below("run/switch"));
    Set("OVS_DBDIR", Below("data/switch/db"));
    Set("OVS_LOGDIR", Below("logs"));
    Set("OVS_SYSCONFDIR", Below("data/switch"));
    if (facts_.snap.empty()) return;
    // What was built together; a snap's base may have something of the name.
    plan_.directories = {absl::StrCat(facts_.snap, "/usr/bin"),
                         absl::StrCat(facts_.snap, "/usr/sbin")};
    Set("OVN_PKGDATADIR", absl::StrCat(facts_.snap, "/usr/share/ovn"));
    Set("OVS_PKGDATADIR", absl::StrCat(facts_.snap, "/usr/share/openvswitch"));
  }

  absl::Status DatabaseAddress() {
    if (tool_.database == Database::kNone) return absl::OkStatus();
    const bool north = tool_.database == Database::kNorthbound;
    const std::string variable = north ? "OVN_NB_DB" : "OVN_SB_DB";
    const std::string value =
        EnvValue(facts_.env_file, north ? "OVN_NB_CONNECT" : "OVN_SB_CONNECT");
    if (!value.empty()) Set(variable, value);
    const auto own = facts_.environment.find(variable);
    const bool named = !value.empty() || (own != facts_.environment.end() &&
                                          !own->second.empty());
    if (named || AsksNoDatabase(arguments_)) return absl::OkStatus();
    if (facts_.env_file_forbidden) {
      return MakeError(
          absl::StatusCode::kPermissionDenied,
          absl::StrCat("not allowed to read ", Below("data/env/ovn.env")),
          {"PERMISSION_DENIED", "run the command as root", {}});
    }
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("no address of an OVN database in ",
                     Below("data/env/ovn.env")),
        {"NO_ENVIRONMENT",
         "run microovn cluster bootstrap or microovn cluster join first",
         {}});
  }

  // Ours come first: a tool takes the last of repeated options, so that the
  // caller's win. Those the caller gives are left out nevertheless, because
  // then nothing is read that is not used.
  void Keys() {
    const std::string set =
        facts_.certificate_set.empty() || StaysInTheBackground(arguments_)
            ? Below("data/pki")
            : facts_.certificate_set;
    if (!HasOption(arguments_, 'p', "private-key")) {
      Add("-p", absl::StrCat(set, "/client-privkey.pem"));
    }
    if (!HasOption(arguments_, 'c', "certificate")) {
      Add("-c", absl::StrCat(set, "/client-cert.pem"));
    }
    if (!HasOption(arguments_, 'C', "ca-cert")) {
      Add("-C", absl::StrCat(set, "/cacert.pem"));
    }
  }

  // A vswitchd that was given a control socket by name writes no socket under
  // its process id, where ovs-appctl looks for it.
  void Target() {
    if (absl::string_view(tool_.name) != "ovs-appctl") return;
    if (!facts_.vswitchd_control || HasOption(arguments_, 't', "target"))
      return;
    Add("-t", Below("run/switch/ovs-vswitchd.ctl"));
  }

  void Add(const std::string& option, const std::string& value) {
    plan_.argv.push_back(option);
    plan_.argv.push_back(value);
  }

  const Tool& tool_;
  const std::vector<std::string>& arguments_;
  const ToolFacts& facts_;
  ToolPlan plan_;
};

}  // namespace

const std::vector<std::string>& ToolNames() {
  static const auto* const kNames = [] {
    auto* names = new std::vector<std::string>;
    for (const Tool& tool : kTools) names->push_back(tool.name);
    return names;
  }();
  return *kNames;
}

std::string ToolForWord(absl::string_view word) {
  for (const Tool& tool : kTools) {
    if (word == tool.name || (!word.empty() && word == tool.word)) {
      return tool.name;
    }
  }
  return "";
}

std::string ToolForProgram(absl::string_view argv0) {
  const size_t slash = argv0.rfind('/');
  if (slash != absl::string_view::npos) argv0.remove_prefix(slash + 1);
  if (!absl::ConsumePrefix(&argv0, "microovn.")) return "";
  return FindTool(argv0) == nullptr ? "" : std::string(argv0);
}

absl::StatusOr<ToolPlan> PlanTool(const std::string& tool,
                                  const std::vector<std::string>& arguments,
                                  const ToolFacts& facts) {
  const Tool* const found = FindTool(tool);
  if (found == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("no tool ", tool));
  }
  return Planner(*found, arguments, facts).Plan();
}

}  // namespace microovn::ctl
