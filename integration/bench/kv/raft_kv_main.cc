// SPDX-License-Identifier: Apache-2.0
// One member of a replicated key/value store that speaks etcd's API: the Raft
// layer for benchmarks and torture tests, without the agent.
//   raft_kv --id=N --members=ADDRESS,ADDRESS,... --directory=D --tls=D
// Members are numbered from 1 in the order of --members and start with an
// empty log together. Member N has the certificate memberN.crt with the common
// name "memberN"; clients have any other of the same CA. Ends on SIGTERM.
#include <pthread.h>
#include <signal.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/crypto/random.h"
#include "base/process/foreign_locks.h"
#include "base/process/malloc_arenas.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "integration/bench/kv/arguments.h"
#include "integration/bench/kv/kv_machine.h"
#include "integration/bench/kv/kv_service.h"
#include "integration/bench/kv/tls_files.h"
#include "raft/core/values/recovered.h"
#include "raft/node/raft_node.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/transport/grpc_transport.h"
#include "raft/transport/peer_directory.h"
#include "raft/transport/raft_service.h"

namespace microovn::raft {
namespace {

constexpr ClusterId kCluster(0x6b76, 1);

MemberId MemberNumber(uint64_t number) { return MemberId(0x6b76, number); }

std::string NameOf(uint64_t number) { return absl::StrCat("member", number); }

class FixedMembers final : public PeerDirectory {
 public:
  explicit FixedMembers(std::vector<HostPort> addresses)
      : addresses_(std::move(addresses)) {}

  std::optional<HostPort> AddressOf(const MemberId& member) const override {
    if (member.low() < 1 || member.low() > addresses_.size()) {
      return std::nullopt;
    }
    return addresses_[member.low() - 1];
  }
  size_t size() const { return addresses_.size(); }

 private:
  const std::vector<HostPort> addresses_;
};

absl::StatusOr<MemberId> MemberOfCaller(
    const grpc::ServerContextBase& context) {
  const std::string name = CallerName(context);
  absl::string_view digits = name;
  uint64_t number = 0;
  if (!absl::ConsumePrefix(&digits, "member") ||
      !absl::SimpleAtoi(digits, &number)) {
    return absl::UnauthenticatedError("not a member");
  }
  return MemberNumber(number);
}

// All members begin with the same configuration, as if they had got the same
// snapshot of an empty state.
absl::Status CreateOnce(const std::string& directory, const MemberId& self,
                        size_t members) {
  Recovered initial;
  initial.hard_state.term = Term(1);
  initial.base.index = LogIndex(1);
  initial.base.term = Term(1);
  initial.base.configuration_index = LogIndex(1);
  for (size_t number = 1; number <= members; ++number) {
    initial.base.configuration.voters.push_back(MemberNumber(number));
  }
  initial.applied = LogIndex(1);
  const Incarnation incarnation(RandomSource::Real().Next() | 1);
  const absl::Status created = RocksdbLogStorage::Create(
      directory, Identity{kCluster, self, incarnation}, initial);
  return absl::IsAlreadyExists(created) ? absl::OkStatus() : created;
}

absl::Status Run(const Arguments& arguments, const sigset_t& ending) {
  const auto number = static_cast<uint64_t>(arguments.Number("id"));
  const MemberId self = MemberNumber(number);
  std::vector<HostPort> addresses;
  for (const std::string& text : arguments.List("members")) {
    ASSIGN_OR_RETURN(HostPort address, ParseHostPort(text));
    addresses.push_back(std::move(address));
  }
  const FixedMembers members(std::move(addresses));
  NodeOptions options;
  options.directory = arguments.Text("directory");
  RETURN_IF_ERROR(CreateOnce(options.directory, self, members.size()));
  ASSIGN_OR_RETURN(const TlsFiles tls,
                   TlsFiles::Load(arguments.Text("tls"), NameOf(number)));

  KvMachine machine;
  // The members are all honest here.
  RaftService raft_service(MemberOfCaller, [](const ClusterId&, const MemberId&,
                                              const std::string&) {
    return LogIndex(kGreatestNumber);
  });
  GrpcTransport transport(
      &raft_service, &members, [&tls](const PeerEndpoint& peer) {
        grpc::ChannelArguments channel;
        SetChannelArguments(&channel);
        return tls.Connect(FormatHostPort(peer.address), channel);
      });
  transport.ShowProof("a member");
  ASSIGN_OR_RETURN(const std::unique_ptr<RaftNode> node,
                   RaftNode::Open(options, &machine, &transport, Clock::Real(),
                                  RandomSource::Real()));
  KvService kv(node.get(), &machine);
  KvMaintenance maintenance(node.get());
  grpc::ServerBuilder builder;
  builder.AddListeningPort(FormatHostPort(*members.AddressOf(self)),
                           tls.ForServer());
  SetServerArguments(&builder);
  // As little of gRPC around the Raft layer as it allows.
  builder.AddChannelArgument(GRPC_ARG_MINIMAL_STACK, 1);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  builder.RegisterService(&raft_service);
  builder.RegisterService(&kv);
  builder.RegisterService(&maintenance);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::UnavailableError("cannot listen");
  int signal = 0;
  sigwait(&ending, &signal);
  node->Stop();
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return absl::OkStatus();
}

}  // namespace
}  // namespace microovn::raft

int main(int argc, char** argv) {
  microovn::LimitMallocArenas();
  microovn::SkipForeignLockChecks();
  // Before there is any thread, so that all of them leave it to sigwait.
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const absl::Status status =
      microovn::raft::Run(microovn::raft::Arguments(argc, argv), ending);
  LOG_IF(ERROR, !status.ok()) << status;
  return status.ok() ? 0 : 1;
}
