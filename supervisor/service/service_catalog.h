// SPDX-License-Identifier: Apache-2.0
// The services this build knows. One catalogue serves every driver; how a
// service is started is in launch_plan.h. Pure.
// A driver that needs a special case for one service is a fault of this table
// (docs/adr/0006-one-launch-for-all-drivers.md).
#ifndef MICROOVN_SUPERVISOR_SERVICE_SERVICE_CATALOG_H_
#define MICROOVN_SUPERVISOR_SERVICE_SERVICE_CATALOG_H_

#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_spec.h"

namespace microovn::supervisor {

ServiceSpec DescribeService(Service service, const Paths& paths);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SERVICE_SERVICE_CATALOG_H_
