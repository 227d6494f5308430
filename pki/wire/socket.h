// SPDX-License-Identifier: Apache-2.0
// A TCP connection whose every wait has the same deadline.
//
// A deadline for the whole and not a timeout for each call: a peer that sends
// one byte a minute would otherwise hold a joiner for ever.
#ifndef MICROOVN_PKI_WIRE_SOCKET_H_
#define MICROOVN_PKI_WIRE_SOCKET_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/file/unique_fd.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"

namespace microovn::pki {

// Movable, thread-compatible. Errors are one clause for people, without the
// address.
class Socket {
 public:
  // `clock` outlives it. DEADLINE_EXCEEDED after `timeout`, here and below.
  static absl::StatusOr<Socket> Connect(const HostPort& address,
                                        absl::Duration timeout,
                                        const Clock& clock);

  absl::Status Send(absl::string_view data);
  // At least one byte; UNAVAILABLE when the peer closed.
  absl::StatusOr<std::string> Receive();

 private:
  Socket(UniqueFd fd, absl::Duration deadline, const Clock& clock)
      : fd_(std::move(fd)), deadline_(deadline), clock_(&clock) {}

  // Waits for poll(2) events.
  absl::Status Wait(short events) const;  // NOLINT(google-runtime-int)

  UniqueFd fd_;
  // On clock_->Monotonic().
  absl::Duration deadline_;
  const Clock* clock_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_WIRE_SOCKET_H_
