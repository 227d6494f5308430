// SPDX-License-Identifier: Apache-2.0
// `microovn status` as MicroOVN prints it, which scripts cut with awk and grep.
// Pure.
#ifndef MICROOVN_CTL_RENDER_STATUS_CONTRACT_H_
#define MICROOVN_CTL_RENDER_STATUS_CONTRACT_H_

#include <string>

#include "microovn/v1/status.pb.h"

namespace microovn::ctl {

std::string StatusContract(const v1::ClusterStatus& status);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_STATUS_CONTRACT_H_
