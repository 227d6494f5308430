// SPDX-License-Identifier: Apache-2.0
// What a reconciler looks at: the replicated state at one revision, and which
// of its members this node is.
//
// Immutable, cheap to copy, thread-safe.
#ifndef MICROOVN_AGENT_RECONCILE_FACTS_NODE_VIEW_H_
#define MICROOVN_AGENT_RECONCILE_FACTS_NODE_VIEW_H_

#include <memory>
#include <string>
#include <utility>

#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

class NodeView {
 public:
  // Self is a member in `state`, joining, active or leaving.
  NodeView(std::shared_ptr<const ClusterState> state, std::string self_id)
      : state_(std::move(state)), self_id_(std::move(self_id)) {}

  // A node that goes whatever the state says: the log that would say so does
  // not reach it any more, or has left it out already.
  static NodeView Departing(std::shared_ptr<const ClusterState> state,
                            std::string self_id) {
    statepb::Member self;
    const statepb::Member* known = state->members.Find(self_id);
    if (known != nullptr) self = *known;
    self.set_member_id(self_id);
    self.set_state(statepb::Member::STATE_LEAVING);
    NodeView view(std::move(state), std::move(self_id));
    view.departing_ = std::make_shared<const statepb::Member>(std::move(self));
    return view;
  }

  const ClusterState& state() const { return *state_; }
  const std::string& self_id() const { return self_id_; }
  // Null when this node is no member (any more).
  const statepb::Member* self() const {
    return departing_ != nullptr ? departing_.get()
                                 : state_->members.Find(self_id_);
  }
  // Nobody in the cluster waits for what this node does.
  bool departing() const { return departing_ != nullptr; }

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
  std::shared_ptr<const statepb::Member> departing_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_FACTS_NODE_VIEW_H_
