// SPDX-License-Identifier: Apache-2.0
// What a worker is: a member that its token has made one, and that runs chassis
// and switch, without a vote, a key of a CA or anybody who administers the
// cluster there, until it is removed. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_WORKER_H_
#define MICROOVN_AGENT_STATE_VALUES_WORKER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/state/values/cluster_state.h"
#include "google/protobuf/repeated_field.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// Whether who comes with `token` is a worker. While an older agent is a member
// nobody is: it would not know.
bool AdmitsWorker(const ClusterState& state, const statepb::JoinToken& token);

// FEATURE_NOT_SUPPORTED, naming those who do not know workers.
absl::Status RequireWorkers(const ClusterState& state);

// WORKER_SERVICE when `services`, of the worker `name`, are more than a worker
// runs.
absl::Status CheckWorkerServices(
    absl::string_view name,
    const google::protobuf::RepeatedField<int>& services);

// The same of who is admitted and has chosen what to run.
absl::Status CheckChosenServices(bool worker, const statepb::AdmitMember& body);

// Whether one of the keys of `authority` is sealed for a worker.
bool IsSealedForWorker(const ClusterState& state,
                       const statepb::Authority& authority);

bool IsWorker(const ClusterState& state, const std::string& member_id);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_WORKER_H_
