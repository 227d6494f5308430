// SPDX-License-Identifier: Apache-2.0
// docs/reference/api.md: every method with who may call it, and every message,
// from the .proto files' own words. Pure.
#ifndef MICROOVN_AGENT_SERVER_API_PAGE_H_
#define MICROOVN_AGENT_SERVER_API_PAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/server/caller.h"
#include "google/protobuf/descriptor.pb.h"

namespace microovn::agent {

// As Markdown. `introduction` is what the .proto files do not say. `files` must
// come with their source information; those outside the package microovn.v1 are
// left out.
std::string ApiPage(const google::protobuf::FileDescriptorSet& files,
                    const std::vector<MethodRule>& rules,
                    absl::string_view introduction);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_API_PAGE_H_
