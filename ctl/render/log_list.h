// SPDX-License-Identifier: Apache-2.0
// `cluster log`: every member's copy of the log, side by side. Pure.
#ifndef MICROOVN_CTL_RENDER_LOG_LIST_H_
#define MICROOVN_CTL_RENDER_LOG_LIST_H_

#include <string>

#include "ctl/render/table.h"
#include "microovn/v1/status.pb.h"

namespace microovn::ctl {

// A row for each member, sorted by name as people count.
Table LogTable(const v1::GetLogResponse& log);

// Who leads and since what, or that nobody does.
std::string LogSummary(const v1::GetLogResponse& log);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_LOG_LIST_H_
