// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/client_memory_reconciler.h"

#include <utility>

#include "agent/state/values/config_keys.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "base/time/backoff.h"
#include "glog/logging.h"
#include "supervisor/service/service.h"

namespace microovn::agent {
namespace {

using supervisor::Service;

// A change of leader costs a client its server for a moment.
constexpr absl::Duration kAskPatience = absl::Seconds(5);
// A question is a process, and a server that is away holds it up.
constexpr BackoffPolicy kAskPolicy = {absl::Seconds(5), absl::Seconds(30), 2.0};

Service ServiceOf(const DatabaseClient& client) {
  return client.daemon() == "ovn-northd" ? Service::kNorthd : Service::kChassis;
}

// The id of the database that the state keeps; empty when it keeps none.
std::string KnownId(const NodeView& view, const std::string& database) {
  const statepb::Database* record = view.state().databases.Find(database);
  return record == nullptr ? "" : record->ovsdb_cluster_id();
}

}  // namespace

ClientMemoryReconciler::ClientMemoryReconciler(
    ClientMemoryReconcilerOptions options, const NodeFacts* facts)
    : options_(std::move(options)), facts_(*facts) {
  for (const DatabaseClient& daemon : options_.clients) {
    Client client(daemon);
    client.memory.daemon = daemon.daemon();
    client.memory.database = daemon.database();
    clients_.push_back(std::move(client));
  }
}

absl::Status ClientMemoryReconciler::Reconcile(const NodeView& view) {
  all_connected_ = true;
  if (view.leaving()) return absl::OkStatus();
  Load();
  absl::Status result;
  for (Client& client : clients_) result.Update(Follow(view, client));
  result.Update(Save());
  return result;
}

absl::Status ClientMemoryReconciler::Follow(const NodeView& view,
                                            Client& client) {
  const Service service = ServiceOf(client.daemon);
  const auto found = facts_.services.find(service);
  if (found == facts_.services.end() || !facts_.Ready(service)) {
    client.unconnected_since.reset();
    return absl::OkStatus();
  }
  const pid_t pid = found->second.pid;
  const absl::StatusOr<std::string> process = options_.process_of(pid);
  // It has ended since.
  if (!process.ok()) return absl::OkStatus();
  ClientObservation seen;
  seen.process = *process;
  seen.remotes = client.daemon.database() == "nb"
                     ? facts_.connections.nb_connect
                     : facts_.connections.sb_connect;
  if (seen.remotes.empty()) return absl::OkStatus();
  const absl::StatusOr<bool> connected = client.daemon.Connected(pid);
  // One that does not answer obeys neither: it is looked at again.
  seen.connected = connected.value_or(false);
  all_connected_ = all_connected_ && seen.connected;
  const absl::Duration now = options_.clock->Monotonic();
  if (seen.connected) {
    client.unconnected_since.reset();
  } else if (!client.unconnected_since.has_value()) {
    client.unconnected_since = now;
  }

  const bool external = !ConfigValue(view.state(), kConfigCentralIps).empty();
  if (!external) seen.cluster_id = KnownId(view, client.daemon.database());
  const ClientMemory& memory = client.memory;
  const bool lost = client.unconnected_since.has_value() &&
                    now - *client.unconnected_since >= kAskPatience;
  const bool shown_new =
      external && (memory.process != seen.process ||
                   memory.cluster_id.empty() || memory.remotes != seen.remotes);
  if (lost || shown_new) {
    Ask(client, seen.remotes);
  } else {
    client.asked = 0;
    client.answer.reset();
  }
  if (external) {
    seen.cluster_id =
        client.answer.value_or(shown_new ? "" : memory.cluster_id);
  }
  seen.answers = client.answer.has_value() && *client.answer == seen.cluster_id;

  ClientPlan plan = PlanClient(memory, seen, now);
  if (plan.forget) {
    LOG(INFO) << client.daemon.daemon() << " forgets what it has seen of the "
              << DatabaseTitle(client.daemon.database())
              << " database, which is " << seen.cluster_id << " now";
    RETURN_IF_ERROR(client.daemon.Forget(pid));
  }
  client.memory = std::move(plan.memory);
  return absl::OkStatus();
}

void ClientMemoryReconciler::Ask(Client& client, const std::string& remotes) {
  const absl::Duration now = options_.clock->Monotonic();
  if (client.asked_remotes != remotes) client.asked = 0;
  if (client.asked > 0 && now < client.ask_at) return;
  const absl::StatusOr<std::string> id =
      options_.ask(remotes, client.daemon.database());
  client.asked_remotes = remotes;
  client.ask_at = now + BackoffDelay(kAskPolicy, ++client.asked);
  client.answer.reset();
  if (id.ok()) client.answer = *id;
}

void ClientMemoryReconciler::Load() {
  if (std::exchange(loaded_, true)) return;
  const absl::StatusOr<std::string> text = ReadFile(options_.file);
  if (!text.ok()) return;
  saved_ = *text;
  for (const ClientMemory& memory : ParseMemories(*text)) {
    for (Client& client : clients_) {
      if (client.memory.daemon == memory.daemon &&
          client.memory.database == memory.database) {
        client.memory = memory;
      }
    }
  }
}

absl::Status ClientMemoryReconciler::Save() {
  std::vector<ClientMemory> memories;
  for (const Client& client : clients_) memories.push_back(client.memory);
  std::string text = FormatMemories(memories);
  if (text == saved_) return absl::OkStatus();
  RETURN_IF_ERROR(WriteFile(options_.file, text, 0600));
  saved_ = std::move(text);
  return absl::OkStatus();
}

}  // namespace microovn::agent
