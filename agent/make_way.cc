// SPDX-License-Identifier: Apache-2.0
#include "agent/make_way.h"

#include <algorithm>
#include <string>
#include <vector>

#include "agent/reconcile/service/backup.h"
#include "base/mutex.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/service/service.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kServicesEnd = absl::Seconds(20);

}  // namespace

void StopAllServices(supervisor::ServiceDriver& driver, const Clock& clock) {
  const auto runs = [&driver](supervisor::Service service) {
    const auto seen = driver.Observe(service);
    return seen.ok() && (seen->pid != 0 || seen->enabled);
  };
  std::vector<supervisor::Service> ending;
  for (const supervisor::Service service : supervisor::kAllServices) {
    if (!runs(service)) continue;
    LOG(WARNING) << "stopping what is no member's: "
                 << supervisor::ServiceName(service);
    absl::Status stopped = driver.Disable(service);
    stopped.Update(driver.Stop(service));
    LOG_IF(ERROR, !stopped.ok())
        << supervisor::ServiceName(service) << ": " << stopped;
    ending.push_back(service);
  }
  const absl::Duration deadline = clock.Monotonic() + kServicesEnd;
  Mutex mu;
  CondVar never;
  MutexLock lock(&mu);
  while (std::any_of(ending.begin(), ending.end(), runs) &&
         clock.Monotonic() < deadline) {
    never.WaitWithTimeout(&mu, absl::Milliseconds(50));
  }
}

absl::Status PutAside(const supervisor::Paths& paths, absl::Time now) {
  ASSIGN_OR_RETURN(const std::string backup, BackUpNode(paths.root(), now));
  LOG_IF(WARNING, !backup.empty()) << "what lay here before is in " << backup;
  return supervisor::CreateLayout(paths);
}

absl::Status PutStateAside(const IdentityStore& store,
                           const supervisor::Paths& paths, absl::Time now) {
  ASSIGN_OR_RETURN(const std::string backup, BackupForState(paths.root(), now));
  RETURN_IF_ERROR(store.Erase(backup));
  LOG(INFO) << "the log of the membership is kept in " << backup << "/state";
  return absl::OkStatus();
}

}  // namespace microovn::agent
