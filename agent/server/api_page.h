// docs/reference/api.md: every method with who may call it, and every message,
// from the .proto files' own words. Pure.
#ifndef MICROOVN_AGENT_SERVER_API_PAGE_H_
#define MICROOVN_AGENT_SERVER_API_PAGE_H_

#include <string>
#include <vector>

#include "agent/server/caller.h"
#include "google/protobuf/descriptor.pb.h"

namespace microovn::agent {

// As Markdown. `files` must come with their source information; those outside
// the package microovn.v1 are left out.
std::string ApiPage(const google::protobuf::FileDescriptorSet& files,
                    const std::vector<MethodRule>& rules);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_API_PAGE_H_
