// SPDX-License-Identifier: Apache-2.0
// Asks this node's daemons how they are: all of them every few seconds, and at
// once when somebody wants to know. A thread of its own, which a daemon that
// hangs keeps for a moment at most; nothing else waits for a daemon.
//
// A round costs each daemon one answer from memory. What only people need to
// know, such as the rows of the southbound database, is asked for them alone.
#ifndef MICROOVN_AGENT_PROBE_NODE_PROBE_H_
#define MICROOVN_AGENT_PROBE_NODE_PROBE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/ovn/central.h"
#include "agent/probe/database_memory.h"
#include "agent/probe/pulse.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "supervisor/json_rpc/ask_all.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"
#include "supervisor/supervisor.h"

namespace microovn::agent {

struct NodeProbeOptions {
  explicit NodeProbeOptions(supervisor::Paths node_paths)
      : paths(std::move(node_paths)) {}

  supervisor::Paths paths;
  // Outlives the probe.
  const Clock* clock = nullptr;
  // What runs; called on the probe's thread.
  std::function<supervisor::ServiceReports()> services;
  // As supervisor::AskAll.
  std::function<std::vector<absl::StatusOr<std::string>>(
      const std::vector<supervisor::Question>&, absl::Duration)>
      ask = supervisor::AskAll;
  absl::Duration interval = absl::Seconds(5);
  // How long one round waits for a daemon. Who asks waits for two of them.
  absl::Duration patience = absl::Milliseconds(600);
};

// Thread-safe.
class NodeProbe {
 public:
  explicit NodeProbe(NodeProbeOptions options);
  // Stops.
  ~NodeProbe();
  NodeProbe(const NodeProbe&) = delete;
  NodeProbe& operator=(const NodeProbe&) = delete;

  void Start();
  void Stop();

  // The pulses and databases as they are now: of a round that begins after the
  // call, or of the last one if that takes too long.
  void Fill(internal::peer::v1::GetLocalStatusResponse& response);

  // One round. The thread calls it; tests may instead. `thorough`: with what
  // only people need.
  void RunOnce(bool thorough);

 private:
  struct Asked;
  struct Database {
    DatabaseKind kind;
    supervisor::Service service;
    DatabaseMemory memory;
    internal::peer::v1::LocalDatabase told;
  };

  void Run();
  void Put(supervisor::Service service, const supervisor::Observation& seen,
           bool thorough, std::vector<Asked>& asked) const;
  std::map<supervisor::Service, PulseSight> See(
      const supervisor::ServiceReports& services,
      const std::vector<Asked>& asked,
      const std::vector<absl::StatusOr<std::string>>& answers) const;
  void LearnDatabases(const std::vector<Asked>& asked,
                      const std::vector<absl::StatusOr<std::string>>& answers);
  void LearnCertificates();
  void Learn(const Asked& asked, const std::string& answer, Database& database);
  void Publish(absl::Duration now);
  std::string DatabaseFile(const Database& database) const;

  const NodeProbeOptions options_;

  // The thread's own.
  std::map<supervisor::Service, Pulse> pulses_;
  std::vector<Database> databases_;
  std::vector<internal::peer::v1::LocalCertificate> certificates_;

  Mutex mu_;
  CondVar changed_;
  // Rounds that somebody wants, and the last that is done.
  uint64_t wanted_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t done_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  internal::peer::v1::GetLocalStatusResponse result_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_PROBE_NODE_PROBE_H_
