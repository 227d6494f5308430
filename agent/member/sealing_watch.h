// SPDX-License-Identifier: Apache-2.0
// Keeps what is sealed for this member within its reach.
//
// A sealing key that what keeps it does not give is asked for again: the agent
// goes on without it, and only issues nothing. A member whose key is another
// than the state says, or opens something else than that, says so in the log;
// then another voter seals the keys of the CAs for it anew.
// Thread-safe; Step is for one thread.
#ifndef MICROOVN_AGENT_MEMBER_SEALING_WATCH_H_
#define MICROOVN_AGENT_MEMBER_SEALING_WATCH_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/state/store/state_store.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "microovn/v1/status.pb.h"
#include "pki/sealing/sealing_key.h"

namespace microovn::agent {

class SealingWatch {
 public:
  // Between two attempts at a key that is out of reach: each asks a TPM.
  static constexpr absl::Duration kPeriod = absl::Seconds(30);

  // Borrowed; all outlive it.
  struct Parts {
    std::function<absl::StatusOr<pki::SealingKey>()> load;
    std::function<absl::Status(statepb::Command)> propose;
    CertificateIssuer* issuer = nullptr;
    StateStore* state = nullptr;
    const Clock* clock = nullptr;
    std::string self_id;
  };

  // Loads the key at once.
  explicit SealingWatch(Parts parts);

  // One look; whether it changed something.
  bool Step() ABSL_LOCKS_EXCLUDED(mu_);

  SealingFacts Facts() const ABSL_LOCKS_EXCLUDED(mu_);
  // What is the matter with the key; nothing if all is well.
  std::optional<v1::Finding> Finding() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Load() ABSL_LOCKS_EXCLUDED(mu_);
  // Whether the state says something else of `key` than it is.
  bool IsNews(const ClusterState& state, const pki::SealingKey& key);
  bool Opens(const statepb::Authority& authority, const pki::SealingKey& key);
  absl::Status Announce(const ClusterState& state, const pki::SealingKey& key);

  const Parts parts_;
  // On the clock, monotonic.
  absl::Duration next_load_;
  // By Authority.sealed_key whether it opened: a trial costs milliseconds.
  std::map<std::string, bool> tried_;
  std::string last_failure_;

  mutable Mutex mu_;
  // Set once; stays where it is.
  std::optional<const pki::SealingKey> key_ ABSL_GUARDED_BY(mu_);
  // Why there is none, or why it is not kept as it was chosen.
  absl::Status problem_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_SEALING_WATCH_H_
