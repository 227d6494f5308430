// SPDX-License-Identifier: Apache-2.0
// Brings OVN's databases to the schema of an OVN that all centrals have been
// upgraded to: the southbound one first, as ovn-northd writes what it reads
// from the other. When that is so is decided in schema_plan.h.
//
// Done by the member whose server leads the database, so by one at a time;
// doing it twice does no harm.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_SCHEMA_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_SCHEMA_RECONCILER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/central.h"
#include "agent/reconcile/database/schema_plan.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"

namespace microovn::agent {

// A database of more than these bytes is converted by servers that have
// kConversionElectionTimer (docs/adr/0034).
inline constexpr uint64_t kPatientBytes = uint64_t{4} << 20;

struct SchemaReconcilerOptions {
  // In the order in which they are converted.
  std::vector<CentralDatabase> databases;
  // The revision of the state that a quorum agrees on now: a member that lags
  // behind may not know of a server.
  std::function<absl::StatusOr<uint64_t>()> confirmed_revision;
};

// Fills in expected_schema, schema_outdated and needs_patience of NodeFacts::nb
// and ::sb, and northd_yields; reads what the database reconcilers fill in.
class SchemaReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  SchemaReconciler(SchemaReconcilerOptions options, NodeFacts* facts);

  absl::string_view name() const override { return "schemas"; }
  // OK as well while other members have to be upgraded first.
  absl::Status Reconcile(const NodeView& view) override;
  // Another OVN comes with a start of its servers, another member's with its
  // report.
  bool hears() const override { return true; }

 private:
  DatabaseNodeFacts& FactsOf(const CentralDatabase& database) const;
  // Fills in the facts.
  absl::Status Look(const NodeView& view, const CentralDatabase& database);
  // Once, who is waited for.
  void Tell(const CentralDatabase& database, const SchemaPlan& plan);
  // UNAVAILABLE until the servers have the patience that a large database
  // needs; the election timers' reconciler gives it to them.
  absl::Status AwaitPatience(const CentralDatabase& database);
  absl::Status Convert(const NodeView& view, const CentralDatabase& database);

  const SchemaReconcilerOptions options_;
  NodeFacts& facts_;
  // Whether ovn-northd has to leave the work to another member's.
  bool NorthdYields(const NodeView& view) const;

  // By database, in use as of this call; empty when no server answers.
  std::map<std::string, std::string> live_;
  // What was said last of those who are waited for.
  std::string told_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_SCHEMA_RECONCILER_H_
