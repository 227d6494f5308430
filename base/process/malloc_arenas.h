// SPDX-License-Identifier: Apache-2.0
// How the C library's heap is shared among threads.
#ifndef MICROOVN_BASE_PROCESS_MALLOC_ARENAS_H_
#define MICROOVN_BASE_PROCESS_MALLOC_ARENAS_H_

namespace microovn {

// Two arenas for all threads instead of eight for each processor: what one
// thread allocates here (messages, entries) another one frees, and every arena
// keeps what it once needed at most. First thing in main (mallopt(3)).
void LimitMallocArenas();

}  // namespace microovn

#endif  // MICROOVN_BASE_PROCESS_MALLOC_ARENAS_H_
