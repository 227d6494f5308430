// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/validate.h"

namespace microovn::agent {
namespace {

using statepb::Database;
using statepb::Member;
using statepb::Result;

constexpr const char* kDatabases[] = {"nb", "sb"};

std::string DatabaseResource(absl::string_view name) {
  return absl::StrCat("databases/", name);
}

bool IsCentral(const ClusterState& state, absl::string_view member_id) {
  const Member* member = state.members.Find(member_id);
  return member != nullptr && Runs(*member, statepb::SERVICE_CENTRAL);
}

Database NewDatabase(const char* name, const Member& creator) {
  Database database;
  database.set_name(name);
  database.set_creator_id(creator.member_id());
  return database;
}

void LeaveDatabase(ApplyContext& context, const std::string& name,
                   const std::string& member_id) {
  ClusterState& state = context.state();
  const Database* known = state.databases.Find(name);
  if (known == nullptr || !HasJoined(*known, member_id)) return;
  Database database = *known;
  database.clear_joined_ids();
  for (const std::string& id : known->joined_ids()) {
    if (id != member_id) database.add_joined_ids(id);
  }
  state.databases.Put(name, database);
  context.Record(
      "DATABASE_LEFT", DatabaseResource(name),
      {{"member", NameOfMember(state, member_id)}, {"database", name}});
}

}  // namespace

void EndDatabases(ApplyContext& context) {
  bool ended = false;
  for (const char* name : kDatabases) {
    ended = context.state().databases.Erase(name) || ended;
  }
  if (ended) {
    context.RecordDesired("DATABASES_ENDED", "databases/-", {});
  }
}

void SettleDatabases(ApplyContext& context) {
  ClusterState& state = context.state();
  const std::vector<const Member*> centrals = CentralMembers(state);
  if (centrals.empty()) {
    EndDatabases(context);
    return;
  }
  for (const char* name : kDatabases) {
    const Database* database = state.databases.Find(name);
    // A creator that goes before it has made the database leaves nothing.
    if (database == nullptr || (!database->created() && !Recovers(*database) &&
                                !IsCentral(state, database->creator_id()))) {
      state.databases.Put(name, NewDatabase(name, *centrals.front()));
    }
  }
}

void NoteJoinedDatabases(ApplyContext& context, const Member& member,
                         const statepb::ReportMember& body) {
  // Its last reports do not join it again.
  if (member.put_out_revision() > 0) return;
  ClusterState& state = context.state();
  for (const std::string& name : body.report().joined_databases()) {
    const Database* known = state.databases.Find(name);
    if (known == nullptr || HasJoined(*known, member.member_id())) continue;
    const std::string& cluster_id =
        name == "nb" ? body.nb_cluster_id() : body.sb_cluster_id();
    const bool makes = Creates(*known, member.member_id());
    // Said of the servers before, which were given up.
    if (!cluster_id.empty() && cluster_id == known->replaced_cluster_id()) {
      continue;
    }
    // Nobody can have joined what has not been made, and who made it says
    // which one it is.
    if (!known->created() && (!makes || cluster_id.empty())) continue;
    Database database = *known;
    database.add_joined_ids(member.member_id());
    if (makes) {
      database.set_created(true);
      database.set_ovsdb_cluster_id(cluster_id);
    }
    state.databases.Put(name, database);
    const Arguments arguments = {{"member", member.name()}, {"database", name}};
    if (makes) {
      context.RecordDesired("DATABASE_CREATED", DatabaseResource(name),
                            arguments);
    } else {
      context.Record("DATABASE_JOINED", DatabaseResource(name), arguments);
    }
  }
}

Applied ApplyPutOut(ApplyContext& context, const statepb::PutOutMember& body) {
  ClusterState& state = context.state();
  const Member* known = state.members.Find(body.member_id());
  if (known == nullptr) return MemberNotFound(body.member_id());
  // It was enabled again since this was decided.
  if (Runs(*known, statepb::SERVICE_CENTRAL)) {
    return CommandMalformed("in-use", "member-id");
  }
  Member member = *known;
  for (const char* name : kDatabases) {
    LeaveDatabase(context, name, member.member_id());
  }
  context.RecordDesired("MEMBER_PUT_OUT", MemberResource(member),
                        {{"member", member.name()}});
  member.set_put_out_revision(state.desired_revision());
  state.members.Put(member.member_id(), member);
  return Result();
}

}  // namespace microovn::agent
