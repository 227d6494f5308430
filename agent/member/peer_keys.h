// SPDX-License-Identifier: Apache-2.0
// What this node's replicated state says of the key that another member shows,
// and what that is good for. Pure and thread-safe.
//
// The state may be old: a node that was off while others renewed their
// certificates finds none of their new keys in it, and only they can bring it
// up to date. So on the log's streams, and while no leader is heard, the key of
// a younger certificate than the registered one counts as registered. A key
// that was retired has an older one. After clocks were set back the registered
// certificates are of the future, and one that is valid now is younger.
#ifndef MICROOVN_AGENT_MEMBER_PEER_KEYS_H_
#define MICROOVN_AGENT_MEMBER_PEER_KEYS_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/health/facts.h"
#include "agent/server/key_registry.h"
#include "agent/state/values/cluster_state.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {

enum class KeyStanding {
  kRegistered,
  // Of a member, not registered, in a younger certificate than the last that
  // this state knows of.
  kYounger,
  // Of a member, and neither.
  kRetired,
  // This state has never had such a member.
  kUnknownMember,
  kRemovedMember,
};

KeyStanding StandingOf(const ClusterState& state, const std::string& member_id,
                       const pki::Certificate& certificate, absl::Time now);

// Whether the certificate of `member_id` will do outside of its dates. The log
// is for voters, at both ends. One of the cluster CA that was retired last will
// do for every member, and with the registered key only.
bool AcceptsExpiredKey(const ClusterFacts& facts, ExpiredUse use,
                       const std::string& member_id,
                       const pki::Certificate& certificate);

// Whether `member_id` may speak on the log's streams; UNAUTHENTICATED with
// MEMBER_REMOVED, CERTIFICATE_NOT_REGISTERED or BAD_PEER_CERTIFICATE.
absl::Status CheckLogCaller(const ClusterFacts& facts,
                            const std::string& member_id,
                            const pki::Certificate& certificate);

// What connections ask, answered by what `facts` are at that moment.
KeyRegistry::Questions QuestionsOn(std::function<ClusterFacts()> facts);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_PEER_KEYS_H_
