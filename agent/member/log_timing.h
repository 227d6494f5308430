// SPDX-License-Identifier: Apache-2.0
// How often members of a cluster tell each other that they are there, and how
// long they wait for a leader that is silent (ADR 22). Pure.
#ifndef MICROOVN_AGENT_MEMBER_LOG_TIMING_H_
#define MICROOVN_AGENT_MEMBER_LOG_TIMING_H_

#include "raft/core/values/options.h"

namespace microovn::agent {

// `options` for a log that is idle most of the time. A leader whose process
// ends is noticed by its connections, one that stops hands over first: only a
// machine that falls silent costs its followers the election timeout.
inline raft::Options WithAgentTiming(raft::Options options) {
  options.heartbeat_interval = 300'000;
  options.election_timeout = 1'000'000;
  // A thousand members that do not vote cost the leader as much as with the
  // defaults: each hears from it every 1.2 seconds.
  options.learner_heartbeat_rounds = 4;
  return options;
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_LOG_TIMING_H_
