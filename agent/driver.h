// SPDX-License-Identifier: Apache-2.0
// The service driver that the options and the machine ask for.
#ifndef MICROOVN_AGENT_DRIVER_H_
#define MICROOVN_AGENT_DRIVER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "agent/flags.h"
#include "base/time/clock.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service_driver.h"

namespace microovn::agent {

// `clock` outlives the driver. With the process driver, daemons of an earlier
// agent are adopted and enabled ones are started.
absl::StatusOr<std::unique_ptr<supervisor::ServiceDriver>> MakeDriver(
    const AgentOptions& options, const supervisor::Paths& paths,
    const Clock* clock);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_DRIVER_H_
