#include "agent/state/apply/apply_context.h"

#include <string>

#include "agent/state/values/limits.h"

namespace microovn::agent {

void ApplyContext::Record(absl::string_view type, absl::string_view resource,
                          const Arguments& arguments) {
  statepb::Cluster cluster = state_->cluster();
  cluster.set_revision(cluster.revision() + 1);
  statepb::Event event;
  event.set_revision(cluster.revision());
  event.set_time_seconds(now_);
  event.set_type(std::string(type));
  event.set_resource(std::string(resource));
  *event.mutable_arguments() = ToList(arguments);
  state_->events.Put(EventKey(event.revision()), event);
  while (state_->events.size() > kMaxEvents) {
    state_->events.Erase(state_->events.records().begin()->first);
  }
  state_->cluster_record.Put(kClusterKey, cluster);
}

void ApplyContext::RecordDesired(absl::string_view type,
                                 absl::string_view resource,
                                 const Arguments& arguments) {
  Record(type, resource, arguments);
  statepb::Cluster cluster = state_->cluster();
  cluster.set_desired_revision(cluster.revision());
  state_->cluster_record.Put(kClusterKey, cluster);
}

}  // namespace microovn::agent
