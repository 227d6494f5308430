// SPDX-License-Identifier: Apache-2.0
// Sees to it that this node's ovn-controller and ovn-northd forget what they
// remember of a database when it has become another one, and only then: for
// client_memory.h decides.
//
// Where the cluster has the central, the state says which database it is, and
// a new one is heard of at once. Elsewhere, and where a client is not
// connected, a server is asked, seldom and ever more seldom.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_CLIENT_MEMORY_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_CLIENT_MEMORY_RECONCILER_H_

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/ovn/database_client.h"
#include "agent/reconcile/database/client_memory.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "base/time/clock.h"

namespace microovn::agent {

struct ClientMemoryReconcilerOptions {
  std::vector<DatabaseClient> clients;
  // What is remembered of them, over restarts of the agent.
  std::string file;
  const Clock* clock = nullptr;
  // Names the process that is `pid` now, and no other one ever.
  std::function<absl::StatusOr<std::string>(pid_t pid)> process_of;
  // AskClusterId; `database` is "nb" or "sb". Takes a few seconds at the most.
  std::function<absl::StatusOr<std::string>(const std::string& remotes,
                                            const std::string& database)>
      ask;
};

// Reads NodeFacts::services and ::connections.
class ClientMemoryReconciler final : public Reconciler {
 public:
  // `facts` and the clock outlive the object.
  ClientMemoryReconciler(ClientMemoryReconcilerOptions options,
                         const NodeFacts* facts);

  absl::string_view name() const override { return "database clients"; }
  absl::Status Reconcile(const NodeView& view) override;
  // A database that the state knows of becomes another one by the state; that
  // a client has lost its server nobody tells.
  bool hears() const override { return all_connected_; }

 private:
  struct Client {
    explicit Client(DatabaseClient asked) : daemon(std::move(asked)) {}

    DatabaseClient daemon;
    ClientMemory memory;
    // On Clock::Monotonic().
    std::optional<absl::Duration> unconnected_since;
    // Questions in a row, where and when the next one is due, and what the
    // last one was answered.
    int asked = 0;
    std::string asked_remotes;
    absl::Duration ask_at = absl::ZeroDuration();
    std::optional<std::string> answer;
  };

  void Load();
  absl::Status Save();
  absl::Status Follow(const NodeView& view, Client& client);
  // Does nothing when it is too early for another question.
  void Ask(Client& client, const std::string& remotes);

  const ClientMemoryReconcilerOptions options_;
  const NodeFacts& facts_;
  std::vector<Client> clients_;
  bool loaded_ = false;
  // As it is in the file.
  std::string saved_;
  bool all_connected_ = false;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_CLIENT_MEMORY_RECONCILER_H_
