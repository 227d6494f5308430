// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/worker.h"

#include "agent/errors/cluster_errors.h"
#include "agent/errors/config_errors.h"
#include "agent/state/values/features.h"

namespace microovn::agent {

bool AdmitsWorker(const ClusterState& state, const statepb::JoinToken& token) {
  return token.worker() && ActiveLevel(state, kFeatureWorkers) > 0;
}

absl::Status RequireWorkers(const ClusterState& state) {
  if (ActiveLevel(state, kFeatureWorkers) > 0) return absl::OkStatus();
  return ConfigKeyNotSupported("cluster add --worker",
                               WhoLacks(state, kFeatureWorkers, 1));
}

absl::Status CheckWorkerServices(
    absl::string_view name,
    const google::protobuf::RepeatedField<int>& services) {
  for (const int service : services) {
    if (service != statepb::SERVICE_CHASSIS &&
        service != statepb::SERVICE_SWITCH) {
      return WorkerService(name);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckChosenServices(bool worker,
                                 const statepb::AdmitMember& body) {
  if (!worker || body.default_services()) return absl::OkStatus();
  return CheckWorkerServices(body.member().name(), body.member().services());
}

bool IsSealedForWorker(const ClusterState& state,
                       const statepb::Authority& authority) {
  for (const auto* ids :
       {&authority.sealed_for(), &authority.other().sealed_for(),
        &authority.requested().sealed_for()}) {
    for (const std::string& id : *ids) {
      if (IsWorker(state, id)) return true;
    }
  }
  return false;
}

bool IsWorker(const ClusterState& state, const std::string& member_id) {
  const statepb::Member* member = state.members.Find(member_id);
  return member != nullptr && member->worker();
}

}  // namespace microovn::agent
