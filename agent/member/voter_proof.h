// SPDX-License-Identifier: Apache-2.0
// A voter shows the others that it is one, and this member reads what they
// show (docs/adr/0032). A member that was off while the voters changed knows
// none of them as such; it would refuse all that they say.
// Thread-safe; Step is for one thread.
#ifndef MICROOVN_AGENT_MEMBER_VOTER_PROOF_H_
#define MICROOVN_AGENT_MEMBER_VOTER_PROOF_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/cluster/membership.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/member/replicated_log.h"
#include "agent/server/tls_identity.h"
#include "base/time/clock.h"
#include "raft/transport/raft_service.h"

namespace microovn::agent {

class VoterProof {
 public:
  // Then it is shown once more: who could not read it may be able to now.
  static constexpr absl::Duration kRepeat = absl::Minutes(1);

  struct Parts {
    // Of the configuration in which this member votes; 0: in none.
    std::function<uint64_t()> votes_at;
    // Signs that; fails while the key of the cluster CA is out of reach.
    std::function<absl::StatusOr<std::string>(uint64_t configuration)> prove;
    std::function<void(std::string proof)> show;
    const Clock* clock = nullptr;  // borrowed
  };

  explicit VoterProof(Parts parts) : parts_(std::move(parts)) {}

  // One look; whether it showed something else than before.
  bool Step();

 private:
  const Parts parts_;
  uint64_t shown_ = 0;
  absl::Duration repeat_;  // on the clock, monotonic
};

// Of the member whose log this is; all are borrowed and outlive it.
std::unique_ptr<VoterProof> MakeVoterProof(ReplicatedLog* log,
                                           CertificateIssuer* issuer,
                                           const Membership* member);

// By the cluster CAs that this node trusts. `tls` outlives it.
raft::VoterProofCheck ProofsTrustedBy(const TlsIdentity* tls);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_VOTER_PROOF_H_
