// SPDX-License-Identifier: Apache-2.0
#include "ctl/wrappers/tool_exec.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"

namespace microovn::ctl {
namespace {

constexpr size_t kLargestEnvFile = 64 << 10;

bool Readable(const std::string& path) {
  return access(path.c_str(), R_OK) == 0;
}

// Where the link `current` of data/pki leads now; empty without one.
std::string CertificateSet(const std::string& pki) {
  char resolved[PATH_MAX];
  const std::string current = JoinPath(pki, "current");
  return realpath(current.c_str(), resolved) == nullptr ? "" : resolved;
}

}  // namespace

ToolFacts GatherToolFacts(const std::string& root) {
  ToolFacts facts;
  facts.root = std::string(absl::StripSuffix(root, "/"));
  const std::string pki = JoinPath(facts.root, "data/pki/");
  facts.pki_readable = Readable(JoinPath(pki, "client-cert.pem")) &&
                       Readable(JoinPath(pki, "client-privkey.pem")) &&
                       Readable(JoinPath(pki, "cacert.pem"));
  facts.certificate_set = CertificateSet(pki);
  facts.vswitchd_control =
      FileExists(JoinPath(facts.root, "run/switch/ovs-vswitchd.ctl"));
  // Not there before bootstrap; which tools need it is the plan's to know.
  const std::string path = JoinPath(facts.root, "data/env/ovn.env");
  const auto env_file = ReadFile(path, kLargestEnvFile);
  if (env_file.ok()) facts.env_file = *env_file;
  facts.env_file_forbidden = access(path.c_str(), R_OK) != 0 && errno == EACCES;
  for (const char* name :
       {"OVN_NB_DB", "OVN_SB_DB", "OVN_RUNDIR", "OVN_DBDIR", "OVN_LOGDIR",
        "OVN_SYSCONFDIR", "OVS_RUNDIR", "OVS_DBDIR", "OVS_LOGDIR",
        "OVS_SYSCONFDIR", "OVN_PKGDATADIR", "OVS_PKGDATADIR"}) {
    const char* value = getenv(name);
    if (value != nullptr) facts.environment[name] = value;
  }
  // Another snap's shell has SNAP as well, and its own name.
  const char* instance = getenv("SNAP_INSTANCE_NAME");
  const char* snap = getenv("SNAP");
  if (snap != nullptr && instance != nullptr &&
      (absl::string_view(instance) == "microovn" ||
       absl::StartsWith(instance, "microovn_"))) {
    facts.snap = snap;
  }
  return facts;
}

absl::Status ExecTool(const std::string& tool,
                      const std::vector<std::string>& arguments,
                      const std::string& root) {
  ASSIGN_OR_RETURN(ToolPlan plan,
                   PlanTool(tool, arguments, GatherToolFacts(root)));
  for (const auto& [name, value] : plan.environment) {
    if (setenv(name.c_str(), value.c_str(), /*overwrite=*/1) != 0) {
      return ErrnoStatus(errno, "setenv", name);
    }
  }
  std::vector<char*> argv;
  for (std::string& argument : plan.argv) argv.push_back(&argument[0]);
  argv.push_back(nullptr);
  for (const std::string& directory : plan.directories) {
    execv(JoinPath(directory, plan.argv[0]).c_str(), argv.data());
  }
  execvp(argv[0], argv.data());
  if (errno != ENOENT) return ErrnoStatus(errno, "exec", plan.argv[0]);
  return MakeError(
      absl::StatusCode::kNotFound,
      absl::StrCat(plan.argv[0], " is not installed"),
      {"TOOL_NOT_INSTALLED",
       "install the packages ovn-central, ovn-host and openvswitch-switch",
       {}});
}

}  // namespace microovn::ctl
