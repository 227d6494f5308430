// SPDX-License-Identifier: Apache-2.0
// A core, and what it is told, as bytes: so that what happened in a process can
// be stepped through in another one. Pure functions.
//
// The bytes are read by the version that wrote them and by no other; whoever
// keeps them says which version that was.
#ifndef MICROOVN_RAFT_CORE_CORE_ARCHIVE_H_
#define MICROOVN_RAFT_CORE_CORE_ARCHIVE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "raft/core/raft_core.h"
#include "raft/core/values/input.h"

namespace microovn::raft {

// Equal cores have equal bytes.
std::string EncodeCore(RaftCore core);
// Nothing unless the bytes are exactly one core.
std::optional<RaftCore> DecodeCore(absl::string_view bytes);

std::string EncodeInput(Input input);
std::optional<Input> DecodeInput(absl::string_view bytes);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_CORE_ARCHIVE_H_
