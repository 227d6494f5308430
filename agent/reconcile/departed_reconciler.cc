#include "agent/reconcile/departed_reconciler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/ovn/connections.h"
#include "base/status_macros.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

bool Keeps(const statepb::Member& member, const statepb::Database* database) {
  return member.state() == statepb::Member::STATE_LEAVING ||
         Runs(member, statepb::SERVICE_CENTRAL) ||
         (database != nullptr && HasJoined(*database, member.member_id()));
}

}  // namespace

std::vector<OvsdbServer> DepartedServers(const NodeView& view,
                                         absl::string_view database,
                                         const OvsdbClusterStatus& status) {
  const statepb::Database* record = view.state().databases.Find(database);
  std::set<std::string> hosts;
  for (const statepb::Member* member : MembersInOrder(view.state())) {
    if (Keeps(*member, record)) hosts.insert(HostOf(member->address()));
  }
  std::vector<OvsdbServer> departed;
  for (const OvsdbServer& server : status.servers) {
    const std::string host = HostOfOvsdbAddress(server.address);
    if (server.self || host.empty() || hosts.count(host) > 0) continue;
    departed.push_back(server);
  }
  return departed;
}

std::set<std::string> DepartedNames(const ClusterState& state) {
  std::set<std::string> names;
  for (const auto& [id, tombstone] : state.tombstones.records()) {
    if (FindMember(state, tombstone->name()) == nullptr) {
      names.insert(tombstone->name());
    }
  }
  return names;
}

DepartedReconciler::DepartedReconciler(DepartedReconcilerOptions options,
                                       NodeFacts* facts)
    : options_(std::move(options)), facts_(*facts) {}

absl::Status DepartedReconciler::Reconcile(const NodeView& view) {
  if (view.leaving()) return absl::OkStatus();
  for (const CentralDatabase& database : options_.databases) {
    const DatabaseNodeFacts& facts =
        database.kind().name == "nb" ? facts_.nb : facts_.sb;
    if (facts.leader) RETURN_IF_ERROR(KickServers(view, database));
  }
  return facts_.sb.leader ? DeleteChassis(view) : absl::OkStatus();
}

absl::Status DepartedReconciler::Confirm(const NodeView& view) const {
  ASSIGN_OR_RETURN(const uint64_t revision, options_.confirmed_revision());
  if (revision == view.state().revision()) return absl::OkStatus();
  return absl::UnavailableError("waiting for the newest state");
}

absl::Status DepartedReconciler::KickServers(const NodeView& view,
                                             const CentralDatabase& database) {
  const absl::StatusOr<OvsdbClusterStatus> status = database.Status();
  // It has ended or left since.
  if (absl::IsUnavailable(status.status()) ||
      absl::IsNotFound(status.status())) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(status.status());
  const std::vector<OvsdbServer> departed =
      DepartedServers(view, database.kind().name, *status);
  if (departed.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(Confirm(view));
  for (const OvsdbServer& server : departed) {
    LOG(INFO) << database.kind().schema_name << ": the server at "
              << server.address << " is put out, no member has it any more";
    RETURN_IF_ERROR(database.Kick(server.id));
  }
  return absl::OkStatus();
}

absl::Status DepartedReconciler::DeleteChassis(const NodeView& view) {
  const std::set<std::string> departed = DepartedNames(view.state());
  std::set<std::string> deleted;
  bool confirmed = false;
  for (const std::string& name : departed) {
    if (deleted_.count(name) == 0) {
      if (!confirmed) RETURN_IF_ERROR(Confirm(view));
      confirmed = true;
      RETURN_IF_ERROR(options_.delete_chassis(name));
      deleted_.insert(name);
    }
    deleted.insert(name);
  }
  // A name that is a member's again starts anew when that member departs.
  deleted_ = std::move(deleted);
  return absl::OkStatus();
}

}  // namespace microovn::agent
