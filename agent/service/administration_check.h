// SPDX-License-Identifier: Apache-2.0
// The one door for what people ask of the cluster: whether it is done, by the
// member on which they ask it.
//
// Called by who does it, the leader or the member that a request names. Where
// somebody asks is this member for its own socket, and for what was passed on
// the member that has brought it, by its certificate and not by what it says.
// Functions without state; thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_ADMINISTRATION_CHECK_H_
#define MICROOVN_AGENT_SERVICE_ADMINISTRATION_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/cluster/membership.h"
#include "agent/server/caller.h"
#include "google/protobuf/message.h"

namespace microovn::agent {

// NOT_ADMINISTERED_HERE, or ADMINISTERED_BY_CERTIFICATE for who comes without
// one; also NO_QUORUM or NO_LEADER, when this member cannot make sure of what
// holds. Always good for who comes here with a certificate that was not revoked
// meanwhile (USER_REVOKED), and for the upgrade slot of the member where it is
// asked.
absl::Status CheckAdministration(const Caller& caller, Membership& member,
                                 const google::protobuf::Message& request);

// Before `key` is set to `value`; state() is up to date. WOULD_SHUT_OUT_ASKER,
// or NO_ADMIN_CERTIFICATE when that would leave the cluster to nobody.
absl::Status CheckNotShutOut(const Caller& caller, Membership& member,
                             absl::string_view key, absl::string_view value);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_ADMINISTRATION_CHECK_H_
