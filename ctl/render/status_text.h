// SPDX-License-Identifier: Apache-2.0
// `microovn status` as a screen for people. Pure.
#ifndef MICROOVN_CTL_RENDER_STATUS_TEXT_H_
#define MICROOVN_CTL_RENDER_STATUS_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "ctl/render/look.h"
#include "microovn/v1/cluster.pb.h"
#include "microovn/v1/status.pb.h"

namespace microovn::ctl {

// `now` is for "6 m ago".
std::string StatusScreen(const v1::ClusterStatus& status, absl::Time now,
                         const Look& look);

// The member table of the screen, for `cluster list --format rich`.
std::string MemberScreen(const v1::ListMembersResponse& members, absl::Time now,
                         const Look& look);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_STATUS_TEXT_H_
