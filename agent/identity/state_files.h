// SPDX-License-Identifier: Apache-2.0
// Who may have written and read what lies in the state directory: one table for
// all of it, looked at once, at a start.
//
// It holds what makes this node a member, the log of the cluster and keys. Who
// could write one of these files could make this node another member, or have
// it begin with a log of his; who could read some of them could be this member
// as well. So an agent does not start with them (pki/key/private_file.h).
#ifndef MICROOVN_AGENT_IDENTITY_STATE_FILES_H_
#define MICROOVN_AGENT_IDENTITY_STATE_FILES_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// What may be below the state directory.
struct StateFile {
  // A link that leads elsewhere is refused, but for the one that we make.
  enum class Kind { kAnyButLink, kFile, kDirectory, kOurLink };

  // Of one that is not in the table: empty.
  absl::string_view name;
  Kind kind = Kind::kAnyButLink;
  // Bits that must not be set, of the file or of all files in the directory. A
  // directory itself is closed, whatever it has in it.
  mode_t forbidden = 0;
};

// Pure: what counts for `name`.
StateFile ExpectedOf(absl::string_view name);

// PRIVATE_FILE_REFUSED for the first, in the order of names, that is another
// user's, a link, not of its kind, or open to others. A directory that others
// could only read is closed. OK if there is no directory yet.
absl::Status CheckStateFiles(const std::string& directory, uid_t owner);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_IDENTITY_STATE_FILES_H_
