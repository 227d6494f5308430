// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/service/services_plan.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/service/service_state.h"

namespace microovn::agent {
namespace {

using supervisor::Phase;
using supervisor::Service;
using S = Service;

void Set(NodeFacts* facts, Service service, Phase phase, bool enabled = true) {
  facts->services[service].phase = phase;
  facts->services[service].enabled = enabled;
}

// Nothing runs; everything that opens a gate is there.
NodeFacts Open() {
  NodeFacts facts;
  facts.services_seen = true;
  facts.environment_written = true;
  facts.connections.nb_connect = "ssl:10.0.0.1:6641";
  facts.connections.sb_connect = "ssl:10.0.0.1:6642";
  facts.certificates = {"client", "ovnnb", "ovnsb", "ovn-northd",
                        "ovn-controller"};
  facts.nb.decided = facts.sb.decided = true;
  facts.nb.run_server = facts.sb.run_server = true;
  facts.nb.serving = facts.sb.serving = true;
  facts.ovs_settings_applied = true;
  Set(&facts, S::kSwitch, Phase::kReady);
  return facts;
}

struct ServicesCase {
  const char* name;
  ServicesWish wish;
  std::function<void(NodeFacts*)> change;
  bool northd_has_written;
  std::set<Service> run;
  const char* waiting_for;
};

const ServicesWish kAll = {true, true, true};
const ServicesWish kNone = {false, false, false};

TEST(ServicesPlanTest, GatesHoldBackWhatCannotWorkYet) {
  const std::vector<ServicesCase> cases = {
      {"all gates open",
       kAll,
       [](NodeFacts*) {},
       true,
       {S::kSwitch, S::kNbOvsdbServer, S::kSbOvsdbServer, S::kNorthd,
        S::kChassis},
       ""},
      {"the first moment",
       kAll,
       [](NodeFacts* f) { *f = NodeFacts(); },
       false,
       {S::kSwitch},
       "the connection strings"},
      {"no certificates",
       kAll,
       [](NodeFacts* f) { f->certificates.clear(); },
       true,
       {S::kSwitch},
       "the certificate of ovnnb"},
      {"no database files",
       kAll,
       [](NodeFacts* f) {
         f->nb = DatabaseNodeFacts();
         f->sb = DatabaseNodeFacts();
       },
       false,
       {S::kSwitch},
       "the northbound database"},
      {"the southbound database has no leader",
       kAll,
       [](NodeFacts* f) { f->sb.serving = false; },
       false,
       {S::kSwitch, S::kNbOvsdbServer, S::kSbOvsdbServer},
       "the southbound database"},
      {"an older ovn-northd serves databases that this one cannot",
       kAll,
       [](NodeFacts* f) {
         f->northd_yields = true;
         Set(f, S::kNorthd, Phase::kReady);
       },
       true,
       {S::kSwitch, S::kNbOvsdbServer, S::kSbOvsdbServer, S::kChassis},
       ""},
      {"ovn-northd has not written",
       kAll,
       [](NodeFacts*) {},
       false,
       {S::kSwitch, S::kNbOvsdbServer, S::kSbOvsdbServer, S::kNorthd},
       "ovn-northd to fill the southbound database"},
      {"the settings are not applied",
       kAll,
       [](NodeFacts* f) { f->ovs_settings_applied = false; },
       true,
       {S::kSwitch, S::kNbOvsdbServer, S::kSbOvsdbServer, S::kNorthd},
       "the settings of the switch"},
      {"the switch is not ready",
       kAll,
       [](NodeFacts* f) { Set(f, S::kSwitch, Phase::kStarting); },
       true,
       {S::kSwitch, S::kNbOvsdbServer, S::kSbOvsdbServer, S::kNorthd},
       "the switch"},
      {"no central anywhere",
       {false, true, true},
       [](NodeFacts* f) {
         f->connections = OvnConnections();
         f->nb = f->sb = DatabaseNodeFacts();
       },
       false,
       {S::kSwitch},
       "a central"},
      {"a switch only",
       {false, false, true},
       [](NodeFacts* f) { f->nb = f->sb = DatabaseNodeFacts(); },
       false,
       {S::kSwitch},
       ""},
  };
  for (const ServicesCase& c : cases) {
    SCOPED_TRACE(c.name);
    NodeFacts facts = Open();
    c.change(&facts);
    const ServicesPlan plan = PlanServices(c.wish, facts, c.northd_has_written);
    EXPECT_EQ(plan.run, c.run);
    EXPECT_EQ(plan.waiting_for, c.waiting_for);
  }
}

TEST(ServicesPlanTest, AClosedGateStopsNothingThatRuns) {
  NodeFacts facts;
  facts.nb.decided = facts.sb.decided = true;
  facts.nb.run_server = facts.sb.run_server = true;
  for (const Service service : supervisor::kAllServices) {
    Set(&facts, service, Phase::kReady);
  }
  // Nothing else is known: an agent that has just come back.
  EXPECT_THAT(PlanServices(kAll, facts, false).run,
              testing::UnorderedElementsAre(S::kSwitch, S::kNbOvsdbServer,
                                            S::kSbOvsdbServer, S::kNorthd,
                                            S::kChassis));
  // Neither when they are down for a moment.
  for (const Service service : supervisor::kAllServices) {
    Set(&facts, service, Phase::kBackoff);
  }
  EXPECT_EQ(PlanServices(kAll, facts, false).run.count(S::kChassis), 1u);
}

TEST(ServicesPlanTest, ALeavingNodeStopsFromTheTop) {
  NodeFacts facts = Open();
  for (const Service service : supervisor::kAllServices) {
    Set(&facts, service, Phase::kReady);
  }
  facts.underlay_taken = true;
  // The databases until they are left, the switch until nothing needs it.
  EXPECT_EQ(
      PlanServices(kNone, facts, true).run,
      (std::set<Service>{S::kSwitch, S::kNbOvsdbServer, S::kSbOvsdbServer}));
  Set(&facts, S::kChassis, Phase::kStopped, false);
  facts.nb.run_server = facts.sb.run_server = false;
  EXPECT_EQ(PlanServices(kNone, facts, true).run,
            std::set<Service>{S::kSwitch});
  facts.underlay_taken = false;
  EXPECT_THAT(PlanServices(kNone, facts, true).run, testing::IsEmpty());
}

TEST(NorthdIsCurrentTest, ComparesItsArguments) {
  OvnConnections connections;
  connections.nb_connect = "ssl:10.0.0.1:6641,ssl:10.0.0.2:6641";
  connections.sb_connect = "ssl:10.0.0.1:6642,ssl:10.0.0.2:6642";
  const std::string nb = "--ovnnb-db=" + connections.nb_connect;
  const std::string sb = "--ovnsb-db=" + connections.sb_connect;
  const std::string zero(1, '\0');
  EXPECT_TRUE(NorthdIsCurrent(
      "ovn-northd" + zero + nb + zero + sb + zero + "-vfile:off" + zero,
      connections));
  EXPECT_FALSE(NorthdIsCurrent(
      "ovn-northd" + zero + "--ovnnb-db=ssl:10.0.0.1:6641" + zero + sb + zero,
      connections));
  EXPECT_FALSE(NorthdIsCurrent("ovn-northd" + zero + nb + zero, connections));
  EXPECT_FALSE(NorthdIsCurrent(nb + "x" + zero + sb + zero, connections));
}

// An agent that has just started has not asked the servers beside it yet.
TEST(ServicesPlanTest, AServerGoesOnUntilItsDatabaseHasBeenLookedAt) {
  NodeFacts facts = Open();
  Set(&facts, S::kNbOvsdbServer, Phase::kReady);
  facts.nb = facts.sb = DatabaseNodeFacts();
  const std::set<Service> run = PlanServices(kAll, facts, true).run;
  EXPECT_EQ(run.count(S::kNbOvsdbServer), 1u);
  EXPECT_EQ(run.count(S::kSbOvsdbServer), 0u) << "it does not run";
  facts.nb.decided = true;
  EXPECT_EQ(PlanServices(kAll, facts, true).run.count(S::kNbOvsdbServer), 0u);
}

}  // namespace
}  // namespace microovn::agent
