// What a reconciler looks at: the replicated state at one revision, and which
// of its members this node is.
//
// Immutable, cheap to copy, thread-safe.
#ifndef MICROOVN_AGENT_RECONCILE_NODE_VIEW_H_
#define MICROOVN_AGENT_RECONCILE_NODE_VIEW_H_

#include <memory>
#include <string>
#include <utility>

#include "agent/state/cluster_state.h"

namespace microovn::agent {

class NodeView {
 public:
  // Self is a member in `state`, joining, active or leaving.
  NodeView(std::shared_ptr<const ClusterState> state, std::string self_id)
      : state_(std::move(state)), self_id_(std::move(self_id)) {}

  const ClusterState& state() const { return *state_; }
  const std::string& self_id() const { return self_id_; }
  // Null when this node is no member (any more).
  const statepb::Member* self() const { return state_->members.Find(self_id_); }

  bool leaving() const {
    return self() != nullptr &&
           self()->state() == statepb::Member::STATE_LEAVING;
  }
  // Whether this node should run `service`.
  bool Wants(statepb::Service service) const {
    return self() != nullptr && Runs(*self(), service);
  }

 private:
  std::shared_ptr<const ClusterState> state_;
  std::string self_id_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_NODE_VIEW_H_
