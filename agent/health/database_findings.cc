// SPDX-License-Identifier: Apache-2.0
#include "agent/health/database_findings.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/health/database_view.h"
#include "agent/state/values/config_keys.h"
#include "base/text/version_order.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

using State = DatabaseServerView::State;

constexpr char kEnableMore[] =
    "enable central on another member: microovn enable central --node NAME";

std::string Title(absl::string_view name) {
  return name == "nb" ? "Northbound" : "Southbound";
}

std::vector<std::string> NotLive(const DatabaseView& view) {
  std::vector<std::string> members;
  for (const DatabaseServerView& server : view.servers) {
    if (server.state == State::kLive) continue;
    members.push_back(server.member.empty() ? server.address : server.member);
  }
  return members;
}

// One of the two; what both have in common is said once, by Merge.
class Finder {
 public:
  Finder(const ClusterFacts& facts, absl::string_view name)
      : facts_(facts),
        name_(name),
        title_(absl::StrCat("OVN ", Title(name))),
        view_(ViewDatabase(facts, name)) {}

  std::vector<Observed> Find() && {
    if (view_.servers.empty()) {
      FindSilence();
      return std::move(found_);
    }
    if (view_.leader.empty()) FindMissingLeader();
    for (const DatabaseServerView& server : view_.servers) FindServer(server);
    FindTolerance();
    FindOldSchema();
    return std::move(found_);
  }

 private:
  void FindSilence() {
    Observed down =
        Observe("DATABASE_DOWN", v1::SEVERITY_CRITICAL,
                absl::StrCat("no server of ", title_, " answers"),
                "start the members that have central, and the servers on them");
    down.consequence = down.always = true;
    found_.push_back(std::move(down));
  }

  void FindMissingLeader() {
    if (view_.leaderless < ElectionPatience(*facts_.state)) return;
    Observed missing =
        Observe("DATABASE_HAS_NO_LEADER", v1::SEVERITY_CRITICAL,
                absl::StrCat("there is no leader of ", title_, ": ",
                             view_.live(), " of ", view_.servers.size(),
                             " servers take part, and nothing can be changed"),
                "bring back the servers that do not take part; if they are "
                "gone for good: microovn ovn recover");
    missing.consequence = missing.always = true;
    found_.push_back(std::move(missing));
  }

  void FindServer(const DatabaseServerView& server) {
    const std::string at =
        server.member.empty() ? server.address : server.member;
    if (server.state == State::kDead) {
      found_.push_back(Observe(
          "DATABASE_SERVER_DEAD", v1::SEVERITY_WARNING,
          absl::StrCat("the server at ", at,
                       " no longer exists and is still counted by ", title_),
          server.member.empty()
              ? "wait a minute; if it stays, disable and enable central on one "
                "member, one after the other"
              : absl::StrCat("microovn disable central --node ", at,
                             ", then microovn enable central --node ", at),
          server.member));
    } else if (server.state == State::kBehind) {
      found_.push_back(Observe(
          "DATABASE_SERVER_BEHIND", v1::SEVERITY_WARNING,
          absl::StrCat("the server of ", title_, " on ", at,
                       " does not get what the others have"),
          absl::StrCat("look at the network between ", at,
                       " and the other members with central, ports 6643 and "
                       "6644"),
          server.member));
    } else if (server.state == State::kDown && !view_.leader.empty()) {
      // Told of by its member in most cases.
      Observed down = Observe(
          "DATABASE_SERVER_DOWN", v1::SEVERITY_WARNING,
          absl::StrCat("the server of ", title_, " on ", at,
                       " takes no part in its cluster"),
          ReadLog(absl::StrCat("ovn-ovsdb-server-", name_), at), server.member);
      down.consequence = true;
      down.through = {at};
      found_.push_back(std::move(down));
    }
  }

  void FindTolerance() {
    const size_t servers = view_.servers.size();
    if (view_.leader.empty()) return;
    if (view_.CanLose() == 0 && !AsGoodAsItGets()) {
      Observed weak =
          Observe("DATABASE_NO_FAULT_TOLERANCE", v1::SEVERITY_WARNING,
                  absl::StrCat("losing one more server stops ", title_, ": ",
                               view_.live(), " of ", servers, " take part, ",
                               servers / 2 + 1, " must"),
                  kEnableMore);
      weak.consequence = true;
      weak.through = NotLive(view_);
      for (const std::string& member : Outside()) {
        weak.through.push_back(member);
      }
      weak.clause = absl::StrCat("losing one more server stops ", title_);
      found_.push_back(std::move(weak));
    } else if (servers % 2 == 0 && servers > 2) {
      found_.push_back(
          Observe("EVEN_CENTRAL", v1::SEVERITY_NOTICE,
                  absl::StrCat(servers, " servers of ", title_,
                               " survive no more failures than ", servers - 1,
                               " would"),
                  "enable central on one more member, or disable it on one"));
    }
  }

