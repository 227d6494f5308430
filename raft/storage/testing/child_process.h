// SPDX-License-Identifier: Apache-2.0
// Runs a part of a test in a child process, for code under test that may abort.
#ifndef MICROOVN_RAFT_STORAGE_TESTING_CHILD_PROCESS_H_
#define MICROOVN_RAFT_STORAGE_TESTING_CHILD_PROCESS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace microovn::raft {

// What `work` returned; where it aborted, what `last_word` returned. Both run
// in the child, `last_word` with all that `work` held when it aborted, its
// locks too. InternalError when the child ended in any other way, or the
// machine made none.
//
// The caller must have no other threads: the child has only this one. Output
// of the child's streams is the parent's, but failed expectations in it are
// not: say them in what is returned.
absl::StatusOr<std::string> RunInChild(
    const std::function<std::string()>& work,
    const std::function<std::string()>& last_word);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TESTING_CHILD_PROCESS_H_
