// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/departed_reconciler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/ovn/connections.h"
#include "agent/state/values/member_view.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

// A node that has lost its membership may run its ovn-controller as long, which
// writes a record that is missing.
constexpr absl::Duration kWatched = absl::Minutes(1);

// Still leaves by itself.
bool Leaves(const statepb::Member& member) {
  return member.state() == statepb::Member::STATE_LEAVING &&
         member.put_out_revision() == 0;
}

bool Keeps(const statepb::Member& member, const statepb::Database* database) {
  return Leaves(member) || Runs(member, statepb::SERVICE_CENTRAL) ||
         (database != nullptr && HasJoined(*database, member.member_id()));
}

// Who is at which address.
struct Hosts {
  // With the ids of their servers, as far as they are known.
  std::map<std::string, std::string> kept;
  // Of members that keep none, and of former members.
  std::set<std::string> given_up;
  std::set<std::string> former;
};

Hosts HostsOf(const ClusterState& state, absl::string_view database) {
  Hosts hosts;
  const statepb::Database* record = state.databases.Find(database);
  for (const statepb::Member* member : MembersInOrder(state)) {
    const std::string host = AddressOf(*member).host;
    if (!Keeps(*member, record)) {
      hosts.given_up.insert(host);
      continue;
    }
    const statepb::MemberReport* report =
        state.reports.Find(member->member_id());
    hosts.kept[host] = report == nullptr  ? ""
                       : database == "nb" ? report->nb_server_id()
                                          : report->sb_server_id();
  }
  for (const auto& [id, tombstone] : state.tombstones.records()) {
    const std::optional<HostPort> address = AddressOf(*tombstone);
    if (address.has_value()) hosts.former.insert(address->host);
  }
  return hosts;
}

uint64_t NewestPutOut(const ClusterState& state) {
  uint64_t newest = 0;
  for (const auto& [id, member] : state.members.records()) {
    newest = std::max(newest, member->put_out_revision());
  }
  return newest;
}

// Whether the server with this id is in the list.
bool Lists(const OvsdbClusterStatus& status, absl::string_view server_id) {
  return !server_id.empty() &&
         std::any_of(status.servers.begin(), status.servers.end(),
                     [&](const OvsdbServer& server) {
                       return absl::StartsWith(server_id, server.id);
                     });
}

// The server led when this pass looked at it. Since then it may have left, or
// another one may lead; what it knows of the cluster may be old then.
absl::StatusOr<OvsdbClusterStatus> StatusOfLeader(
    const CentralDatabase& database) {
  absl::StatusOr<OvsdbClusterStatus> status = database.Status();
  if (absl::IsNotFound(status.status()) ||
      (status.ok() && !status->is_leader())) {
    return absl::UnavailableError("waiting for the database's new leader");
  }
  return status;
}

}  // namespace

std::vector<OvsdbServer> DepartedServers(const NodeView& view,
                                         absl::string_view database,
                                         const OvsdbClusterStatus& status) {
  const Hosts hosts = HostsOf(view.state(), database);
  std::vector<OvsdbServer> departed;
  for (const OvsdbServer& server : status.servers) {
    const std::string host = HostOfOvsdbAddress(server.address);
    if (server.self || host.empty()) continue;
    const bool former = hosts.former.count(host) > 0;
    const auto keeper = hosts.kept.find(host);
    const bool gone = keeper == hosts.kept.end()
                          ? former || hosts.given_up.count(host) > 0
                          : former && Lists(status, keeper->second) &&
                                !absl::StartsWith(keeper->second, server.id);
    if (gone) departed.push_back(server);
  }
  return departed;
}

std::map<std::string, bool> DepartedNames(const ClusterState& state) {
  std::map<std::string, bool> names;
  for (const auto& [id, tombstone] : state.tombstones.records()) {
    if (FindMember(state, tombstone->name()) == nullptr) {
      names[tombstone->name()] = true;
    }
  }
  for (const auto& [id, member] : state.members.records()) {
    if (member->state() == statepb::Member::STATE_LEAVING && !Leaves(*member)) {
      names[member->name()] = false;
    }
  }
  return names;
}

DepartedReconciler::DepartedReconciler(DepartedReconcilerOptions options,
                                       NodeFacts* facts)
    : options_(std::move(options)), facts_(*facts) {}

absl::Status DepartedReconciler::Reconcile(const NodeView& view) {
  settled_ = true;
  if (view.leaving()) return absl::OkStatus();
  for (const auto& [id, operation] : view.state().operations.records()) {
    settled_ = settled_ && operation->done();
  }
  absl::Status result;
  for (const CentralDatabase& database : options_.databases) {
    DatabaseNodeFacts& facts =
        database.kind().name == "nb" ? facts_.nb : facts_.sb;
    if (!facts.leader) continue;
    const absl::Status cleared = Clear(view, database);
    if (cleared.ok()) {
      facts.cleared_revision =
          std::max(facts.cleared_revision, NewestPutOut(view.state()));
    }
    result.Update(cleared);
  }
  return result;
}

absl::Status DepartedReconciler::Clear(const NodeView& view,
                                       const CentralDatabase& database) {
  ASSIGN_OR_RETURN(const OvsdbClusterStatus status, StatusOfLeader(database));
  absl::Status cleared = KickServers(view, database, status);
  if (database.kind().name == "sb") cleared.Update(DeleteChassis(view));
  return cleared;
}

absl::Status DepartedReconciler::Confirm(const NodeView& view) const {
  ASSIGN_OR_RETURN(const uint64_t revision, options_.confirmed_revision());
  if (revision == view.state().revision()) return absl::OkStatus();
  return absl::UnavailableError("waiting for the newest state");
}

absl::Status DepartedReconciler::KickServers(const NodeView& view,
                                             const CentralDatabase& database,
                                             const OvsdbClusterStatus& status) {
  const absl::string_view name = database.kind().name;
  const std::vector<OvsdbServer> departed = DepartedServers(view, name, status);
  if (departed.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(Confirm(view));
  for (const OvsdbServer& server : departed) {
    LOG(INFO) << database.kind().schema_name << ": the server at "
              << server.address << " is put out, no member has it any more";
    RETURN_IF_ERROR(database.Kick(server.id));
  }
  // It answers before the others have agreed.
  ASSIGN_OR_RETURN(const OvsdbClusterStatus after, StatusOfLeader(database));
  if (DepartedServers(view, name, after).empty()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("waiting for servers of former members to be out of ",
                   database.kind().schema_name));
}

absl::Status DepartedReconciler::DeleteChassis(const NodeView& view) {
  const absl::Duration now = options_.clock->Monotonic();
  std::map<std::string, Departed> departed;
  bool watched = false;
  for (const auto& [name, gone] : DepartedNames(view.state())) {
    const auto known = departed_.find(name);
    // Until a member is gone it may make its records again.
    const bool anew = known == departed_.end() || known->second.gone != gone;
    const absl::Duration since = anew ? now : known->second.since;
    departed[name] = {gone, since};
    watched = watched || now - since < kWatched;
  }
  settled_ = settled_ && !watched;
  if (watched) {
    ASSIGN_OR_RETURN(const std::set<std::string> names,
                     options_.chassis_names());
    std::vector<std::string> left;
    for (const auto& [name, record] : departed) {
      if (names.count(name) > 0) left.push_back(name);
    }
    if (!left.empty()) {
      RETURN_IF_ERROR(Confirm(view));
      RETURN_IF_ERROR(options_.delete_chassis(left));
    }
  }
  departed_ = std::move(departed);
  return absl::OkStatus();
}

}  // namespace microovn::agent
