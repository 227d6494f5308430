// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/cluster_status_reads.h"

#include <utility>

#include "agent/ovn/ovsdb_cluster_status.h"

namespace microovn::agent {
namespace {

constexpr char kStatus[] = "cluster/status";
// A leave or a kick is over long before, or tried again.
constexpr absl::Duration kSettles = absl::Seconds(60);

// Other states end by themselves and tell nobody.
bool Serves(const std::string& text) {
  const absl::StatusOr<OvsdbClusterStatus> status =
      ParseOvsdbClusterStatus(text);
  return status.ok() && status->serving();
}

}  // namespace

ClusterStatusReads::ClusterStatusReads(ChangeWatch* watch, const Clock* clock)
    : clock_(*clock), reads_(watch, clock) {}

bool ClusterStatusReads::Unsettled() const {
  MutexLock lock(&mu_);
  return clock_.Monotonic() < unsettled_until_;
}

absl::StatusOr<std::string> ClusterStatusReads::Call(
    const std::string& command, const CachedReads::Read& ask) {
  if (command != kStatus) {
    {
      MutexLock lock(&mu_);
      unsettled_until_ = clock_.Monotonic() + kSettles;
    }
    reads_.Forget();
    return ask();
  }
  return Unsettled() ? ask() : reads_.Get(command, ask, Serves);
}

void ClusterStatusReads::Forget() { reads_.Forget(); }

OvsSockets Through(ClusterStatusReads* reads, OvsSockets sockets) {
  sockets.unixctl = [reads, unixctl = sockets.unixctl](
                        const std::string& socket, const std::string& command,
                        const std::vector<std::string>& arguments,
                        absl::Duration timeout) {
    return reads->Call(
        command, [&] { return unixctl(socket, command, arguments, timeout); });
  };
  return sockets;
}

}  // namespace microovn::agent
