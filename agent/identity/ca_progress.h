// SPDX-License-Identifier: Apache-2.0
// How far this agent's own certificate and what it trusts have come with a
// rotation of the cluster CA. Written by its renewal, read by the reconcile
// thread, which reports it.
#ifndef MICROOVN_AGENT_IDENTITY_CA_PROGRESS_H_
#define MICROOVN_AGENT_IDENTITY_CA_PROGRESS_H_

#include <atomic>
#include <cstdint>

namespace microovn::agent {

// Authority.generation; 0 when not known.
struct CaProgress {
  std::atomic<uint64_t> published{0};
  std::atomic<uint64_t> observed{0};
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_IDENTITY_CA_PROGRESS_H_
