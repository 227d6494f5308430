// SPDX-License-Identifier: Apache-2.0
#include "agent/health/database_view.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/member_view.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

using State = DatabaseServerView::State;

constexpr char kMember[] = "cluster member";

// A server's word, and who said it.
struct Witness {
  std::string member_id;
  const peerpb::LocalDatabase* database = nullptr;
};

bool Leads(const peerpb::LocalDatabase& database) {
  return database.replica().role() == "leader";
}

bool Serves(const peerpb::LocalDatabase& database) {
  return database.replica().status() == kMember && !database.leader().empty();
}

// The more it can know, the higher.
int Standing(const peerpb::LocalDatabase& database) {
  if (Leads(database)) return 3;
  if (Serves(database)) return 2;
  return database.servers().empty() ? 0 : 1;
}

std::vector<Witness> WitnessesOf(const ClusterFacts& facts,
                                 absl::string_view name) {
  std::vector<Witness> witnesses;
  for (const auto& [id, answer] : facts.answers) {
    if (!answer.ok()) continue;
    const peerpb::LocalDatabase* database = LocalDatabaseOf(*answer, name);
    if (database != nullptr) witnesses.push_back({id, database});
  }
  return witnesses;
}

const Witness* BestOf(const std::vector<Witness>& witnesses) {
  const auto best = std::max_element(
      witnesses.begin(), witnesses.end(),
      [](const Witness& a, const Witness& b) {
        const int standing_a = Standing(*a.database);
        const int standing_b = Standing(*b.database);
        if (standing_a != standing_b) return standing_a < standing_b;
        return a.database->replica().term() < b.database->replica().term();
      });
  return best == witnesses.end() || Standing(*best->database) == 0 ? nullptr
                                                                   : &*best;
}

const statepb::Member* MemberAt(const ClusterState& state,
                                const std::string& address) {
  const std::string host = HostOfOvsdbAddress(address);
  if (host.empty()) return nullptr;
  for (const auto& [id, member] : state.members.records()) {
    if (AddressOf(*member).host == host) return &*member;
  }
  return nullptr;
}

absl::Duration ElectionTimer(const ClusterState& state) {
  return absl::Milliseconds(ConfigNumber(state, kConfigElectionTimer));
}

class Viewer {
 public:
  Viewer(const ClusterFacts& facts, absl::string_view name,
         const Witness& witness)
      : facts_(facts), name_(name), witness_(witness) {}

  DatabaseServerView View(const peerpb::DatabaseServer& server) const {
    DatabaseServerView view;
    view.address = server.address();
    const statepb::Member* member = MemberAt(*facts_.state, server.address());
    if (member == nullptr) {
      view.state = HeardJustNow(server) ? State::kLive : State::kDead;
      return view;
    }
    view.member = member->name();
    view.state = StateOf(server, member->member_id());
    return view;
  }

 private:
  bool HeardJustNow(const peerpb::DatabaseServer& server) const {
    return server.heard_millis() >= 0 &&
           absl::Milliseconds(server.heard_millis()) <
               ServerSilence(*facts_.state);
  }

  State StateOf(const peerpb::DatabaseServer& server,
                const std::string& member_id) const {
    const auto answer = facts_.answers.find(member_id);
    if (answer == facts_.answers.end() || !answer->second.ok()) {
      return HeardJustNow(server) ? State::kLive : State::kSilent;
    }
    const peerpb::LocalDatabase* local =
        LocalDatabaseOf(*answer->second, name_);
    if (local == nullptr) return State::kDead;
    // A server that does not answer has no id that could be compared.
    if (local->server_id().empty()) return State::kDown;
    if (!absl::StartsWith(local->server_id(), server.id())) {
      return State::kDead;
    }
    if (local->replica().status() != kMember) {
      return absl::Milliseconds(local->leaderless_millis()) <
                     ElectionPatience(*facts_.state)
                 ? State::kLive
                 : State::kDown;
    }
    // It answers its agent, but not its leader.
    const bool unheard =
        Leads(*witness_.database) && !server.self() && !HeardJustNow(server);
    const bool stalls =
        absl::Milliseconds(server.stalled_millis()) >= kServerStalls;
    return unheard || stalls ? State::kBehind : State::kLive;
  }

  const ClusterFacts& facts_;
  const absl::string_view name_;
  const Witness& witness_;
};

std::string LeaderBy(const ClusterFacts& facts, const Witness& witness) {
  for (const peerpb::DatabaseServer& server : witness.database->servers()) {
    if (witness.database->leader().empty() ||
        server.id() != witness.database->leader()) {
      continue;
    }
    const statepb::Member* member = MemberAt(*facts.state, server.address());
    return member == nullptr ? server.address() : member->name();
  }
  return "";
}

}  // namespace

absl::Duration ServerSilence(const ClusterState& state) {
  return std::max(absl::Seconds(5), ElectionTimer(state));
}

absl::Duration ElectionPatience(const ClusterState& state) {
  return 3 * ElectionTimer(state);
}

const peerpb::LocalDatabase* LocalDatabaseOf(
    const peerpb::GetLocalStatusResponse& answer, absl::string_view name) {
  for (const peerpb::LocalDatabase& database : answer.databases()) {
    if (database.name() == name) return &database;
  }
  return nullptr;
}

uint32_t DatabaseView::live() const {
  return static_cast<uint32_t>(std::count_if(
      servers.begin(), servers.end(), [](const DatabaseServerView& server) {
        return server.state == State::kLive;
      }));
}

uint32_t DatabaseView::CanLose() const {
  const auto needed = static_cast<uint32_t>(servers.size() / 2 + 1);
  return live() > needed ? live() - needed : 0;
}

DatabaseView ViewDatabase(const ClusterFacts& facts, absl::string_view name) {
  DatabaseView view;
  const std::vector<Witness> witnesses = WitnessesOf(facts, name);
  const Witness* best = BestOf(witnesses);
  if (best == nullptr) return view;
  const Viewer viewer(facts, name, *best);
  for (const peerpb::DatabaseServer& server : best->database->servers()) {
    view.servers.push_back(viewer.View(server));
  }
  view.leader = LeaderBy(facts, *best);
  if (!view.leader.empty()) return view;
  view.leaderless = absl::InfiniteDuration();
  for (const Witness& witness : witnesses) {
    // A server that does not answer knows nothing.
    if (witness.database->server_id().empty()) continue;
    view.leaderless =
        std::min(view.leaderless,
                 absl::Milliseconds(witness.database->leaderless_millis()));
  }
  return view;
}

}  // namespace microovn::agent
