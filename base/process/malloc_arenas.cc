// SPDX-License-Identifier: Apache-2.0
#include "base/process/malloc_arenas.h"

#include <malloc.h>

namespace microovn {
namespace {

constexpr int kArenas = 2;

}  // namespace

void LimitMallocArenas() { mallopt(M_ARENA_MAX, kArenas); }

}  // namespace microovn
