// SPDX-License-Identifier: Apache-2.0
#include "supervisor/launch/launch_plan.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "supervisor/service/service_catalog.h"

namespace microovn::supervisor {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

EnvFile ThreeCentrals(const char* local, const char* initial) {
  EnvFile env;
  env.initial_nb = initial;
  env.initial_sb = initial;
  env.nb_connect = "ssl:10.0.0.1:6641,ssl:10.0.0.2:6641,ssl:[fd00::3]:6641";
  env.sb_connect = "ssl:10.0.0.1:6642,ssl:10.0.0.2:6642,ssl:[fd00::3]:6642";
  env.local_ip = local;
  return env;
}

absl::StatusOr<LaunchPlan> Plan(Service service, const EnvFile& env) {
  return PlanLaunch(service, Paths("/r"), LaunchOptions(), env);
}

TEST(Service, NamesAreMicroOvnsAndParseBack) {
  std::vector<std::string> names;
  for (const Service service : kAllServices) {
    names.push_back(ServiceName(service));
    EXPECT_THAT(ParseService(names.back()), IsOkAndHolds(service));
  }
  EXPECT_THAT(names,
              ElementsAre("ovs-ovsdb-server", "switch", "ovn-ovsdb-server-nb",
                          "ovn-ovsdb-server-sb", "ovn-northd", "chassis"));
  for (const char* name : {"", "central", "Switch", "switch "}) {
    EXPECT_THAT(ParseService(name),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(Service, RequirementsAreClosed) {
  const std::set<Service> all =
      WithRequirements({Service::kSwitch, Service::kNorthd});
  EXPECT_THAT(all, ElementsAre(Service::kOvsOvsdbServer, Service::kSwitch,
                               Service::kNorthd));
  EXPECT_EQ(WithRequirements(all), all);
}

TEST(Paths, LayoutHasModesAndTheDocumentedLink) {
  TempDir dir;
  const Paths paths(dir.File("root"));
  ASSERT_OK(CreateLayout(paths));
  ASSERT_OK(CreateLayout(paths));
  for (const std::string& directory :
       {paths.central_databases(), paths.switch_run(), paths.pki(),
        paths.state(), paths.logs()}) {
    struct stat found = {};
    ASSERT_EQ(stat(directory.c_str(), &found), 0) << directory;
    EXPECT_EQ(found.st_mode & 07777, 0700u) << directory;
  }
  struct stat root = {};
  ASSERT_EQ(stat(paths.root().c_str(), &root), 0);
  EXPECT_EQ(root.st_mode & 07777, 0711u);
  ASSERT_OK(MakeDirectories(dir.File("root/control"), 0750));
  ASSERT_OK(WriteFile(paths.control_socket(), "", 0600));
  EXPECT_TRUE(FileExists(paths.state_socket()));
  ASSERT_OK(WriteFile(paths.sb_control(), "", 0600));
  EXPECT_TRUE(FileExists(paths.root() + "/run/central/ovnsb_db.ctl"));
}

TEST(LaunchPlan, DatabaseServersListenByTheirConnectionRows) {
  const auto plan =
      Plan(Service::kNbOvsdbServer, ThreeCentrals("10.0.0.1", "10.0.0.1"));
  ASSERT_OK(plan);
  EXPECT_EQ(absl::StrJoin(plan->argv, " "),
            "ovsdb-server /r/data/central/db/ovnnb_db.db "
            "--remote=punix:/r/run/ovn/ovnnb_db.sock "
            "--remote=db:OVN_Northbound,NB_Global,connections "
            "--unixctl=/r/run/ovn/ovnnb_db.ctl "
            "--private-key=/r/data/pki/ovnnb-privkey.pem "
            "--certificate=/r/data/pki/ovnnb-cert.pem "
            "--ca-cert=/r/data/pki/cacert.pem "
            "--pidfile=/r/run/ovn/ovnnb_db.pid -vconsole:info -vsyslog:off "
            "-vfile:off --log-file=/r/logs/ovsdb-server-nb.log");
  EXPECT_THAT(plan->environment, Contains(Pair("OVS_RUNDIR", "/r/run/ovn")));
}

// One row per way that a member's database can come to be.
TEST(LaunchPlan, InitialAddressDecidesBetweenCreatingAndJoining) {
  struct Case {
    Service service;
    const char* local;
    const char* initial;
    const char* command;
  };
  const Case cases[] = {
      {Service::kNbOvsdbServer, "10.0.0.1", "10.0.0.1",
       "ovsdb-tool --election-timer=1000 create-cluster "
       "/r/data/central/db/ovnnb_db.db.new /usr/share/ovn/ovn-nb.ovsschema "
       "ssl:10.0.0.1:6643"},
      {Service::kSbOvsdbServer, "fd00::3", "[fd00::3]",
       "ovsdb-tool --election-timer=1000 create-cluster "
       "/r/data/central/db/ovnsb_db.db.new /usr/share/ovn/ovn-sb.ovsschema "
       "ssl:[fd00::3]:6644"},
      {Service::kSbOvsdbServer, "10.0.0.2", "10.0.0.1",
       "ovsdb-tool join-cluster /r/data/central/db/ovnsb_db.db.new "
       "OVN_Southbound ssl:10.0.0.2:6644 ssl:10.0.0.1:6644 "
       "ssl:[fd00::3]:6644"},
      // The list names another deployment: only the initial member counts.
      {Service::kNbOvsdbServer, "10.0.0.2", "172.16.0.1",
       "ovsdb-tool join-cluster /r/data/central/db/ovnnb_db.db.new "
       "OVN_Northbound ssl:10.0.0.2:6643 ssl:172.16.0.1:6643"},
  };
  for (const Case& c : cases) {
    const auto plan = Plan(c.service, ThreeCentrals(c.local, c.initial));
    ASSERT_OK(plan);
    ASSERT_EQ(plan->preparation.size(), 1u);
    EXPECT_EQ(absl::StrJoin(plan->preparation[0].argv, " "), c.command);
  }
}

TEST(LaunchPlan, NorthdHasTheConnectionListsOnItsCommandLine) {
  const EnvFile env = ThreeCentrals("10.0.0.1", "10.0.0.1");
  const auto plan = Plan(Service::kNorthd, env);
  ASSERT_OK(plan);
  EXPECT_THAT(plan->argv, Contains("--ovnnb-db=" + env.nb_connect));
  EXPECT_THAT(plan->argv, Contains("--ovnsb-db=" + env.sb_connect));
  EXPECT_THAT(plan->argv, Contains("--pidfile=/r/run/ovn/ovn-northd.pid"));
  EXPECT_THAT(plan->argv, Not(Contains(HasSubstr("--unixctl"))));
}

TEST(LaunchPlan, ControllerWaitsUntilNorthdHasFilledTheSouthboundDatabase) {
  const auto plan =
      Plan(Service::kChassis, ThreeCentrals("10.0.0.1", "10.0.0.1"));
  ASSERT_OK(plan);
  EXPECT_EQ(plan->gate.socket, "/r/run/switch/db.sock");
  EXPECT_EQ(absl::StrJoin(plan->gate.argv, " "),
            "ovsdb-client --timeout=5 --no-leader-only "
            "--private-key=/r/data/pki/ovn-controller-privkey.pem "
            "--certificate=/r/data/pki/ovn-controller-cert.pem "
            "--ca-cert=/r/data/pki/cacert.pem query "
            "ssl:10.0.0.1:6642,ssl:10.0.0.2:6642,ssl:[fd00::3]:6642 "
            "[\"OVN_Southbound\",{\"op\":\"select\",\"table\":\"SB_Global\","
            "\"where\":[],\"columns\":[\"options\"]}]");
  EXPECT_THAT(plan->argv, Not(Contains(HasSubstr("--unixctl"))));
  EXPECT_THAT(plan->environment, Contains(Pair("OVS_RUNDIR", "/r/run/switch")));
}

TEST(LaunchPlan, NothingDaemonizes) {
  for (const Service service : kAllServices) {
    const auto plan = Plan(service, ThreeCentrals("10.0.0.1", "10.0.0.1"));
    ASSERT_OK(plan);
    EXPECT_THAT(plan->argv, Not(Contains(HasSubstr("--detach"))));
    EXPECT_THAT(plan->argv, Not(Contains(HasSubstr("--monitor"))));
    EXPECT_THAT(plan->argv,
                Contains("--pidfile=" +
                         DescribeService(service, Paths("/r")).pid_file));
  }
}

TEST(LaunchPlan, AServiceWithoutItsAddressesSaysWhichOne) {
  EXPECT_THAT(Plan(Service::kNbOvsdbServer, EnvFile()),
              HasReason("SERVICE_NOT_CONFIGURED"));
  EXPECT_THAT(Plan(Service::kNorthd, EnvFile()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("OVN_NB_CONNECT")));
  EXPECT_THAT(Plan(Service::kChassis, EnvFile()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("OVN_SB_CONNECT")));
  // The switch works on a node that belongs to no cluster yet.
  EXPECT_OK(Plan(Service::kSwitch, EnvFile()));
  EXPECT_OK(Plan(Service::kOvsOvsdbServer, EnvFile()));
}

TEST(ServiceCatalog, StopRules) {
  const ServiceSpec chassis = DescribeService(Service::kChassis, Paths("/r"));
  EXPECT_THAT(chassis.exit_arguments_keep, ElementsAre("--restart"));
  EXPECT_THAT(chassis.exit_arguments_clean_up, ElementsAre());
  EXPECT_EQ(ControlSocket(chassis, 12), "/r/run/ovn/ovn-controller.12.ctl");
  const ServiceSpec vswitchd = DescribeService(Service::kSwitch, Paths("/r"));
  EXPECT_THAT(vswitchd.exit_arguments_keep, ElementsAre());
  EXPECT_THAT(vswitchd.exit_arguments_clean_up, ElementsAre("--cleanup"));
  EXPECT_EQ(
      ControlSocket(DescribeService(Service::kSbOvsdbServer, Paths("/r")), 12),
      "/r/run/ovn/ovnsb_db.ctl");
}

TEST(LaunchPlan, TheSwitchKeepsARootThatWantsQuoting) {
  const auto plan = PlanLaunch(Service::kSwitch, Paths(R"(/srv/100% "x" \y)"),
                               LaunchOptions(), EnvFile());
  ASSERT_OK(plan);
  ASSERT_EQ(plan->preparation.size(), 1u);
  EXPECT_THAT(
      plan->preparation[0].argv,
      Contains(R"(external-ids:rundir="/srv/100% \"x\" \\y/run/switch")"));
}

TEST(OptionsBelow, ATreeHasWhatTheSystemHas) {
  const LaunchOptions system;
  const LaunchOptions snap = OptionsBelow("/snap/microovn/7");
  ASSERT_EQ(snap.program_directories.size(), system.program_directories.size());
  for (size_t i = 0; i < snap.program_directories.size(); ++i) {
    EXPECT_EQ(snap.program_directories[i],
              absl::StrCat("/snap/microovn/7", system.program_directories[i]));
  }
  EXPECT_EQ(snap.ovs_share, "/snap/microovn/7/usr/share/openvswitch");
  EXPECT_EQ(snap.ovn_share, "/snap/microovn/7/usr/share/ovn");
  EXPECT_EQ(OptionsBelow("").ovn_share, system.ovn_share);
}

}  // namespace
}  // namespace microovn::supervisor
