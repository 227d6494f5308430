// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/datapath.h"

#include <string>
#include <vector>

#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::HasSubstr;

struct DatapathCase {
  const char* name;
  bool module_directory;
  const char* proc_modules;
  bool family;
  const char* type;
  const char* reason;
};

TEST(DatapathTest, FollowsTheKernel) {
  const std::vector<DatapathCase> cases = {
      {"loaded or built in, as sysfs says", true, nullptr, false, "system",
       "has the openvswitch module"},
      {"in the list of modules", false, "geneve 1 0 - Live\nopenvswitch 9 1\n",
       false, "system", "has the openvswitch module"},
      {"a netlink family only", false, nullptr, true, "system", "data path"},
      {"a module of a similar name", false, "openvswitch_x 1\n", false,
       "netdev", "no openvswitch module"},
      {"nothing", false, nullptr, false, "netdev", "userspace"},
  };
  for (const DatapathCase& c : cases) {
    SCOPED_TRACE(c.name);
    TempDir root;
    if (c.module_directory) {
      ASSERT_OK(MakeDirectories(root.File("sys/module/openvswitch"), 0755));
    }
    ASSERT_OK(MakeDirectories(root.File("proc"), 0755));
    if (c.proc_modules != nullptr) {
      ASSERT_OK(WriteFile(root.File("proc/modules"), c.proc_modules, 0644));
    }
    DatapathProbe probe;
    probe.root = root.path();
    probe.has_family = [&](const std::string& family) {
      return c.family && family == "ovs_datapath";
    };
    const Datapath datapath = ChooseDatapath(probe);
    EXPECT_EQ(datapath.type, c.type);
    EXPECT_EQ(datapath.userspace(), datapath.type == "netdev");
    EXPECT_THAT(datapath.reason, HasSubstr(c.reason));
  }
}

TEST(DatapathTest, AsksTheKernelForAFamily) {
  EXPECT_TRUE(HasNetlinkFamily("nlctrl"));
  EXPECT_FALSE(HasNetlinkFamily("no_such_family"));
  EXPECT_FALSE(HasNetlinkFamily("a_name_longer_than_any"));
}

}  // namespace
}  // namespace microovn::agent
