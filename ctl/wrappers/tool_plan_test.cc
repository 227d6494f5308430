// SPDX-License-Identifier: Apache-2.0
#include "ctl/wrappers/tool_plan.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

using testing::Contains;
using testing::Not;
using testing::Pair;

constexpr char kEnvFile[] =
    "# Written by microovnd.\n"
    "OVN_INITIAL_NB=\"10.0.0.1\"\n"
    "OVN_NB_CONNECT=\"ssl:10.0.0.1:6641,ssl:[fd00::2]:6641\"\n"
    "OVN_SB_CONNECT=\"ssl:10.0.0.1:6642\"\n";

constexpr char kTls[] =
    "-p /r/data/pki/client-privkey.pem -c /r/data/pki/client-cert.pem "
    "-C /r/data/pki/cacert.pem";

ToolFacts Facts() {
  ToolFacts facts;
  facts.root = "/r";
  facts.env_file = kEnvFile;
  facts.pki_readable = true;
  return facts;
}

std::string Argv(const std::string& tool, const std::string& arguments,
                 const ToolFacts& facts) {
  const auto plan =
      PlanTool(tool, absl::StrSplit(arguments, ' ', absl::SkipEmpty()), facts);
  return plan.ok() ? absl::StrJoin(plan->argv, " ") : plan.status().ToString();
}

TEST(PlanTool, ASnapsToolsAreTheSnapsOwn) {
  ToolFacts facts = Facts();
  EXPECT_THAT(PlanTool("ovsdb-tool", {}, facts)->directories,
              testing::IsEmpty());
  facts.snap = "/snap/microovn/7";
  const auto plan = PlanTool("ovsdb-tool", {}, facts);
  ASSERT_OK(plan);
  EXPECT_THAT(plan->directories,
              testing::ElementsAre("/snap/microovn/7/usr/bin",
                                   "/snap/microovn/7/usr/sbin"));
  EXPECT_THAT(
      plan->environment,
      testing::AllOf(
          Contains(
              Pair("OVS_PKGDATADIR", "/snap/microovn/7/usr/share/openvswitch")),
          Contains(Pair("OVN_PKGDATADIR", "/snap/microovn/7/usr/share/ovn"))));
}

TEST(PlanTool, WhoMayNotReadTheAddressesIsToldSo) {
  ToolFacts facts;
  facts.root = "/r";
  facts.env_file_forbidden = true;
  EXPECT_THAT(PlanTool("ovn-sbctl", {"show"}, facts),
              HasReason("PERMISSION_DENIED"));
  EXPECT_OK(PlanTool("ovn-sbctl", {"--help"}, facts));
  facts.environment["OVN_SB_DB"] = "unix:/s";
  EXPECT_OK(PlanTool("ovn-sbctl", {"show"}, facts)) << "it was given one";
}

TEST(ToolForProgram, KnowsTheDottedNamesOnly) {
  EXPECT_EQ(ToolForProgram("/snap/bin/microovn.ovn-nbctl"), "ovn-nbctl");
  EXPECT_EQ(ToolForProgram("microovn.ovsdb-tool"), "ovsdb-tool");
  for (const char* other :
       {"", "microovn", "/usr/bin/microovn", "ovn-nbctl", "microovn.",
        "microovn.sh", "/microovn.ovn-nbctl/x"}) {
    EXPECT_EQ(ToolForProgram(other), "") << other;
  }
}

TEST(ToolForWord, KnowsShortAndFullNames) {
  EXPECT_EQ(ToolForWord("nbctl"), "ovn-nbctl");
  EXPECT_EQ(ToolForWord("sbctl"), "ovn-sbctl");
  EXPECT_EQ(ToolForWord("vsctl"), "ovs-vsctl");
  EXPECT_EQ(ToolForWord("appctl"), "ovn-appctl");
  EXPECT_EQ(ToolForWord("ovs-dpctl"), "ovs-dpctl");
  EXPECT_EQ(ToolForWord(""), "");
  for (const std::string& name : ToolNames()) {
    EXPECT_EQ(ToolForWord(name), name);
    EXPECT_EQ(ToolForProgram("microovn." + name), name);
  }
}

