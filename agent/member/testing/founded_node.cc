// SPDX-License-Identifier: Apache-2.0
#include "agent/member/testing/founded_node.h"

#include <utility>

#include "absl/time/time.h"
#include "agent/entry/founding.h"
#include "agent/identity/sealing.h"
#include "agent/member/replicated_log.h"
#include "base/crypto/secret_string.h"
#include "glog/logging.h"
#include "pki/name/member_name.h"
#include "raft/node/raft_node.h"

namespace microovn::agent {
namespace {

// Programs of OVN, of which there are none.
absl::StatusOr<CommandResult> NotInstalled(const Command& command) {
  return absl::NotFoundError(command.argv[0] + " is not installed");
}

}  // namespace

FoundedNode::FoundedNode(uint16_t port)
    : programs_(NotInstalled),
      raft_service_([](const grpc::ServerContextBase&) {
        return absl::UnauthenticatedError("nobody calls");
      }) {
  CHECK(supervisor::CreateLayout(paths_).ok());
  auto key = LoadSealingKey(store_, clock_, random_);
  CHECK(key.ok()) << key.status();
  const FoundingRequest request = {{*pki::MemberName::Parse("node1"),
                                    {"127.0.0.1", port},
                                    "127.0.0.1",
                                    {},
                                    {}},
                                   "1.2.3",
                                   "",
                                   SecretString()};
  auto founding = FoundCluster(request, *key, clock_, random_);
  CHECK(founding.ok()) << founding.status();
  const auto& identity = founding->identity;
  for (const absl::Status& written :
       {store_.SaveCredentials(founding->credentials),
        raft::RaftNode::CreateFirst(store_.log_directory(),
                                    ClusterIdOf(identity.cluster_id()),
                                    MemberIdOf(identity.member_id())),
        store_.SaveFounding(founding->command.SerializeAsString()),
        store_.Save(identity)}) {
    CHECK(written.ok()) << written;
  }
}

internal::node::v1::NodeIdentity FoundedNode::Identity() const {
  const auto identity = store_.Load();
  CHECK(identity.ok() && identity->has_value()) << identity.status();
  return **identity;
}

NodeParts FoundedNode::Environment() {
  NodeParts environment;
  environment.paths = &paths_;
  environment.store = &store_;
  environment.clock = &clock_;
  environment.random = &random_;
  environment.runner = &programs_;
  environment.tls = &tls_;
  environment.channels = &channels_;
  environment.raft_service = &raft_service_;
  environment.driver = &driver_;
  environment.versions = {"1.2.3", "24.03", "3.3"};
  environment.removed = [this] { removed_.Notify(); };
  environment.quorum_changed = [this](bool quorum) {
    MutexLock lock(&mu_);
    quorum_.push_back(quorum);
  };
  return environment;
}

absl::StatusOr<std::shared_ptr<RunningMembership>> FoundedNode::Start() {
  return RunningMembership::Start(Environment(), Identity());
}

void FoundedNode::AwaitLead(RunningMembership& member) {
  const absl::Status read = member.Barrier(absl::Seconds(30));
  CHECK(read.ok()) << read;
  CHECK(member.leads());
}

std::vector<bool> FoundedNode::quorum() const {
  MutexLock lock(&mu_);
  return quorum_;
}

}  // namespace microovn::agent
