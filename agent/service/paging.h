// SPDX-License-Identifier: Apache-2.0
// Pages of lists (AIP-158): pure.
#ifndef MICROOVN_AGENT_SERVICE_PAGING_H_
#define MICROOVN_AGENT_SERVICE_PAGING_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"

namespace microovn::agent {

struct Page {
  int begin = 0;
  int end = 0;
  // Empty at the end of the list.
  std::string next_token;
};

// Items [begin, end) of `size`. A page_size of 0 takes all that is left.
// INVALID_ARGUMENT, reason BAD_PAGE, for what no earlier answer contained.
inline absl::StatusOr<Page> PageOf(int size, int32_t page_size,
                                   const std::string& page_token) {
  Page page;
  if (page_size < 0 ||
      (!page_token.empty() && (!absl::SimpleAtoi(page_token, &page.begin) ||
                               page.begin < 0 || page.begin > size))) {
    return MakeError(absl::StatusCode::kInvalidArgument,
                     "page_size or page_token is not valid", {"BAD_PAGE", ""});
  }
  page.end = page_size == 0 || page_size > size - page.begin
                 ? size
                 : page.begin + page_size;
  if (page.end < size) page.next_token = absl::StrCat(page.end);
  return page;
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_PAGING_H_
