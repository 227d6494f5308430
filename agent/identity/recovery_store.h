// SPDX-License-Identifier: Apache-2.0
// What was decided about this node while its agent was stopped, in its state
// directory, until the cluster's log has it. Thread-compatible.
#ifndef MICROOVN_AGENT_IDENTITY_RECOVERY_STORE_H_
#define MICROOVN_AGENT_IDENTITY_RECOVERY_STORE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "microovn/internal/node/v1/node.pb.h"

namespace microovn::agent {

class RecoveryStore {
 public:
  static constexpr char kFile[] = "recovery.json";

  // `directory` is ROOT/state and exists.
  explicit RecoveryStore(std::string directory)
      : directory_(std::move(directory)) {}

  // Empty when nothing was decided. DATA_LOSS, reason IDENTITY_DAMAGED, when
  // the file is there and cannot be read.
  absl::StatusOr<internal::node::v1::Recoveries> Load() const;
  // Durable when it returns.
  absl::Status Add(const internal::node::v1::Recovery& recovery) const;
  // Keeps what is in `rest` only.
  // Durable when it returns. Until the log has a decision, this file alone says
  // what may be lost.
  absl::Status Replace(const internal::node::v1::Recoveries& rest) const;

 private:
  const std::string directory_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_IDENTITY_RECOVERY_STORE_H_
