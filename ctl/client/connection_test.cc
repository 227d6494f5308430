// SPDX-License-Identifier: Apache-2.0
// Connection against a real server on a unix socket, and the table of methods
// against the API's descriptors.
#include "ctl/client/connection.h"

#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <vector>

#include "base/file/file.h"
#include "base/file/unique_fd.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/testing/fake_agent.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

using testing::HasSubstr;

std::unique_ptr<Api> Dial(const FakeAgent& agent, ConnectionHooks hooks = {}) {
  Endpoint endpoint;
  endpoint.socket = agent.socket();
  auto api = Connect(endpoint, std::move(hooks));
  EXPECT_OK(api);
  return *std::move(api);
}

TEST(Connection, CarriesReasonAndRemedy) {
  FakeAgent agent;
  agent.Answer<v1::GetMemberRequest, v1::GetMemberResponse>(
      kGetMember, [](const auto&) {
        return MakeError(absl::StatusCode::kNotFound, "no such member",
                         {"MEMBER_NOT_FOUND", "look", {{"member", "x"}}});
      });
  std::vector<std::string> trace;
  const auto api = Dial(
      agent,
      {[&trace](const std::string& line) { trace.push_back(line); }, nullptr});
  const auto member = api->Call(kGetMember, v1::GetMemberRequest());
  EXPECT_THAT(member, StatusIs(absl::StatusCode::kNotFound, "no such member"));
  EXPECT_THAT(member, HasReason("MEMBER_NOT_FOUND"));
  EXPECT_EQ(DetailOf(member.status()).remedy, "look");
  ASSERT_EQ(trace.size(), 1u);
  EXPECT_THAT(trace[0], HasSubstr("ClusterService/GetMember: NOT_FOUND"));
}

TEST(Connection, RetriesReadsWhileTheClusterHasNoLeader) {
  FakeAgent agent;
  std::atomic<int> tries{0};
  agent.Answer<v1::GetStatusRequest, v1::GetStatusResponse>(
      kGetStatus,
      [&tries](const auto&) -> absl::StatusOr<v1::GetStatusResponse> {
        if (++tries < 3) {
          return MakeError(absl::StatusCode::kUnavailable, "no leader",
                           {"NO_LEADER", "", {}});
        }
        return v1::GetStatusResponse();
      });
  EXPECT_OK(Dial(agent)->Call(kGetStatus, v1::GetStatusRequest()));
  EXPECT_EQ(tries, 3);
}

TEST(Connection, SaysOfAnAnswerThatItMayBeOld) {
  FakeAgent agent;
  agent.Answer<v1::GetConfigRequest, v1::GetConfigResponse>(
      kGetConfig, [](const auto&) { return v1::GetConfigResponse(); });
  int told = 0;
  const auto api = Dial(agent, {nullptr, nullptr, [&told] { ++told; }});
  ASSERT_OK(api->Call(kGetConfig, v1::GetConfigRequest()));
  EXPECT_EQ(told, 0);
  agent.LoseQuorum();
  ASSERT_OK(api->Call(kGetConfig, v1::GetConfigRequest()));
  EXPECT_EQ(told, 1);
}

// Whoever gave a change its id repeats it; here it would take the longer to
// learn that there is no quorum.
TEST(Connection, ChangesAreNotRetried) {
  FakeAgent agent;
  const auto refuse = [] {
    return MakeError(absl::StatusCode::kUnavailable, "no leader",
                     {"NO_LEADER", "", {}});
  };
  agent.Answer<v1::UpdateConfigRequest, v1::UpdateConfigResponse>(
      kUpdateConfig, [&](const auto&) { return refuse(); });
  agent.Answer<v1::EnableServiceRequest, google::longrunning::Operation>(
      kEnableService, [&](const auto&) { return refuse(); });
  agent.Answer<v1::CreateJoinTokenRequest, v1::CreateJoinTokenResponse>(
      kCreateJoinToken, [&](const auto&) { return refuse(); });
  const auto api = Dial(agent);
  EXPECT_THAT(api->Call(kUpdateConfig, v1::UpdateConfigRequest()),
              HasReason("NO_LEADER"));
  EXPECT_THAT(api->Call(kEnableService, v1::EnableServiceRequest()),
              HasReason("NO_LEADER"));
  EXPECT_THAT(api->Call(kCreateJoinToken, v1::CreateJoinTokenRequest()),
              HasReason("NO_LEADER"));
  EXPECT_EQ(agent.calls().size(), 3u);
}

