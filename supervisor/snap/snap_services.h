// SPDX-License-Identifier: Apache-2.0
// What `snapctl services` prints: pure.
#ifndef MICROOVN_SUPERVISOR_SNAP_SNAP_SERVICES_H_
#define MICROOVN_SUPERVISOR_SNAP_SNAP_SERVICES_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::supervisor {

struct SnapService {
  // snapd starts it when the node boots and after a refresh.
  bool enabled = false;
  // systemd has it active. One that waits to be started again is not.
  bool active = false;

  friend bool operator==(const SnapService& a, const SnapService& b) {
    return a.enabled == b.enabled && a.active == b.active;
  }
};

// By the names that snapd uses, such as "microovn.switch". INVALID_ARGUMENT
// for a text that is no table of services: then nothing is known about any.
absl::StatusOr<std::map<std::string, SnapService>> ParseSnapServices(
    absl::string_view text);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SNAP_SNAP_SERVICES_H_
