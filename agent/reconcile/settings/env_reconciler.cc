// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/settings/env_reconciler.h"

#include "agent/state/values/config_keys.h"
#include "agent/state/values/member_view.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/launch/env_file.h"

namespace microovn::agent {

absl::StatusOr<OvnConnections> ConnectionsOf(const NodeView& view) {
  ConnectionFacts facts;
  facts.local_ip = AddressOf(*view.self()).host;
  for (const statepb::Member* member : CentralMembers(view.state())) {
    facts.central_ips.push_back(AddressOf(*member).host);
  }
  const std::string external = ConfigValue(view.state(), kConfigCentralIps);
  if (!external.empty()) {
    ASSIGN_OR_RETURN(facts.external_central_ips, ParseCentralIps(external));
  }
  return MakeConnections(facts);
}

absl::StatusOr<std::string> EnvReconciler::Read() const {
  if (files_ == nullptr) return ReadFile(path_);
  return files_->Get(path_, [this] { return ReadFile(path_); });
}

absl::Status EnvReconciler::Reconcile(const NodeView& view) {
  // A leaving node's files are put away as they were.
  if (view.leaving()) return absl::OkStatus();
  ASSIGN_OR_RETURN(OvnConnections connections, ConnectionsOf(view));
  supervisor::EnvFile file;
  file.initial_nb = connections.initial_nb;
  file.initial_sb = connections.initial_sb;
  file.nb_connect = connections.nb_connect;
  file.sb_connect = connections.sb_connect;
  file.local_ip = connections.local_ip;
  ASSIGN_OR_RETURN(const std::string text, supervisor::RenderEnvFile(file));
  const absl::StatusOr<std::string> before = Read();
  if (!before.ok() || *before != text) {
    RETURN_IF_ERROR(MakeDirectories(path_.substr(0, path_.rfind('/')), 0700));
    RETURN_IF_ERROR(WriteFile(path_, text, supervisor::kEnvFileMode));
    if (files_ != nullptr) files_->Forget();
    LOG(INFO) << "ovn.env: the central is "
              << (connections.sb_connect.empty() ? "nowhere"
                                                 : connections.sb_connect);
  }
  facts_.connections = std::move(connections);
  facts_.environment_written = true;
  return absl::OkStatus();
}

}  // namespace microovn::agent
