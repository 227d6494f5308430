// SPDX-License-Identifier: Apache-2.0
// The OVN and Open vSwitch tools under MicroOVN's names (microovn.ovn-nbctl,
// `microovn nbctl`): which program is run with which arguments and
// environment, so that it finds this node's sockets, databases and keys. Pure.
#ifndef MICROOVN_CTL_WRAPPERS_TOOL_PLAN_H_
#define MICROOVN_CTL_WRAPPERS_TOOL_PLAN_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::ctl {

// What the plan depends on, gathered by the caller.
struct ToolFacts {
  // The node's root directory, without a slash at its end.
  std::string root;
  // Of data/env/ovn.env; empty when it is not there.
  std::string env_file;
  // It is, or may be, and the caller may not read it.
  bool env_file_forbidden = false;
  // data/pki's client certificate, its key and the CA can be read.
  bool pki_readable = false;
  // The directory of the one set that data/pki shows now; empty when unknown.
  // Certificates may be replaced at any time: a program that reads its key
  // before and its certificate after that has two that are not a pair.
  std::string certificate_set;
  // The files of the snap that this program runs out of; empty elsewhere.
  std::string snap;
  // run/switch/ovs-vswitchd.ctl exists.
  bool vswitchd_control = false;
  // What the caller's environment has; it wins.
  std::map<std::string, std::string> environment;
};

struct ToolPlan {
  // argv[0] is the program's name, looked up in `directories` and then in PATH.
  std::vector<std::string> argv;
  std::vector<std::string> directories;
  // Added to the caller's environment.
  std::map<std::string, std::string> environment;
};

// "ovn-nbctl", ...: the tools there are, by name.
const std::vector<std::string>& ToolNames();

// "ovn-nbctl" for "nbctl" and for itself; empty when there is none.
std::string ToolForWord(absl::string_view word);

// "ovn-nbctl" for ".../microovn.ovn-nbctl"; empty for any other program name.
std::string ToolForProgram(absl::string_view argv0);

// `tool` is one of ToolNames. FAILED_PRECONDITION with reason NO_ENVIRONMENT
// when the tool needs the OVN databases' addresses and nothing names them,
// PERMISSION_DENIED when the caller may not read them.
absl::StatusOr<ToolPlan> PlanTool(const std::string& tool,
                                  const std::vector<std::string>& arguments,
                                  const ToolFacts& facts);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_WRAPPERS_TOOL_PLAN_H_
