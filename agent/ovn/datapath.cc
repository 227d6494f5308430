// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/datapath.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "base/file/unique_fd.h"

namespace microovn::agent {
namespace {

constexpr char kDatapathFamily[] = "ovs_datapath";

bool HasModule(const std::string& root) {
  if (FileExists(JoinPath(root, "sys/module/openvswitch"))) return true;
  const auto modules = ReadFile(JoinPath(root, "proc/modules"));
  if (!modules.ok()) return false;
  for (absl::string_view line : absl::StrSplit(*modules, '\n')) {
    if (absl::StartsWith(line, "openvswitch ")) return true;
  }
  return false;
}

struct FamilyRequest {
  nlmsghdr header;
  genlmsghdr generic;
  nlattr name_attribute;
  char name[GENL_NAMSIZ];
};

FamilyRequest MakeRequest(const std::string& family) {
  FamilyRequest request;
  memset(&request, 0, sizeof(request));
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = GENL_ID_CTRL;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.generic.cmd = CTRL_CMD_GETFAMILY;
  request.generic.version = 1;
  request.name_attribute.nla_type = CTRL_ATTR_FAMILY_NAME;
  request.name_attribute.nla_len = NLA_HDRLEN + GENL_NAMSIZ;
  family.copy(request.name, GENL_NAMSIZ - 1);
  return request;
}

}  // namespace

bool HasNetlinkFamily(const std::string& family) {
  const UniqueFd socket(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
  if (!socket.valid() || family.size() >= GENL_NAMSIZ) return false;
  // Loading a module takes its time.
  const timeval timeout = {.tv_sec = 5, .tv_usec = 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  const FamilyRequest request = MakeRequest(family);
  if (send(socket.get(), &request, sizeof(request), 0) < 0) return false;
  alignas(nlmsghdr) char answer[8192];
  const ssize_t size = recv(socket.get(), answer, sizeof(answer), 0);
  if (size < static_cast<ssize_t>(sizeof(nlmsghdr))) return false;
  nlmsghdr header;
  memcpy(&header, answer, sizeof(header));
  return header.nlmsg_type == GENL_ID_CTRL;
}

DatapathProbe KernelProbe() {
  DatapathProbe probe;
  probe.has_family = HasNetlinkFamily;
  return probe;
}

Datapath ChooseDatapath(const DatapathProbe& probe) {
  if (HasModule(probe.root)) {
    return {"system", "the kernel has the openvswitch module"};
  }
  if (probe.has_family && probe.has_family(kDatapathFamily)) {
    return {"system", "the kernel has Open vSwitch's data path"};
  }
  return {"netdev",
          "the kernel has no openvswitch module, so packets are switched in "
          "userspace"};
}

}  // namespace microovn::agent
