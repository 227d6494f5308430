// SPDX-License-Identifier: Apache-2.0
// Which driver a node uses: pure but for ReadHostFacts.
// Decided once, when the agent starts: two drivers must never run the same
// services, for each would start what the other stops.
#ifndef MICROOVN_SUPERVISOR_CHOOSE_DRIVER_H_
#define MICROOVN_SUPERVISOR_CHOOSE_DRIVER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::supervisor {

enum class DriverKind { kSystemd, kSnap, kProcess };

std::string DriverName(DriverKind kind);

struct HostFacts {
  // Inside a snap, where snapctl is the way to services.
  bool in_snap = false;
  // systemd is PID 1.
  bool systemd_runs = false;
};

HostFacts ReadHostFacts();

// `setting` is a name that DriverName() returns, or empty for the best one.
// A setting is obeyed even where it cannot work: the driver's own errors say
// why better than a guess here could.
absl::StatusOr<DriverKind> ChooseDriver(const HostFacts& facts,
                                        absl::string_view setting);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_CHOOSE_DRIVER_H_
