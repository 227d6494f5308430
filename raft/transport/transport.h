// SPDX-License-Identifier: Apache-2.0
// How members reach each other, and what the node must offer to what arrives.
#ifndef MICROOVN_RAFT_TRANSPORT_TRANSPORT_H_
#define MICROOVN_RAFT_TRANSPORT_TRANSPORT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "raft/core/values/message.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// A command that was applied: where, and what the state machine answered.
struct Proposed {
  LogIndex index;
  std::string result;
};

// The node, as the transport sees it. Thread-safe; nothing here waits, but the
// node may do its work on the caller's thread: call without a lock held.
class Receiver {
 public:
  virtual ~Receiver() = default;

  // Messages whose header.from is proved, in the order in which they came, and
  // what is proved of it besides (Received::voter_at).
  // Several threads may call at once; what one stream carries comes in its
  // order. What the receiver cannot take it drops, as a network would.
  virtual void Deliver(std::vector<Message> messages, LogIndex voter_at) = 0;

  // Whether `peer` can be reached; false as soon as a connection breaks.
  // Changes of one peer come in the order in which they happened. A hint:
  // nothing that must not be lost may hang on it.
  virtual void ReportPeer(MemberId peer, bool up) = 0;

  // `peer` speaks none of this program's versions of the protocol; comes with
  // every call that it makes.
  virtual void ReportIncompatible(MemberId /*peer*/,
                                  const absl::Status& /*why*/) {}

  // A command of `from`, by its certificate. `done` runs exactly once, from any
  // thread, and must not block. This member does not pass the command on:
  // unless it leads, the answer is NO_LEADER. An error with a reason is what
  // this member found; the transport passes it on as it is.
  using ProposalDone = std::function<void(absl::StatusOr<Proposed>)>;
  virtual void ProposeForPeer(const MemberId& from, std::string command,
                              absl::Duration timeout, ProposalDone done) = 0;
};

// Thread-safe.
// Between members that know each other's certificates. Whether a message is of
// this cluster, for this member and from a present one is checked again by the
// core.
class Transport {
 public:
  virtual ~Transport() = default;

  // From now on `receiver` is called, until Stop returns. Once, first.
  virtual void Start(const ClusterId& cluster, const MemberId& self,
                     Receiver* receiver) = 0;
  // Nothing is received afterwards, and calls of ForwardPropose end.
  // Not from a function of the receiver: it waits until they have returned.
  // Proposals under way are answered within it, PROPOSAL_OUTCOME_UNKNOWN unless
  // their answer has come.
  virtual void Stop() = 0;

  // The members that this one talks to; others are let go.
  // Called with the configuration in force whenever it changes. Those who left
  // are still sent to for a while, since they have to hear of their removal,
  // and what they have open here ends with that;
  // and a message to anybody else opens a way there, so that a candidate can
  // ask who is not connected yet.
  virtual void SetPeers(const std::vector<MemberId>& peers) = 0;

  // Each to its header.to; those to one member leave together. Never blocks;
  // may lose, delay, reorder and duplicate.
  // Without a lock that a function of the receiver takes: a transport in memory
  // delivers on the caller's thread. The core has seen to it that nothing is
  // sent before it is true; here it may leave at once.
  virtual void Send(std::vector<Message> messages) = 0;

  // Proposes at the leader `to`. `done` runs exactly once, from any thread,
  // perhaps before this returns, and must not block. Errors carry a reason:
  // NO_LEADER when the command is certain not to take effect,
  // PROPOSAL_OUTCOME_UNKNOWN when it may, or what the leader refused it with.
  // Tried once: whoever asks knows whether the next try goes to the same
  // leader. `timeout` goes with the call, so that the leader stops waiting as
  // well.
  virtual void ForwardPropose(const MemberId& to, const std::string& command,
                              absl::Duration timeout,
                              Receiver::ProposalDone done) = 0;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_TRANSPORT_H_
