// SPDX-License-Identifier: Apache-2.0
// The preseed file.
#include "base/testing/fuzz_target.h"
#include "ctl/commands/preseed.h"

namespace microovn {

std::vector<std::string> FuzzSeeds() {
  return {
      "address: 10.0.0.1\nservices: [central, chassis]\nbootstrap: true\n"
      "name: node1\nservers: [node2, node3]\n",
      "token: eyJuYW1lIjoi\nencap_ip: 10.1.0.1\nservices: auto\n",
      "bootstrap: true\nca_cert: /root/ca.pem\nca_key: /root/ca.key\n"};
}

void FuzzOne(absl::string_view input) {
  const auto preseed = ctl::ParsePreseed(input);
  if (!preseed.ok()) {
    FuzzCheck(preseed.status().code() == absl::StatusCode::kInvalidArgument,
              "a bad file is the caller's mistake");
    return;
  }
  FuzzCheck(preseed->bootstrap == preseed->token.empty(),
            "either bootstrap or token");
  FuzzCheck(preseed->bootstrap || preseed->servers.empty(),
            "only a founder names servers");
}

}  // namespace microovn
