// SPDX-License-Identifier: Apache-2.0
// A joiner's first contact: finds out, before anything is sent, whether what
// listens at an address belongs to the cluster of its token.
//
// Blocking, thread-safe; each call opens and closes one connection.
// Nothing that a man in the middle could use leaves before the pin is checked:
// TLS 1.3 sends the client's certificate in its last flight (RFC 8446 2), and
// the join request goes out on a later connection that trusts the CA found here
// and nothing else.
#ifndef MICROOVN_PKI_JOIN_PIN_FETCHER_H_
#define MICROOVN_PKI_JOIN_PIN_FETCHER_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "pki/certificate/certificate.h"
#include "pki/join/join_token.h"
#include "pki/name/peer_identity.h"

namespace microovn::pki {

struct PinnedPeer {
  // The cluster CA that the token pins: what to trust from now on.
  Certificate ca;
  // The member that answered, and who it says to be.
  Certificate leaf;
  PeerIdentity identity;
};

// Opens TLS 1.3 to `address` and takes the chain that the server presents,
// which holds its leaf and the cluster CA. The token's certificate is presented
// only after the server's has been found good: the CA has the token's pin, the
// leaf chains to it now, may be a server, and names a member of the cluster.
//
// CA_PIN_MISMATCH, CERTIFICATE_REFUSED or PEER_IDENTITY_REFUSED when it is not
// good; JOIN_ADDRESS_UNUSABLE when nobody speaks TLS there within `timeout`.
// The member's dates are judged by `clock`, this system's own; CLOCK_SKEW when
// only that clock is why they do not fit.
absl::StatusOr<PinnedPeer> FetchPinnedCa(const HostPort& address,
                                         const JoinToken& token,
                                         absl::Duration timeout,
                                         const Clock& clock);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_JOIN_PIN_FETCHER_H_
