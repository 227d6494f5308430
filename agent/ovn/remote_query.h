// SPDX-License-Identifier: Apache-2.0
// A transaction that only reads, asked of OVN's database servers over TLS.
#ifndef MICROOVN_AGENT_OVN_REMOTE_QUERY_H_
#define MICROOVN_AGENT_OVN_REMOTE_QUERY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/process/command_runner.h"

namespace microovn::agent {

// PEM files.
struct TlsFiles {
  std::string private_key;
  std::string certificate;
  std::string ca_certificate;
};

// What a server at `remotes` ("ssl:10.0.0.1:6642,...") answers to the
// transaction (RFC 7047, section 4.1.3), as JSON. Any server will do, a
// cluster's leader or not. The program gives up after `limit`, whole seconds.
absl::StatusOr<std::string> QueryRemote(CommandRunner& runner,
                                        const std::string& remotes,
                                        const TlsFiles& tls,
                                        const std::string& transaction,
                                        absl::Duration limit);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_REMOTE_QUERY_H_
