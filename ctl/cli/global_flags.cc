// SPDX-License-Identifier: Apache-2.0
#include "ctl/cli/global_flags.h"

#include "gflags/gflags.h"

DEFINE_string(state_dir, "", "Directory of the agent's socket.");
DEFINE_string(endpoint, "", "Ask a remote agent instead of the local one.");
DEFINE_string(cert, "", "Client certificate for --endpoint.");
DEFINE_string(key, "", "Private key of --cert.");
DEFINE_string(cacert, "", "CA certificate of the agent at --endpoint.");
DEFINE_bool(debug, false, "Show the calls to the agent on stderr.");
DEFINE_bool(verbose, false, "Say more.");
DEFINE_string(color, "auto", "Colour the output.");
DEFINE_string(format, "",
              "Form of the output; on a terminal it is rich by itself.");
DEFINE_string(node, "", "Member to act on; the local one when not given.");
DEFINE_bool(dry_run, false, "Show what would be done, and change nothing.");
DEFINE_bool(async, false,
            "Do not wait for the end; print the operation's name.");

namespace microovn::ctl {

std::vector<FlagSpec> GlobalFlags() {
  return {{"state-dir", "state_dir", 0, "PATH", {}},
          {"endpoint", "endpoint", 0, "HOST:PORT", {}},
          {"cert", "cert", 0, "FILE", {}},
          {"key", "key", 0, "FILE", {}},
          {"ca", "cacert", 0, "FILE", {}},
          {"cacert", "cacert", 0, "FILE", {}},
          {"debug", "debug", 'd', "", {}},
          {"verbose", "verbose", 'v', "", {}},
          {"color", "color", 0, "WHEN", {"auto", "always", "never"}}};
}

FlagSpec DryRunFlag() { return {"dry-run", "dry_run", 0, "", {}}; }

std::vector<FlagSpec> FormatFlags(const std::vector<std::string>& choices) {
  return {{"format", "format", 'f', "FORMAT", choices},
          {"output", "format", 'o', "FORMAT", choices}};
}

std::vector<FlagSpec> NodeFlags() {
  return {{"node", "node", 0, "NAME", {}}, {"member", "node", 0, "NAME", {}}};
}

std::vector<FlagSpec> Join(std::vector<FlagSpec> a,
                           const std::vector<FlagSpec>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace microovn::ctl
