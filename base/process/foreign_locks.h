// SPDX-License-Identifier: Apache-2.0
// The locks of libraries that we do not build.
#ifndef MICROOVN_BASE_PROCESS_FOREIGN_LOCKS_H_
#define MICROOVN_BASE_PROCESS_FOREIGN_LOCKS_H_

namespace microovn {

// Debian builds Abseil with its debugging on: every lock that gRPC takes is
// also looked up, under one lock of the whole process, in a graph that finds
// cycles. First thing in main.
void SkipForeignLockChecks();

}  // namespace microovn

#endif  // MICROOVN_BASE_PROCESS_FOREIGN_LOCKS_H_
