// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/database_memory.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

// Entries that the leader has and `server` lacks.
uint64_t Lacks(const OvsdbClusterStatus& status, const OvsdbServer& server) {
  if (!status.is_leader() || server.self || !server.match_index.has_value()) {
    return 0;
  }
  const uint64_t next = *server.match_index + 1;
  return status.log_end > next ? status.log_end - next : 0;
}

}  // namespace

absl::Duration DatabaseMemory::StalledFor(const OvsdbClusterStatus& status,
                                          const OvsdbServer& server,
                                          absl::Duration now) {
  if (Lacks(status, server) == 0) {
    behind_.erase(server.id);
    return absl::ZeroDuration();
  }
  const auto [known, fresh] =
      behind_.insert({server.id, {*server.match_index, now}});
  if (!fresh && known->second.match != *server.match_index) {
    known->second = {*server.match_index, now};
  }
  return now - known->second.since;
}

void DatabaseMemory::Tell(const OvsdbClusterStatus& status, absl::Duration now,
                          peerpb::LocalDatabase& database) {
  if (!status.leader.empty()) {
    leaderless_since_.reset();
  } else if (!leaderless_since_.has_value()) {
    leaderless_since_ = now;
  }
  if (status.leader != leader_ || status.term != term_) {
    leader_ = status.leader;
    term_ = status.term;
    settled_since_ = now;
  }
  database.set_settled_millis(
      leader_.empty() ? 0 : absl::ToInt64Milliseconds(now - settled_since_));
  database.set_cluster_id(status.cluster_id);
  database.set_server_id(status.server_id);
  database.set_leader(status.leader);
  database.set_leaderless_millis(
      absl::ToInt64Milliseconds(now - leaderless_since_.value_or(now)));
  if (!status.is_leader()) behind_.clear();
  for (const OvsdbServer& server : status.servers) {
    peerpb::DatabaseServer* told = database.add_servers();
    told->set_id(server.id);
    told->set_address(server.address);
    told->set_self(server.self);
    told->set_heard_millis(server.self ? 0
                           : server.last_message.has_value()
                               ? absl::ToInt64Milliseconds(*server.last_message)
                               : -1);
    told->set_behind(Lacks(status, server));
    told->set_stalled_millis(
        absl::ToInt64Milliseconds(StalledFor(status, server, now)));
  }
}

}  // namespace microovn::agent
