// SPDX-License-Identifier: Apache-2.0
#include "agent/state/apply/apply_context.h"

#include <string>
#include <utility>

#include "agent/state/apply/event_history.h"
#include "agent/state/values/features.h"
#include "agent/state/values/limits.h"

namespace microovn::agent {
namespace {

// As people know the members now, who may be gone later.
statepb::EventAsker NamesOf(const ClusterState& state,
                            const statepb::Command& command) {
  statepb::EventAsker named;
  if (!command.has_asker()) return named;
  const statepb::Asker& asker = command.asker();
  if (asker.has_uid()) named.set_uid(asker.uid());
  named.set_user(asker.user());
  named.set_operator_(asker.operator_());
  const statepb::Member& founder = command.bootstrap().member();
  named.set_member(founder.member_id() == asker.member_id()
                       ? founder.name()
                       : NameOfMember(state, asker.member_id()));
  const std::string& via =
      command.passed_by().empty() ? asker.via_member_id() : command.passed_by();
  if (!via.empty() && via != asker.member_id()) {
    named.set_via(NameOfMember(state, via));
  }
  return named;
}

}  // namespace

ApplyContext::ApplyContext(ClusterState* state, int64_t now, int64_t clock,
                           const statepb::Command& command)
    : state_(state),
      now_(now),
      clock_(clock),
      passed_by_(command.passed_by()),
      founds_(command.has_bootstrap()),
      asker_(NamesOf(*state, command)) {}

bool ApplyContext::TellsAll() const {
  return founds_ || ActiveLevel(*state_, kFeatureEvents) > 0;
}

statepb::Event ApplyContext::Next(absl::string_view type,
                                  absl::string_view resource,
                                  const Arguments& arguments) {
  statepb::Cluster cluster = state_->cluster();
  cluster.set_revision(cluster.revision() + 1);
  state_->cluster_record.Put(kClusterKey, cluster);
  statepb::Event event;
  event.set_revision(cluster.revision());
  event.set_time_seconds(now_);
  event.set_type(std::string(type));
  event.set_resource(std::string(resource));
  *event.mutable_arguments() = ToList(arguments);
  return event;
}

void ApplyContext::Record(absl::string_view type, absl::string_view resource,
                          const Arguments& arguments) {
  statepb::Event event = Next(type, resource, arguments);
  if (TellsAll()) {
    event.set_clock_seconds(clock_);
    if (asker_.ByteSizeLong() > 0) *event.mutable_asker() = asker_;
    KeepEvent(*state_, event);
    return;
  }
  state_->events.Put(EventKey(event.revision()), event);
  while (state_->events.size() > kMaxEvents) {
    state_->events.Erase(state_->events.records().begin()->first);
  }
}

void ApplyContext::RecordRepeated(absl::string_view type,
                                  absl::string_view resource,
                                  const Arguments& arguments, uint32_t times) {
  if (!TellsAll()) return;
  statepb::Event event = Next(type, resource, arguments);
  event.set_clock_seconds(clock_);
  if (times > 1) {
    event.set_count(times);
    event.set_first_seconds(now_);
  }
  // What people ask for stands by itself: one asker is not another.
  if (asker_.ByteSizeLong() > 0) {
    *event.mutable_asker() = asker_;
    KeepEvent(*state_, event);
    return;
  }
  KeepEvent(*state_, TakeInRepeated(*state_, std::move(event)));
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
