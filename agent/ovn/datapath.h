// SPDX-License-Identifier: Apache-2.0
// Which of Open vSwitch's data paths this node uses: the kernel's when it has
// one, else the one in userspace.
//
// Asked once by the agent; the answer is reported and shown with its reason.
#ifndef MICROOVN_AGENT_OVN_DATAPATH_H_
#define MICROOVN_AGENT_OVN_DATAPATH_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace microovn::agent {

struct Datapath {
  // The bridges' datapath_type: "system" or "netdev".
  std::string type;
  // A sentence without a full stop.
  std::string reason;

  bool userspace() const { return type == "netdev"; }
};

struct DatapathProbe {
  // Holds sys/ and proc/; "/" but for tests.
  std::string root = "/";
  // Whether the kernel answers to a generic netlink family; asking makes it
  // load the module that offers the family, when it may load modules.
  std::function<bool(const std::string& family)> has_family;
};

// The probe of this machine.
DatapathProbe KernelProbe();

Datapath ChooseDatapath(const DatapathProbe& probe);

// CTRL_CMD_GETFAMILY of genetlink(7).
bool HasNetlinkFamily(const std::string& family);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_DATAPATH_H_
