// SPDX-License-Identifier: Apache-2.0
// The answers of `init` from a YAML file:
//
//   address: 10.0.0.1          # host or host:port
//   services: central,chassis  # a list works as well; or auto
//   encap_ip: 10.1.0.1
//   bootstrap: true            # or: token: eyJ...
//   name: node1                # of a new cluster's first member
//   ca_cert: /root/ca.pem      # of a new cluster
//   ca_key: /root/ca.key
//   servers: [node2, node3]    # tokens to print
#ifndef MICROOVN_CTL_COMMANDS_PRESEED_H_
#define MICROOVN_CTL_COMMANDS_PRESEED_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ctl/commands/node_settings.h"

namespace microovn::ctl {

struct Preseed {
  NodeWords node;
  bool bootstrap = false;
  std::string token;
  std::string ca_cert;
  std::string ca_key;
  std::vector<std::string> servers;
};

// INVALID_ARGUMENT for what is no such file, for unknown keys, and unless
// exactly one of bootstrap and token is given. Pure.
absl::StatusOr<Preseed> ParsePreseed(absl::string_view yaml);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_PRESEED_H_
