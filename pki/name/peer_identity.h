// SPDX-License-Identifier: Apache-2.0
// Who a certificate of the cluster plane belongs to, as its one URI
// alternative name says: spiffe://CLUSTER/member/ID, .../token/ID or
// .../operator/NAME.
//
// Pure. That the certificate is trusted is settled before (TLS); that the
// member is still one is settled after (registry).
// The form is that of a SPIFFE ID with the cluster's id as trust domain: a
// certificate of another cluster is told apart by it, whatever CA is above.
#ifndef MICROOVN_PKI_NAME_PEER_IDENTITY_H_
#define MICROOVN_PKI_NAME_PEER_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::pki {

enum class PeerKind { kMember, kJoiner, kOperator };

struct PeerIdentity {
  PeerKind kind = PeerKind::kMember;
  std::string cluster_id;
  // The member's id, the token's id or the operator's name.
  std::string id;

  friend bool operator==(const PeerIdentity& a, const PeerIdentity& b) {
    return a.kind == b.kind && a.cluster_id == b.cluster_id && a.id == b.id;
  }
};

// "member", "joiner", "operator".
absl::string_view PeerKindName(PeerKind kind);

std::string ToUri(const PeerIdentity& identity);

// From all URI names of the certificate (gRPC's "peer_uri" properties).
// PEER_IDENTITY_REFUSED unless there is exactly one, of that form: two names
// would let two programs see two peers.
absl::StatusOr<PeerIdentity> ParsePeerIdentity(
    const std::vector<std::string>& uris);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_NAME_PEER_IDENTITY_H_
