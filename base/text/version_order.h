// SPDX-License-Identifier: Apache-2.0
// Which of two versions such as "20.27.0" is the older one. Pure.
#ifndef MICROOVN_BASE_TEXT_VERSION_ORDER_H_
#define MICROOVN_BASE_TEXT_VERSION_ORDER_H_

#include "absl/strings/string_view.h"

namespace microovn {

// "1.2.9" is older than "1.2.10", and nothing is older than any.
bool OlderVersion(absl::string_view a, absl::string_view b);

}  // namespace microovn

#endif  // MICROOVN_BASE_TEXT_VERSION_ORDER_H_
