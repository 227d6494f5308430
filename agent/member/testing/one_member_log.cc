// SPDX-License-Identifier: Apache-2.0
#include "agent/member/testing/one_member_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "agent/entry/founding.h"
#include "agent/state/apply.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/commands.h"
#include "base/file/file.h"
#include "glog/logging.h"
#include "pki/name/member_name.h"
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
  const FoundingRequest request = {
      {*pki::MemberName::Parse("node1"), {"127.0.0.1", 1}, "127.0.0.1", {}, {}},
      "1",
      "",
      SecretString()};
  auto founding = FoundCluster(request, *sealing_key_, clock_, random_);
  CHECK(founding.ok()) << founding.status();
  identity_ = founding->identity;
  CHECK(raft::RaftNode::CreateFirst(directory_.File("raft"),
                                    ClusterIdOf(identity_.cluster_id()),
                                    MemberIdOf(identity_.member_id()))
            .ok());
  Open();
  const absl::Status founded = Propose(founding->command);
  CHECK(founded.ok()) << founded;
}

void OneMemberLog::Open() {
  store_ = std::make_unique<StateStore>();
  ReplicatedLog::Options options;
  options.directory = directory_.File("raft");
  options.identity = identity_;
  options.channels = [](const raft::PeerEndpoint&) { return nullptr; };
  options.tls = &nobody_;
  options.service = &service_;
  options.store = store_.get();
  options.clock = &clock_;
  options.random = &random_;
  options.refused = [this](const std::string& member, absl::string_view kind,
                           const std::string& reason) {
    refused_.push_back(absl::StrCat(member, " ", kind, " ", reason));
  };
  auto log = ReplicatedLog::Open(std::move(options));
  CHECK(log.ok()) << log.status();
  log_ = *std::move(log);
}

void OneMemberLog::Reopen() {
  log_->Stop();
  log_ = nullptr;
  Open();
}

absl::Status OneMemberLog::Propose(const statepb::Command& command) {
  return log_->Propose(command, kTimeout).status();
}

absl::Status OneMemberLog::ProposeAs(const std::string& member_id,
                                     const statepb::Command& command) {
  statepb::Command passed = command;
  passed.set_format(kCommandFormat);
  absl::Status answer;
  absl::Notification answered;
  log_->node().ProposeForPeer(
      MemberIdOf(member_id), passed.SerializeAsString(), kTimeout,
      [&](const absl::StatusOr<raft::Proposed>& proposed) {
        answer = proposed.status();
        answered.Notify();
      });
  answered.WaitForNotification();
  return answer;
}

std::string OneMemberLog::Admit(const std::string& name) {
  absl::Status done = Propose(CreateTokenCommand(name));
  CHECK(done.ok()) << done;
  statepb::Command admit = AdmitCommand(name);
  SignAdmission(*admit.mutable_admit_member(), name, identity_.cluster_id());
  done = Propose(admit);
  CHECK(done.ok()) << done;
  return TestId(name);
}

}  // namespace microovn::agent
