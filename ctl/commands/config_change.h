// SPDX-License-Identifier: Apache-2.0
// Changing one option of the cluster, as `config` and the commands that stand
// for an option do.
#ifndef MICROOVN_CTL_COMMANDS_CONFIG_CHANGE_H_
#define MICROOVN_CTL_COMMANDS_CONFIG_CHANGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "ctl/client/session.h"

namespace microovn::ctl {

// The resource name of an option; CONFIG_KEY_UNKNOWN for what cannot be one.
absl::StatusOr<std::string> ConfigName(const std::string& key);

// With --dry-run both print the plan and change nothing; else they print `done`
// as it is. They return the command's exit code.
absl::StatusOr<int> SetOption(Session& session, const std::string& key,
                              const std::string& value,
                              const std::string& done);
absl::StatusOr<int> ResetOption(Session& session, const std::string& key,
                                const std::string& done);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_CONFIG_CHANGE_H_
