// SPDX-License-Identifier: Apache-2.0
// What a member shows its peers to prove that it votes (Received::voter_at).
#ifndef MICROOVN_RAFT_TRANSPORT_SHOWN_PROOF_H_
#define MICROOVN_RAFT_TRANSPORT_SHOWN_PROOF_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace microovn::raft {

// Thread-safe.
class ShownProof {
 public:
  // Empty: nothing is shown any more.
  void Set(std::string proof) {
    MutexLock lock(&mu_);
    current_ = proof.empty()
                   ? nullptr
                   : std::make_shared<const std::string>(std::move(proof));
  }
  // Null: nothing. Another pointer is another proof.
  std::shared_ptr<const std::string> Current() const {
    MutexLock lock(&mu_);
    return current_;
  }

 private:
  mutable Mutex mu_;
  std::shared_ptr<const std::string> current_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_SHOWN_PROOF_H_
