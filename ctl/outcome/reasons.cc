// SPDX-License-Identifier: Apache-2.0
#include "ctl/outcome/reasons.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace microovn::ctl {
namespace {

constexpr absl::string_view kPrefix = "REASON_";

}  // namespace

std::vector<std::string> AllReasons() {
  std::vector<std::string> reasons;
  const auto* descriptor = v1::Reason_descriptor();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    if (descriptor->value(i)->number() == v1::REASON_UNSPECIFIED) continue;
    reasons.push_back(
        std::string(absl::StripPrefix(descriptor->value(i)->name(), kPrefix)));
  }
  std::sort(reasons.begin(), reasons.end());
  return reasons;
}

const v1::ReasonDetail* FindReason(absl::string_view reason) {
  const auto* value =
      v1::Reason_descriptor()->FindValueByName(absl::StrCat(kPrefix, reason));
  if (value == nullptr || value->number() == v1::REASON_UNSPECIFIED) {
    return nullptr;
  }
  return &value->options().GetExtension(v1::detail);
}

}  // namespace microovn::ctl
