// SPDX-License-Identifier: Apache-2.0
// When a database is brought to a newer schema: pure.
//
// A server opens a file of an older schema and serves that; only a conversion
// changes it, for all servers at once. Before OVS 3.2 a server ends on what a
// newer one converts, and the schema that it lacks is no use to it. So
// the database is converted when the OVN of every member that serves it, or is
// about to, expects the same schema, and that is newer than the one in use.
// Never back: an older OVN works on a newer schema.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_SCHEMA_PLAN_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_SCHEMA_PLAN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

struct SchemaPlan {
  bool convert = false;
  // It could be done, but the upgrade is held.
  bool held = false;
  // Names of the members whose OVN expects another one, or that have not said
  // what it expects.
  std::vector<std::string> waiting_for;
};

// `database` is "nb" or "sb"; `live` is the schema in use, `installed` what
// this node's OVN expects. Members that were put out are not waited for.
SchemaPlan PlanSchema(const ClusterState& state, absl::string_view database,
                      absl::string_view live, absl::string_view installed);

// Whether another member's ovn-northd works on the schema in use, so that one
// that needs a newer schema has to leave the lock to it.
bool OlderNorthdServes(const ClusterState& state, absl::string_view self_id,
                       absl::string_view database, absl::string_view live);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_SCHEMA_PLAN_H_
