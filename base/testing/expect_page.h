// SPDX-License-Identifier: Apache-2.0
// Pages of documentation that a program writes and a test compares.
#ifndef MICROOVN_BASE_TESTING_EXPECT_PAGE_H_
#define MICROOVN_BASE_TESTING_EXPECT_PAGE_H_

#include <string>

namespace microovn {

// Expects that docs/reference/`name` says `said`, and shows where they part.
// With MICROOVN_REWRITE_GOLDEN=DIR the page is written to DIR instead.
void ExpectPage(const std::string& name, const std::string& said);

}  // namespace microovn

#endif  // MICROOVN_BASE_TESTING_EXPECT_PAGE_H_
