// SPDX-License-Identifier: Apache-2.0
// How much the replicated state holds, and for how long.
#ifndef MICROOVN_AGENT_STATE_VALUES_LIMITS_H_
#define MICROOVN_AGENT_STATE_VALUES_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace microovn::agent {

inline constexpr size_t kMaxEvents = 1000;
inline constexpr size_t kMaxTokens = 1000;
// As many as the log refuses the ids of.
inline constexpr size_t kMaxTombstones = 1024;
inline constexpr size_t kMaxUsers = 1000;
// What a certificate's common name takes.
inline constexpr size_t kMaxUserName = 64;
inline constexpr size_t kMaxRunningOperations = 100;
inline constexpr size_t kMaxEndedOperations = 200;
inline constexpr int64_t kMaxTokenLifeSeconds = int64_t{24} * 3600;
// A joiner that has not confirmed by then is taken back. It waits for its log
// for half of that.
inline constexpr int64_t kJoinSeconds = 60;
// Wrong attempts after which a token locks.
inline constexpr uint32_t kMaxTokenFailures = 5;

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_LIMITS_H_