TEST(Connection, SendsWhatHasNoRequestIdOnce) {
  FakeAgent agent;
  agent.Answer<v1::BootstrapClusterRequest, v1::BootstrapClusterResponse>(
      kBootstrapCluster, [](const auto&) {
        return MakeError(absl::StatusCode::kUnavailable, "no leader",
                         {"NO_LEADER", "", {}});
      });
  agent.Answer<v1::JoinClusterRequest, v1::JoinClusterResponse>(
      kJoinCluster, [](const auto&) {
        return MakeError(absl::StatusCode::kUnavailable, "no leader",
                         {"NO_LEADER", "", {}});
      });
  const auto joined = Dial(agent)->Call(kJoinCluster, v1::JoinClusterRequest());
  EXPECT_THAT(joined, HasReason("NO_LEADER"));
  EXPECT_THAT(
      Dial(agent)->Call(kBootstrapCluster, v1::BootstrapClusterRequest()),
      HasReason("NO_LEADER"));
  EXPECT_EQ(agent.calls().size(), 2u);
}

TEST(Connection, EndsAtItsDeadline) {
  // Never answers a wait: the stream of answers ends only with the call. The
  // agent's threads may look at it until the agent is gone.
  std::atomic<bool> end{false};
  FakeAgent agent;
  agent.Answer<v1::GetClusterRequest, v1::GetClusterResponse>(
      kGetCluster, [&end](const auto&) {
        while (!end) absl::SleepFor(absl::Milliseconds(1));
        return v1::GetClusterResponse();
      });
  const auto cluster = Dial(agent)->Call(kGetCluster, v1::GetClusterRequest(),
                                         absl::Milliseconds(50));
  end = true;
  EXPECT_THAT(cluster, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(cluster, HasReason("CALL_TIMED_OUT"));
}

TEST(Connection, IsGivenUpWhenTheUserSaysSo) {
  std::atomic<bool> end{false};
  FakeAgent agent;
  agent.Answer<v1::GetClusterRequest, v1::GetClusterResponse>(
      kGetCluster, [&end](const auto&) {
        while (!end) absl::SleepFor(absl::Milliseconds(1));
        return v1::GetClusterResponse();
      });
  const auto cluster =
      Dial(agent, {nullptr, [] { return true; }})
          ->Call(kGetCluster, v1::GetClusterRequest(), absl::Minutes(5));
  end = true;
  EXPECT_THAT(cluster, HasReason(kReasonInterrupted));
  EXPECT_EQ(ExitCodeFor(cluster.status()), kExitInterrupted);
}

TEST(Connection, StreamsUntilTheCallerHasEnough) {
  FakeAgent agent;
  agent.AnswerStream<v1::WatchEventsRequest, v1::WatchEventsResponse>(
      kWatchEvents, [](const auto&) {
        std::vector<v1::WatchEventsResponse> events(100);
        for (size_t i = 0; i < events.size(); ++i) {
          events[i].mutable_event()->set_revision(i);
        }
        return events;
      });
  const auto api = Dial(agent);
  for (const uint64_t limit : {3, 1000}) {
    std::vector<uint64_t> seen;
    EXPECT_OK((api->Stream<v1::WatchEventsRequest, v1::WatchEventsResponse>(
        kWatchEvents, v1::WatchEventsRequest(), absl::InfiniteDuration(),
        [&](const v1::WatchEventsResponse& response) {
          seen.push_back(response.event().revision());
          return seen.size() < limit;
        })));
    ASSERT_EQ(seen.size(), std::min<size_t>(limit, 100));
    EXPECT_EQ(seen.back(), seen.size() - 1);
  }
}

TEST(Connection, AStreamThatFailsSaysWhy) {
  FakeAgent agent;
  agent.AnswerStream<v1::WatchEventsRequest, v1::WatchEventsResponse>(
      kWatchEvents, [](const auto&) {
        return MakeError(absl::StatusCode::kOutOfRange, "too old",
                         {"EVENTS_EXPIRED", "", {}});
      });
  EXPECT_THAT(
      (Dial(agent)->Stream<v1::WatchEventsRequest, v1::WatchEventsResponse>(
          kWatchEvents, v1::WatchEventsRequest(), absl::Seconds(10),
          [](const auto&) { return true; })),
      HasReason("EVENTS_EXPIRED"));
}

TEST(Connect, SaysThatNothingListens) {
  const TempDir directory;
  Endpoint endpoint;
  endpoint.socket = directory.File("s");
  auto api = Connect(endpoint, {});
  EXPECT_THAT(api, HasReason(kReasonDaemonUnreachable));
  EXPECT_EQ(ExitCodeFor(api.status()), kExitDaemonUnreachable);
  // A plain file, and the socket of an agent that was killed.
  ASSERT_OK(WriteFile(endpoint.socket, "", 0600));
  api = Connect(endpoint, {});
  EXPECT_THAT(api, HasReason(kReasonDaemonUnreachable));
  EXPECT_THAT(std::string(api.status().message()),
              HasSubstr("Connection refused"));
}

// Root may use every socket: a process of its own gives its capabilities up.
TEST(Connect, WhoMayNotUseTheSocketIsToldSo) {
  const TempDir directory;
  Endpoint endpoint;
  endpoint.socket = directory.File("s");
  const UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  endpoint.socket.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
                 sizeof(address)),
            0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  ASSERT_EQ(chmod(endpoint.socket.c_str(), 0), 0);
  const pid_t child = fork();
  if (child == 0) {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    if (syscall(SYS_capset, &header, none) != 0) _exit(2);
    const auto api = Connect(endpoint, {});
    _exit(ReasonOf(api.status()) == "PERMISSION_DENIED" &&
                  ExitCodeFor(api.status()) == kExitPermissionDenied
              ? 0
              : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(Connection, AnAgentThatGoesAwayIsUnreachable) {
  auto agent = std::make_unique<FakeAgent>();
  const auto api = Dial(*agent);
  agent.reset();
  const auto answer = api->Call(kBootstrapCluster, {}, absl::Seconds(5));
  EXPECT_THAT(answer, HasReason(kReasonDaemonUnreachable));
}

TEST(Connect, ARemoteEndpointNeedsReadableFiles) {
  const TempDir directory;
  Endpoint endpoint;
  endpoint.address = "127.0.0.1:1";
  endpoint.ca_certificate = directory.File("ca.pem");
  EXPECT_THAT(Connect(endpoint, {}), StatusIs(absl::StatusCode::kNotFound));
}

// A wrong path or type would only be seen against a real agent.
class RpcTable {
 public:
  template <class Request, class Response>
  void Check(const Rpc<Request, Response>& rpc) {
    std::string name = rpc.method;
    ASSERT_EQ(name[0], '/');
    name = name.substr(1);
    name[name.find('/')] = '.';
    const auto* method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
            name);
    ASSERT_NE(method, nullptr) << name;
    EXPECT_EQ(method->input_type(), Request::descriptor()) << name;
    EXPECT_EQ(method->output_type(), Response::descriptor()) << name;
    EXPECT_GT(rpc.deadline, absl::ZeroDuration());
  }
};

TEST(RpcTable, AgreesWithTheApi) {
  RpcTable table;
  table.Check(kBootstrapCluster);
  table.Check(kJoinCluster);
  table.Check(kGetCluster);
  table.Check(kListMembers);
  table.Check(kGetMember);
  table.Check(kCreateJoinToken);
  table.Check(kListJoinTokens);
  table.Check(kDeleteJoinToken);
  table.Check(kTransferLeader);
  table.Check(kUpdateMember);
  table.Check(kRecoverDatabase);
  table.Check(kListServices);
  table.Check(kListCertificates);
  table.Check(kReissueCertificates);
  table.Check(kRotateAuthority);
  table.Check(kListConfigs);
  table.Check(kGetConfig);
  table.Check(kUpdateConfig);
  table.Check(kDeleteConfig);
  table.Check(kGetStatus);
  table.Check(kWatchEvents);
  table.Check(kCreateUser);
  table.Check(kListUsers);
  table.Check(kRevokeUser);
  table.Check(kRemoveMember);
  table.Check(kEnableService);
  table.Check(kDisableService);
  table.Check(kListOperations);
  table.Check(kGetOperation);
  table.Check(kWaitOperation);
  table.Check(kCancelOperation);
}

}  // namespace
}  // namespace microovn::ctl
