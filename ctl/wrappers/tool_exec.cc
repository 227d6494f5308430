#include "ctl/wrappers/tool_exec.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "base/file.h"
#include "base/status_macros.h"

namespace microovn::ctl {
namespace {

constexpr size_t kLargestEnvFile = 64 << 10;

bool Readable(const std::string& path) {
  return access(path.c_str(), R_OK) == 0;
}

}  // namespace

ToolFacts GatherToolFacts(const std::string& root) {
  ToolFacts facts;
  facts.root = std::string(absl::StripSuffix(root, "/"));
  const std::string pki = JoinPath(facts.root, "data/pki/");
  facts.pki_readable = Readable(JoinPath(pki, "client-cert.pem")) &&
                       Readable(JoinPath(pki, "client-privkey.pem")) &&
                       Readable(JoinPath(pki, "cacert.pem"));
  facts.vswitchd_control =
      FileExists(JoinPath(facts.root, "run/switch/ovs-vswitchd.ctl"));
  // Not there before bootstrap; which tools need it is the plan's to know.
  const auto env_file =
      ReadFile(JoinPath(facts.root, "data/env/ovn.env"), kLargestEnvFile);
  if (env_file.ok()) facts.env_file = *env_file;
  for (const char* name : {"OVN_NB_DB", "OVN_SB_DB", "OVN_RUNDIR", "OVN_DBDIR",
                           "OVN_LOGDIR", "OVN_SYSCONFDIR", "OVS_RUNDIR",
                           "OVS_DBDIR", "OVS_LOGDIR", "OVS_SYSCONFDIR"}) {
    const char* value = getenv(name);
    if (value != nullptr) facts.environment[name] = value;
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
