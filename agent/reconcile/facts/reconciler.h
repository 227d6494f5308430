// SPDX-License-Identifier: Apache-2.0
// The contract of everything that brings this node to what the replicated
// state wants.
//
// A reconciler is level-triggered: it compares what is wanted with what is
// there and does what is missing, whatever happened before. It is idempotent
// and never waits for long: what takes time is begun, and the next call goes
// on. It neither knows nor notifies other members.
//
// A call that takes longer than kLongestReconcile is taken for stuck, and a
// service manager that watches over the agent starts it again.
#ifndef MICROOVN_AGENT_RECONCILE_FACTS_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_FACTS_RECONCILER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/reconcile/facts/node_view.h"

namespace microovn::agent {

// Far above what the deadlines of the daemons and the log that a reconciler
// asks add up to.
inline constexpr absl::Duration kLongestReconcile = absl::Minutes(2);

// Something that a reconciler cannot mend itself.
struct LocalFinding {
  // A stable name, such as TUNNELS_NOT_POSSIBLE.
  std::string reason;
  std::string message;
  // In the imperative.
  std::string remedy;

  friend bool operator==(const LocalFinding& a, const LocalFinding& b) {
    return a.reason == b.reason && a.message == b.message &&
           a.remedy == b.remedy;
  }
};

// Called by the reconcile thread only.
class Reconciler {
 public:
  virtual ~Reconciler() = default;

  // "certificates"
  virtual absl::string_view name() const = 0;

  // OK: all of it is in place. UNAVAILABLE: something that was begun is not
  // done yet, or another reconciler must come first; the message says what is
  // waited for. Anything else is a failure, tried again with growing delays.
  virtual absl::Status Reconcile(const NodeView& view) = 0;

  // As of the last call.
  virtual std::vector<LocalFinding> findings() const { return {}; }

  // Whether the loop is woken by whatever may have changed since the last
  // call, so that looking seldom is enough.
  virtual bool hears() const { return false; }
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_FACTS_RECONCILER_H_
