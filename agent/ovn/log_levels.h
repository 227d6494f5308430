// SPDX-License-Identifier: Apache-2.0
// How much the daemons of OVN and Open vSwitch log: the text of `vlog/list`.
// Pure, thread-safe.
#ifndef MICROOVN_AGENT_OVN_LOG_LEVELS_H_
#define MICROOVN_AGENT_OVN_LOG_LEVELS_H_

#include "absl/strings/string_view.h"

namespace microovn::agent {

// Whether every module logs to the console, which the daemons' output is kept
// of, at `level` ("off", "emer", "err", "warn", "info", "dbg"). False as well
// when `vlog_list` is something else.
bool LogsAt(absl::string_view level, absl::string_view vlog_list);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_LOG_LEVELS_H_