TEST(PlanTool, TellsEachToolWhatItNeeds) {
  const std::string tls = kTls;
  const struct {
    const char* tool;
    const char* arguments;
    std::string argv;
  } cases[] = {
      {"ovn-nbctl", "show", "ovn-nbctl " + tls + " show"},
      {"ovn-sbctl", "show", "ovn-sbctl " + tls + " show"},
      {"ovn-trace", "--ovs ls", "ovn-trace " + tls + " --ovs ls"},
      {"ovs-vsctl", "show", "ovs-vsctl " + tls + " show"},
      {"ovs-ofctl", "show br-int", "ovs-ofctl " + tls + " show br-int"},
      {"ovsdb-client", "list-dbs", "ovsdb-client " + tls + " list-dbs"},
      {"ovn-appctl", "-t /r/x.ctl cluster/status",
       "ovn-appctl -t /r/x.ctl cluster/status"},
      {"ovs-appctl", "vlog/list", "ovs-appctl vlog/list"},
      {"ovs-dpctl", "show", "ovs-dpctl show"},
      {"ovsdb-tool", "create x y", "ovsdb-tool create x y"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(Argv(test.tool, test.arguments, Facts()), test.argv);
  }
}

TEST(PlanTool, LeavesOutKeysThatTheCallerGives) {
  EXPECT_EQ(Argv("ovsdb-client", "-t 10 -c a -p b -C c list-dbs", Facts()),
            "ovsdb-client -t 10 -c a -p b -C c list-dbs");
  EXPECT_EQ(Argv("ovn-nbctl", "--private-key=k --certificate c show", Facts()),
            "ovn-nbctl -C /r/data/pki/cacert.pem --private-key=k "
            "--certificate c show");
  ToolFacts unreadable = Facts();
  unreadable.pki_readable = false;
  EXPECT_EQ(Argv("ovn-nbctl", "show", unreadable), "ovn-nbctl show");
}

TEST(PlanTool, ReadsTheFilesOfOneSet) {
  ToolFacts facts = Facts();
  facts.certificate_set = "/r/data/pki/generations/7";
  EXPECT_EQ(Argv("ovn-nbctl", "show", facts),
            "ovn-nbctl -p /r/data/pki/generations/7/client-privkey.pem "
            "-c /r/data/pki/generations/7/client-cert.pem "
            "-C /r/data/pki/generations/7/cacert.pem show");
  const std::string tls = kTls;
  for (const std::string stays : {"--detach", "--detach=x"}) {
    EXPECT_EQ(Argv("ovn-nbctl", stays, facts), "ovn-nbctl " + tls + " " + stays)
        << "a set that is replaced goes away";
  }
}

TEST(PlanTool, TargetsAVswitchdWithANamedControlSocket) {
  ToolFacts facts = Facts();
  facts.vswitchd_control = true;
  EXPECT_EQ(Argv("ovs-appctl", "vlog/list", facts),
            "ovs-appctl -t /r/run/switch/ovs-vswitchd.ctl vlog/list");
  EXPECT_EQ(Argv("ovs-appctl", "-t ovsdb-server exit", facts),
            "ovs-appctl -t ovsdb-server exit");
  EXPECT_EQ(Argv("ovs-appctl", "--target=x exit", facts),
            "ovs-appctl --target=x exit");
  EXPECT_EQ(Argv("ovn-appctl", "vlog/list", facts), "ovn-appctl vlog/list");
}

TEST(PlanTool, NamesTheDatabasesAndDirectories) {
  const auto plan = PlanTool("ovn-nbctl", {"show"}, Facts());
  ASSERT_OK(plan);
  EXPECT_THAT(
      plan->environment,
      Contains(Pair("OVN_NB_DB", "ssl:10.0.0.1:6641,ssl:[fd00::2]:6641")));
  EXPECT_THAT(plan->environment, Contains(Pair("OVN_RUNDIR", "/r/run/ovn")));
  EXPECT_THAT(plan->environment, Contains(Pair("OVS_RUNDIR", "/r/run/switch")));
  const auto south = PlanTool("ovn-trace", {"x"}, Facts());
  ASSERT_OK(south);
  EXPECT_THAT(south->environment,
              Contains(Pair("OVN_SB_DB", "ssl:10.0.0.1:6642")));
}

TEST(PlanTool, TheCallersEnvironmentWins) {
  ToolFacts facts = Facts();
  facts.environment = {{"OVN_NB_DB", "unix:/x"}, {"OVS_RUNDIR", ""}};
  const auto plan = PlanTool("ovn-nbctl", {"show"}, facts);
  ASSERT_OK(plan);
  EXPECT_THAT(plan->environment, Not(Contains(Pair("OVN_NB_DB", testing::_))));
  // Empty is not set.
  EXPECT_THAT(plan->environment, Contains(Pair("OVS_RUNDIR", "/r/run/switch")));
}

TEST(PlanTool, WithoutAddressesSaysWhatToDo) {
  ToolFacts facts = Facts();
  facts.env_file.clear();
  const auto refused = PlanTool("ovn-nbctl", {"show"}, facts);
  EXPECT_THAT(refused, HasReason("NO_ENVIRONMENT"));
  for (const char* fine : {"--version", "--help", "--db=unix:/x", "--db"}) {
    EXPECT_OK(PlanTool("ovn-nbctl", {fine}, facts)) << fine;
  }
  EXPECT_OK(PlanTool("ovs-vsctl", {"show"}, facts));
  facts.environment["OVN_NB_DB"] = "unix:/x";
  EXPECT_OK(PlanTool("ovn-nbctl", {"show"}, facts));
}

}  // namespace
}  // namespace microovn::ctl
