// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <iostream>

#include "base/testing/fuzz_target.h"

namespace microovn {

void FuzzCheck(bool holds, absl::string_view what) {
  if (holds) return;
  std::cerr << "property broken: " << what << std::endl;
  std::abort();
}

}  // namespace microovn
