// SPDX-License-Identifier: Apache-2.0
// Tells of changes of this machine's interfaces and their addresses, by
// rtnetlink.
#ifndef MICROOVN_AGENT_WATCH_ADDRESS_SOURCE_H_
#define MICROOVN_AGENT_WATCH_ADDRESS_SOURCE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/watch/watch_source.h"
#include "base/file/unique_fd.h"

namespace microovn::agent {

class AddressSource final : public WatchSource {
 public:
  absl::Status Open() override;
  void Close() override { fd_ = UniqueFd(); }
  int fd() const override { return fd_.get(); }
  absl::StatusOr<bool> Read() override;

 private:
  UniqueFd fd_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_ADDRESS_SOURCE_H_
