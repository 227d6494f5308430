#include "agent/member/testing/one_member_log.h"

#include <utility>

#include "absl/time/time.h"
#include "agent/entry/founding.h"
#include "agent/state/testing/commands.h"
#include "base/file.h"
#include "glog/logging.h"
#include "raft/node/raft_node.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

pki::SealingKey MakeSealingKey(const std::string& directory, const Clock& clock,
                               RandomSource& random) {
  CHECK(MakeDirectories(directory, 0700).ok());
  pki::SealingKey::Options options;
  options.state_directory = directory;
  auto key = pki::SealingKey::LoadOrCreate(options, clock, random);
  CHECK(key.ok()) << key.status();
  return *std::move(key);
}

}  // namespace

OneMemberLog::OneMemberLog()
    : service_([](const grpc::ServerContextBase&) {
        return absl::UnauthenticatedError("nobody calls");
      }) {
  sealing_key_.emplace(
      MakeSealingKey(directory_.File("sealing"), clock_, random_));
  issuer_ =
      std::make_unique<CertificateIssuer>(&*sealing_key_, &clock_, &random_);
  FoundingRequest request;
  request.node = {"node1", "127.0.0.1:1", "127.0.0.1", {}, {}};
  auto founding = FoundCluster(request, *sealing_key_, clock_, random_);
  CHECK(founding.ok()) << founding.status();
  identity_ = founding->identity;
  ReplicatedLog::Options options;
  options.directory = directory_.File("raft");
  CHECK(raft::RaftNode::CreateFirst(options.directory,
                                    ClusterIdOf(identity_.cluster_id()),
                                    MemberIdOf(identity_.member_id()))
            .ok());
  options.identity = identity_;
  options.channels = [](const raft::PeerEndpoint&) { return nullptr; };
  options.tls = &nobody_;
  options.service = &service_;
  options.store = &store_;
  options.clock = &clock_;
  options.random = &random_;
  auto log = ReplicatedLog::Open(std::move(options));
  CHECK(log.ok()) << log.status();
  log_ = *std::move(log);
  const absl::Status founded = Propose(founding->command);
  CHECK(founded.ok()) << founded;
}

absl::Status OneMemberLog::Propose(const statepb::Command& command) {
  return log_->Propose(command, kTimeout).status();
}

std::string OneMemberLog::Admit(const std::string& name) {
  absl::Status done = Propose(CreateTokenCommand(name));
  CHECK(done.ok()) << done;
  done = Propose(AdmitCommand(name));
  CHECK(done.ok()) << done;
  return TestId(name);
}

}  // namespace microovn::agent
