// SPDX-License-Identifier: Apache-2.0
// `cluster list` in MicroOVN's forms, and `cluster show`. Pure.
#ifndef MICROOVN_CTL_RENDER_MEMBER_LIST_H_
#define MICROOVN_CTL_RENDER_MEMBER_LIST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "microovn/v1/cluster.pb.h"

namespace microovn::ctl {

// `format` is table, text (the same), compact, csv, json or yaml. JSON and
// YAML have MicroOVN's keys in MicroOVN's order; the schema versions are 0 and
// the extensions empty, because members of different versions work together
// here. Sorted by name as people count. Where a member is a worker, each has a
// last field more that says whether it is; other clusters look as MicroOVN's.
absl::StatusOr<std::string> MemberList(const v1::ListMembersResponse& members,
                                       const std::string& format);

// One line for each fact.
std::string MemberText(const v1::Member& member, absl::Time now);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_MEMBER_LIST_H_
