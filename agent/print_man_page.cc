// SPDX-License-Identifier: Apache-2.0
// Prints microovnd(8), for packages.
#include <iostream>

#include "agent/man_page.h"

int main() {
  std::cout << microovn::agent::ManPage();
  return std::cout.flush() ? 0 : 1;
}
