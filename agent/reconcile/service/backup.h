// SPDX-License-Identifier: Apache-2.0
// Puts away what a node holds of a cluster that it leaves: data/ and logs/
// move to backup_UNIXTIME/ in the same root directory.
//
// Private keys are erased, not kept: a member that has left must not be able
// to speak for the cluster's services. Everything else stays as it was. Of its
// state/ what is no key follows, once the member is removed (IdentityStore).
#ifndef MICROOVN_AGENT_RECONCILE_SERVICE_BACKUP_H_
#define MICROOVN_AGENT_RECONCILE_SERVICE_BACKUP_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace microovn::agent {

// Moves ROOT/data and ROOT/logs. Interrupted at any point, the next call
// finishes the same backup. Returns the backup's path; empty when neither
// directory holds a file.
absl::StatusOr<std::string> BackUpNode(const std::string& root, absl::Time now);

// As many backups keep the state of a membership; that of earlier ones goes. A
// log may have some hundred MiB.
inline constexpr size_t kStatesKept = 3;

// The name of the directory in ROOT to which state/ is to move: the backup that
// this membership has made, so that all of it is in one place, or a new one.
absl::StatusOr<std::string> BackupForState(const std::string& root,
                                           absl::Time now);

// Removes every *-privkey.pem below `directory`; a missing one is OK.
absl::Status ErasePrivateKeys(const std::string& directory);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_SERVICE_BACKUP_H_
