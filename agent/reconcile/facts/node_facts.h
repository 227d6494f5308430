// SPDX-License-Identifier: Apache-2.0
// What the reconcilers of one node have found out, for each other and for the
// report: one fills in what the next one waits for.
//
// Owned by whoever owns the reconcilers; touched by the reconcile thread only.
#ifndef MICROOVN_AGENT_RECONCILE_FACTS_NODE_FACTS_H_
#define MICROOVN_AGENT_RECONCILE_FACTS_NODE_FACTS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "agent/ovn/connections.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_driver.h"

namespace microovn::agent {

struct DatabaseNodeFacts {
  // Whether this node's reconciler has looked at the database since the agent
  // started; run_server means nothing before.
  bool decided = false;
  // Whether the server must run now.
  bool run_server = false;
  // The server is a member of the database's cluster.
  bool joined = false;
  // And has a leader.
  bool serving = false;
  // The server leads the cluster.
  bool leader = false;
  bool file_exists = false;
  // UUIDs; empty when not known.
  std::string cluster_id;
  std::string server_id;
  // The schema of the installed OVN, as far as this node serves the database.
  std::string expected_schema;
  // What is in use is older than that: an ovn-northd of that OVN cannot work.
  bool schema_outdated = false;
  // It is converted next, and its servers need a longer election timer for it:
  // who converts is silent meanwhile.
  bool needs_patience = false;
  // The newest Member.put_out_revision of those of whom nothing was left, when
  // the server led last.
  uint64_t cleared_revision = 0;
};

// This node's sealing key.
struct SealingFacts {
  // How it is kept, in words.
  std::string custody;
  bool out_of_reach = false;
};

struct NodeFacts {
  // False until the supervisor has looked at the services once.
  bool services_seen = false;
  std::map<supervisor::Service, supervisor::Observation> services;

  SealingFacts sealing;
  // What ovn.env holds; empty before it was written.
  OvnConnections connections;
  bool environment_written = false;
  // Services with a published certificate: "client", "ovnnb", ...
  std::set<std::string> certificates;
  DatabaseNodeFacts nb;
  DatabaseNodeFacts sb;
  // Authority.generation of OVN's CA with which the published set agrees, and
  // with which this node's ports were seen to agree; 0 when not known.
  uint64_t ovn_published_generation = 0;
  uint64_t ovn_observed_generation = 0;
  // The same of the cluster's CA.
  uint64_t cluster_published_generation = 0;
  uint64_t cluster_observed_generation = 0;
  // This node's ovn-northd needs a newer schema, and another member's does not.
  bool northd_yields = false;
  bool ovs_settings_applied = false;
  // An interface was given to br-phy and not given back.
  bool underlay_taken = false;
  // Everything was stopped and backed up.
  bool left = false;

  // Runs, is about to, or comes back with the next start of the node.
  bool Active(supervisor::Service service) const;
  // Has a process, or will have one in a moment.
  bool Running(supervisor::Service service) const;
  bool Ready(supervisor::Service service) const;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_FACTS_NODE_FACTS_H_
