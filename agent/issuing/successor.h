// SPDX-License-Identifier: Apache-2.0
// The CA that a rotation brings: made here, or a user's that was tried.
//
// It is of use to nobody before the log has it: its key leaves this function
// only sealed for those who are to hold it.
#ifndef MICROOVN_AGENT_ISSUING_SUCCESSOR_H_
#define MICROOVN_AGENT_ISSUING_SUCCESSOR_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"
#include "base/crypto/random.h"
#include "base/crypto/secret_string.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "pki/key/private_key.h"

namespace microovn::agent {

// A user's CA in PEM.
struct GivenAuthority {
  // With its chain.
  std::string certificate_pem;
  SecretString key_pem;
};

struct Successor {
  statepb::Authority authority;
  // What is worse with it, a sentence each without a full stop.
  std::vector<std::string> warnings;
};

// For whom a new key is sealed: the holders of the key of the CA in use, or the
// voters, where nobody can open that one.
struct Recipients {
  const ClusterState& state;
  // Member ids.
  std::vector<std::string> voters;
};

// CA_IN_USE when it is the one that issues, CA_INVALID when it cannot serve.
absl::StatusOr<Successor> MakeOvnSuccessor(
    const Recipients& to, const std::optional<GivenAuthority>& given,
    absl::Time now, RandomSource& random);

// Always the cluster's own.
absl::StatusOr<Successor> MakeClusterSuccessor(const Recipients& to,
                                               absl::Time now,
                                               RandomSource& random);

// A key for the OVN CA and a request for its certificate.
absl::StatusOr<statepb::RequestAuthority> MakeAuthorityRequest(
    const Recipients& to);

// The CA of that key; errors as of MakeOvnSuccessor. `key` was opened from the
// state's request.
absl::StatusOr<Successor> MakeRequestedSuccessor(
    const ClusterState& state, pki::PrivateKey key,
    const std::string& certificate_pem, absl::Time now, RandomSource& random);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ISSUING_SUCCESSOR_H_
