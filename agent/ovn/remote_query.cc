// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/remote_query.h"

#include "absl/strings/str_cat.h"

namespace microovn::agent {

absl::StatusOr<std::string> QueryRemote(CommandRunner& runner,
                                        const std::string& remotes,
                                        const TlsFiles& tls,
                                        const std::string& transaction,
                                        absl::Duration limit) {
  Command command;
  command.argv = {"ovsdb-client",
                  absl::StrCat("--timeout=", absl::ToInt64Seconds(limit)),
                  "--no-leader-only",
                  absl::StrCat("--private-key=", tls.private_key),
                  absl::StrCat("--certificate=", tls.certificate),
                  absl::StrCat("--ca-cert=", tls.ca_certificate),
                  "query",
                  remotes,
                  transaction};
  // A program that does not keep its limit is ended.
  command.timeout = limit + absl::Seconds(1);
  return RunForOutput(runner, command);
}

}  // namespace microovn::agent
