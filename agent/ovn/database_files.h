// SPDX-License-Identifier: Apache-2.0
// Single steps with the file of a database, each of which a power cut leaves
// done or not begun.
#ifndef MICROOVN_AGENT_OVN_DATABASE_FILES_H_
#define MICROOVN_AGENT_OVN_DATABASE_FILES_H_

#include <string>

#include "absl/status/status.h"

namespace microovn::agent {

std::string DirectoryOf(const std::string& path);

// ovsdb-tool leaves ".NAME.~lock~" behind.
std::string LockOf(const std::string& path);

// On the disk when it returns; what was at `to` is gone.
absl::Status RenameFile(const std::string& from, const std::string& to);

// OK when there is none.
absl::Status UnlinkFile(const std::string& path);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_DATABASE_FILES_H_
