// SPDX-License-Identifier: Apache-2.0
// Which members vote: pure. Members that do not vote are stand-bys (they get
// the log) or, outside the log's configuration, spares.
//
// The rules, each of which holds after every single change:
//  * One change at a time, and none while one is under way.
//  * An odd number of voters, as many as wanted and possible; two at a time
//    are promoted or demoted in one joint change. The one exception: a leader
//    that is being removed makes a second voter in order to hand over.
//  * A voter that is down is replaced, never just dropped: voters are not made
//    fewer because of failures.
//  * A majority of the voters of the result is in contact.
//  * A worker never votes, and does not count where voters are counted.
//  * Who is promoted is active, in contact, caught up, and can already open
//    the keys of the certificate authorities.
//  * Who leads can open those keys, if a voter can: else nothing is issued.
//  * Members leave the log last, when their removal says so.
#ifndef MICROOVN_AGENT_OPERATIONS_ROLE_POLICY_H_
#define MICROOVN_AGENT_OPERATIONS_ROLE_POLICY_H_

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "agent/operations/raft_control.h"

namespace microovn::agent {

struct RoleMember {
  std::string id;
  // Neither joining nor leaving.
  bool active = false;
  bool leaving = false;
  // Its removal has come to the step at which it leaves the log.
  bool may_leave_log = false;
  // Never votes and never holds a key of a CA.
  bool worker = false;
  // Has a sealing key.
  bool can_seal = false;
  // It cannot open that now, nor what was sealed for it.
  bool out_of_reach = false;
  bool in_contact = false;
  bool down = false;
  bool caught_up = false;
};

struct RoleFacts {
  std::string leader_id;
  // In the order in which they came.
  std::vector<RoleMember> members;
  std::vector<std::string> voters;
  std::vector<std::string> learners;
  // The configuration is committed and no change is under way.
  bool settled = false;
  size_t wanted_voters = 3;
  // For each authority, who can open its key; empty without authorities.
  std::vector<std::set<std::string>> sealed_for;
};

struct RoleDecision {
  enum class Kind { kNothing, kReseal, kChange, kTransfer };

  Kind kind = Kind::kNothing;
  std::vector<std::string> seal_for;  // kReseal
  MembershipTarget target;            // kChange
  std::string transfer_to;            // kTransfer
  // For the log, a clause.
  std::string reason;
};

RoleDecision DecideRoles(const RoleFacts& facts);

// The greatest odd number that is neither above `wanted` nor above `members`;
// at least 1.
size_t OddVoterCount(size_t wanted, size_t members);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_ROLE_POLICY_H_
