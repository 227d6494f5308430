// SPDX-License-Identifier: Apache-2.0
// Which services are started again after a reboot, in a file of their names.
#ifndef MICROOVN_SUPERVISOR_PROCESS_ENABLED_SERVICES_H_
#define MICROOVN_SUPERVISOR_PROCESS_ENABLED_SERVICES_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "supervisor/service/service.h"

namespace microovn::supervisor {

// None when there is no file. Fails on a name that is no service: guessing
// would leave a data plane off, or start one that was disabled.
absl::StatusOr<std::set<Service>> LoadEnabledServices(const std::string& path);

// Durable when OK.
absl::Status SaveEnabledServices(const std::string& path,
                                 const std::set<Service>& enabled);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_PROCESS_ENABLED_SERVICES_H_