  // Members with central whose servers the database does not count.
  std::vector<std::string> Outside() const {
    std::vector<std::string> outside;
    for (const statepb::Member* member : CentralMembers(*facts_.state)) {
      const bool counted =
          std::any_of(view_.servers.begin(), view_.servers.end(),
                      [member](const DatabaseServerView& server) {
                        return server.member == member->name();
                      });
      if (!counted) outside.push_back(member->name());
    }
    return outside;
  }

  // With fewer than three members nothing survives the loss of one, and the
  // log says so.
  bool AsGoodAsItGets() const {
    return facts_.state->members.records().size() < 3;
  }

  // What the ovn-northd of `member` needs; empty when it does not answer.
  std::string NeededBy(const statepb::Member& member) const {
    const auto answer = facts_.answers.find(member.member_id());
    if (answer == facts_.answers.end() || !answer->second.ok()) return "";
    return name_ == "nb" ? answer->second->expected_nb_schema()
                         : answer->second->expected_sb_schema();
  }

  std::string ActiveSchema() const {
    for (const auto& [id, answer] : facts_.answers) {
      if (!answer.ok()) continue;
      const peerpb::LocalDatabase* local = LocalDatabaseOf(*answer, name_);
      if (local != nullptr && !local->schema().empty()) return local->schema();
    }
    return "";
  }

  bool Held() const {
    return ConfigValue(*facts_.state, kConfigUpgrade) == kUpgradeHeld;
  }

  void FindOldSchema() {
    const std::string active = ActiveSchema();
    std::string needed;
    const auto centrals = CentralMembers(*facts_.state);
    for (const statepb::Member* member : centrals) {
      needed = std::max(needed, NeededBy(*member), OlderVersion);
    }
    if (active.empty() || !OlderVersion(active, needed)) return;
    std::vector<std::string> behind;
    for (const statepb::Member* member : centrals) {
      if (NeededBy(*member) != needed) behind.push_back(member->name());
    }
    found_.push_back(Observe(
        "SCHEMA_OUTDATED", v1::SEVERITY_WARNING,
        absl::StrCat(title_, " has schema ", active, "; ovn-northd needs ",
                     needed),
        behind.empty() && Held() ? "microovn upgrade finalize"
        : behind.empty()
            ? "wait a moment: the agents convert the database by themselves"
            : absl::StrCat("bring ", absl::StrJoin(behind, ", "),
                           " to the same OVN, or disable central there; then "
                           "the agents convert the database")));
  }

  const ClusterFacts& facts_;
  const absl::string_view name_;
  const std::string title_;
  const DatabaseView view_;
  std::vector<Observed> found_;
};

void MergeWords(const std::string& northbound, const std::string& southbound,
                std::string* text) {
  const std::string one = "OVN Northbound";
  const size_t at = northbound.find(one);
  if (at == std::string::npos) return;
  std::string other = northbound;
  other.replace(at, one.size(), "OVN Southbound");
  if (other != southbound) return;
  *text = northbound;
  text->replace(at, one.size(), "OVN Northbound and Southbound");
}

// What is true of both databases for the same reason is one finding.
std::vector<Observed> Merge(std::vector<Observed> nb,
                            std::vector<Observed> sb) {
  for (Observed& one : nb) {
    const auto twin =
        std::find_if(sb.begin(), sb.end(), [&one](const Observed& other) {
          return other.finding.reason() == one.finding.reason() &&
                 other.finding.member() == one.finding.member() &&
                 other.through == one.through;
        });
    if (twin == sb.end()) continue;
    std::string merged;
    MergeWords(one.finding.message(), twin->finding.message(), &merged);
    if (merged.empty()) continue;
    MergeWords(one.clause, twin->clause, &one.clause);
    one.finding.set_message(merged);
    sb.erase(twin);
  }
  nb.insert(nb.end(), std::make_move_iterator(sb.begin()),
            std::make_move_iterator(sb.end()));
  return nb;
}

Observed NoCentral(const ClusterState& state) {
  std::string chassis;
  std::string any;
  for (const statepb::Member* member : MembersInOrder(state)) {
    if (any.empty()) any = member->name();
    if (chassis.empty() && Runs(*member, statepb::SERVICE_CHASSIS)) {
      chassis = member->name();
    }
  }
  return Observe("NO_CENTRAL",
                 chassis.empty() ? v1::SEVERITY_WARNING : v1::SEVERITY_CRITICAL,
                 "no member has central, so OVN has no databases",
                 absl::StrCat("microovn enable central --node ",
                              chassis.empty() ? any : chassis));
}

}  // namespace

bool OwnsDatabases(const ClusterState& state) {
  return ConfigValue(state, kConfigCentralIps).empty();
}

std::vector<Observed> FindDatabaseProblems(const ClusterFacts& facts) {
  if (CentralMembers(*facts.state).empty()) {
    if (!OwnsDatabases(*facts.state)) return {};
    return {NoCentral(*facts.state)};
  }
  return Merge(Finder(facts, "nb").Find(), Finder(facts, "sb").Find());
}

}  // namespace microovn::agent
