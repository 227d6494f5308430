// SPDX-License-Identifier: Apache-2.0
// Runs the transcripts of testdata/*.golden against a FakeAgent over a real
// socket and compares what is printed.
//
//   @healthy            which cluster is played
//   $ microovn status   not on a terminal
//   % microovn status   on a terminal of 80 columns
//   %50 microovn status on one of 50
//   ? microovn status   as $, and what the agent is asked
//   & Method {...}      that
//   < yes               a line of input
//   > text              stdout
//   >| text             stdout without a newline at its end
//   ! text              stderr
//   = 7                 the exit code, when it is not 0
//
// With MICROOVN_REWRITE_GOLDEN=DIR the transcripts are written to DIR instead.
#include <stdlib.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/notification.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/testing/fake_clock.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/client/connection.h"
#include "ctl/client/session.h"
#include "ctl/command_tree.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/testing/fake_agent.h"
#include "ctl/testing/fake_cluster.h"
#include "ctl/testing/fake_node.h"
#include "ctl/wrappers/tool_plan.h"
#include "gflags/gflags.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

constexpr char kTestData[] = "ctl/testdata/";

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

absl::StatusOr<CommandResult> Programs(const microovn::Command& command) {
  CommandResult result;
  if (command.argv[0] != "ovs-vsctl") {
    return absl::NotFoundError("no such program");
  }
  result.output = "ovs-vsctl (Open vSwitch) 3.1.0\nDB Schema 8.3.1\n";
  return result;
}

// Without an agent, nothing listens at the socket.
Ran RunCommand(
    const FakeAgent* agent, const std::vector<std::string>& words,
    const std::string& input, bool terminal,
    const std::function<bool()>& interrupted = [] { return false; },
    size_t columns = 80) {
  // Flags are the process's: each command line starts with the defaults.
  gflags::FlagSaver saver;
  FakeClock clock(FakeNow());
  SeededRandom random(1);
  FakeCommandRunner runner(Programs);
  std::ostringstream out, err;
  std::istringstream in(input);
  SessionParts parts;
  parts.terminal = {&out, &err, &in, terminal, terminal, true, false, columns};
  parts.clock = &clock;
  parts.random = &random;
  parts.runner = &runner;
  parts.environment = [](const std::string&) { return std::string(); };
  parts.connect = [&] {
    Endpoint endpoint;
    endpoint.socket = agent == nullptr ? "SOCKET" : agent->socket();
    return Connect(endpoint, {nullptr, interrupted});
  };
  parts.host_name = [] { return "node1"; };
  parts.listen_address = [] { return "10.0.0.1:6686"; };
  parts.sleep = [&clock](absl::Duration by) { clock.Advance(by); };
  parts.interrupted = interrupted;
  Session session(parts);
  const int code = RunCommandLine(session, words);
  return {code, out.str(), err.str()};
}

std::string Prefixed(const std::string& text, const std::string& mark) {
  if (text.empty()) return "";
  std::string marked;
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  const bool ended = lines.back().empty();
  if (ended) lines.pop_back();
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool open = !ended && i + 1 == lines.size();
    std::string line = absl::StrCat(mark, open ? "|" : "",
                                    lines[i].empty() ? "" : " ", lines[i]);
    absl::StrAppend(&marked, line, "\n");
  }
  return marked;
}

// "EnableService {service: SERVICE_SWITCH}"; ids and tokens differ from run to
// run or are long.
std::string AskedLines(const std::vector<FakeAgent::Asked>& asked) {
  google::protobuf::DynamicMessageFactory factory;
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  for (const FakeAgent::Asked& call : asked) {
    const std::string name =
        absl::StrReplaceAll(call.method.substr(1), {{"/", "."}});
    const google::protobuf::MethodDescriptor* method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
            name);
    if (method == nullptr) return absl::StrCat("no method ", name, "\n");
    const std::unique_ptr<google::protobuf::Message> request(
        factory.GetPrototype(method->input_type())->New());
    request->ParseFromString(call.request);
    for (const char* hidden : {"request_id", "token"}) {
      const auto* field = method->input_type()->FindFieldByName(hidden);
      if (field != nullptr)
        request->GetReflection()->ClearField(&*request, field);
    }
    std::string printed;
    printer.PrintToString(*request, &printed);
    absl::StrAppend(&text, method->name(), " {",
                    absl::StripAsciiWhitespace(printed), "}\n");
  }
  return text;
}

class Transcript {
 public:
  // What the file says when everything in it is run anew.
  std::string Replay(const std::string& text) {
    std::vector<std::string> lines = absl::StrSplit(text, '\n');
    if (lines.back().empty()) lines.pop_back();
    for (const std::string& line : lines) Take(line);
    Flush();
    return result_;
  }

 private:
  void Take(const std::string& line) {
    if (absl::StartsWith(line, "<")) {
      absl::StrAppend(&input_, line.size() > 2 ? line.substr(2) : "", "\n");
      return;
    }
    for (const char* mark : {">", "!", "=", "&"}) {
      if (absl::StartsWith(line, mark)) return;
    }
    Flush();
    if (absl::StartsWith(line, "$ ") || absl::StartsWith(line, "%") ||
        absl::StartsWith(line, "? ")) {
      command_ = line;
      return;
    }
    if (absl::StartsWith(line, "@")) Play(line.substr(1));
    absl::StrAppend(&result_, line, "\n");
  }

  void Play(const std::string& scenario) {
    agent_.reset();
    if (scenario == "nothing") return;
    agent_ = std::make_unique<FakeAgent>();
    PlayCluster(scenario, agent_.get());
  }

  void Flush() {
    if (command_.empty()) return;
    std::vector<std::string> words = absl::StrSplit(
        absl::StrReplaceAll(command_, {{"TOKEN", FakeToken()}}), ' ');
    size_t columns = 80;
    if (absl::StartsWith(words[0], "%") && words[0].size() > 1) {
      (void)absl::SimpleAtoi(words[0].substr(1), &columns);
    }
    words.erase(words.begin(), words.begin() + 2);
    const Ran ran = RunCommand(
        agent_.get(), words,
        absl::StrReplaceAll(input_, {{"TOKEN", FakeToken()}}),
        command_[0] == '%', [] { return false; }, columns);
    const std::string asked =
        agent_ == nullptr ? "" : AskedLines(agent_->TakeAsked());
    absl::StrAppend(&result_, command_, "\n", Prefixed(input_, "<"),
                    command_[0] == '?' ? Prefixed(asked, "&") : "",
                    Prefixed(ran.out, ">"), Prefixed(ran.err, "!"));
    if (ran.code != 0) absl::StrAppend(&result_, "= ", ran.code, "\n");
    command_.clear();
    input_.clear();
  }

  std::unique_ptr<FakeAgent> agent_;
  std::string command_, input_, result_;
};

TEST(Golden, TranscriptsAreAsRecorded) {
  const auto names = ListDirectory(kTestData);
  ASSERT_OK(names);
  size_t files = 0;
  for (const std::string& name : *names) {
    if (!absl::EndsWith(name, ".golden")) continue;
    ++files;
    SCOPED_TRACE(name);
    const auto recorded = ReadFile(absl::StrCat(kTestData, name));
    ASSERT_OK(recorded);
    const std::string replayed = Transcript().Replay(*recorded);
    const char* rewrite = getenv("MICROOVN_REWRITE_GOLDEN");
    if (rewrite != nullptr) {
      ASSERT_OK(WriteFile(JoinPath(rewrite, name), replayed, 0644));
    } else {
      EXPECT_EQ(replayed, *recorded);
    }
  }
  EXPECT_GE(files, 6u);
}

// Every `microovn` command line of MicroOVN's own documentation is understood.
TEST(SeedCommands, AllParse) {
  const auto lines = ReadFile(absl::StrCat(kTestData, "seed_commands.txt"));
  ASSERT_OK(lines);
  size_t count = 0;
  for (absl::string_view line :
       absl::StrSplit(*lines, '\n', absl::SkipEmpty())) {
    ++count;
    std::vector<std::string> words = absl::StrSplit(line, ' ');
    const std::string program = words[0];
    words.erase(words.begin());
    if (program == "microovn") {
      EXPECT_OK(SplitArguments(CommandTree(), words)) << line;
      continue;
    }
    ToolFacts facts;
    facts.root = "/r";
    facts.env_file = "OVN_SB_CONNECT=\"ssl:10.0.0.1:6642\"\n";
    EXPECT_OK(PlanTool(ToolForProgram(program), words, facts)) << line;
  }
  EXPECT_GE(count, 20u);
}

TEST(ErrorOutput, ControlCharactersOfOthersDoNotReachTheTerminal) {
  FakeAgent agent;
  agent.Answer<v1::GetStatusRequest, v1::GetStatusResponse>(
      kGetStatus, [](const auto&) {
        return absl::InternalError("bad \033[31mthing\nsecond line");
      });
  const Ran ran = RunCommand(&agent, {"status"}, "", false);
  EXPECT_EQ(ran.code, kExitFailed);
  EXPECT_EQ(ran.err, "Error: bad \\x1b[31mthing\\nsecond line\n");
}

TEST(Changes, CarryARequestIdAndAreNotSentTwice) {
  FakeAgent agent;
  std::string id;
  agent.Answer<v1::CreateJoinTokenRequest, v1::CreateJoinTokenResponse>(
      kCreateJoinToken,
      [&id](const v1::CreateJoinTokenRequest& request)
          -> absl::StatusOr<v1::CreateJoinTokenResponse> {
        id = request.request_id();
        v1::CreateJoinTokenResponse response;
        response.set_token("eyJ");
        return response;
      });
  EXPECT_EQ(RunCommand(&agent, {"cluster", "add", "n"}, "", false).code, 0);
  EXPECT_TRUE(IsId(id)) << id;
  EXPECT_EQ(agent.calls().size(), 1u);
}

// The agent that made the change ends before it has answered.
TEST(Changes, AreSentAgainWithTheSameIdWhenTheAnswerIsLost) {
  const struct {
    const char* how;
    absl::Status lost;
  } cases[] = {
      {"it is not known here",
       MakeError(absl::StatusCode::kUnknown, "the change may take effect",
                 {"PROPOSAL_OUTCOME_UNKNOWN", "", {}})},
      // What gRPC says of a connection that breaks during a call.
      {"the connection breaks", absl::UnavailableError("Socket closed")},
  };
  for (const auto& test : cases) {
    FakeAgent agent;
    std::map<std::string, std::string> applied;
    int calls = 0;
    agent.Answer<v1::UpdateConfigRequest, v1::UpdateConfigResponse>(
        kUpdateConfig,
        [&](const v1::UpdateConfigRequest& request)
            -> absl::StatusOr<v1::UpdateConfigResponse> {
          applied.emplace(request.request_id(), request.config().value());
          // More often than gRPC tries by itself.
          if (++calls < 6) return test.lost;
          return v1::UpdateConfigResponse();
        });
    const Ran ran =
        RunCommand(&agent, {"config", "set", "cluster.voters", "5"}, "", false);
    EXPECT_EQ(ran.code, 0) << test.how << ": " << ran.err;
    EXPECT_EQ(ran.err, "") << test.how;
    ASSERT_EQ(applied.size(), 1u) << test.how;
    EXPECT_TRUE(IsId(applied.begin()->first)) << test.how;
  }
}

// Ctrl-C ends the waiting, not the join.
TEST(Changes, AnInterruptedJoinGoesOn) {
  for (const char* const what : {"join", "bootstrap"}) {
    FakeAgent agent;
    absl::Notification waited;
    agent.Answer<v1::JoinClusterRequest, v1::JoinClusterResponse>(
        kJoinCluster, [&waited](const auto&) {
          waited.WaitForNotification();
          return v1::JoinClusterResponse();
        });
    agent.Answer<v1::BootstrapClusterRequest, v1::BootstrapClusterResponse>(
        kBootstrapCluster, [&waited](const auto&) {
          waited.WaitForNotification();
          return v1::BootstrapClusterResponse();
        });
    std::vector<std::string> words = {"cluster", what};
    if (words[1] == "join") words.push_back(FakeToken());
    const Ran ran = RunCommand(&agent, words, "", false,
                               [&agent] { return !agent.calls().empty(); });
    waited.Notify();
    EXPECT_EQ(ran.code, kExitInterrupted);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err,
              absl::StrCat(
                  "Error: stopped waiting; the agent goes on with the ", what,
                  " and finishes it or undoes it; look with: microovn "
                  "status\n"));
    EXPECT_EQ(agent.calls().size(), 1u);
  }
}

// The cluster's CA is another one since the first try.
TEST(Changes, ALostTokenIsAskedForAnew) {
  FakeAgent agent;
  std::string first;
  agent.Answer<v1::CreateJoinTokenRequest, v1::CreateJoinTokenResponse>(
      kCreateJoinToken,
      [&first](const v1::CreateJoinTokenRequest& request)
          -> absl::StatusOr<v1::CreateJoinTokenResponse> {
        if (first.empty() || first == request.request_id()) {
          first = request.request_id();
          return MakeError(absl::StatusCode::kAborted, "issued already",
                           {"TOKEN_ALREADY_ISSUED", "", {}});
        }
        v1::CreateJoinTokenResponse response;
        response.set_token("eyJ");
        return response;
      });
  const Ran ran = RunCommand(&agent, {"cluster", "add", "n"}, "", false);
  EXPECT_EQ(ran.out, "eyJ\n") << ran.err;
}

TEST(Tokens, AreListedAndRevokedOverAllPages) {
  FakeAgent agent;
  std::string revoked;
  agent.Answer<v1::ListJoinTokensRequest, v1::ListJoinTokensResponse>(
      kListJoinTokens, [](const v1::ListJoinTokensRequest& request) {
        v1::ListJoinTokensResponse page;
        const bool first = request.page_token().empty();
        v1::JoinToken* token = page.add_join_tokens();
        token->set_name(first ? "joinTokens/1" : "joinTokens/2");
        token->set_member(first ? "node4" : "node5");
        token->set_locked(!first);
        SetTime(FakeNow() - absl::Seconds(first ? 0 : 1),
                token->mutable_expire_time());
        if (first) page.set_next_page_token("1");
        return page;
      });
  agent.Answer<v1::DeleteJoinTokenRequest, v1::DeleteJoinTokenResponse>(
      kDeleteJoinToken, [&revoked](const v1::DeleteJoinTokenRequest& request) {
        revoked = request.name();
        return v1::DeleteJoinTokenResponse();
      });
  const Ran list = RunCommand(&agent, {"cluster", "token", "list"}, "", false);
  EXPECT_THAT(list.out, testing::ContainsRegex("node4 .* expired\n"));
  EXPECT_THAT(list.out, testing::ContainsRegex("node5 .* locked\n"));
  RunCommand(&agent, {"cluster", "token", "revoke", "node5"}, "", false);
  EXPECT_EQ(revoked, "joinTokens/2");
  RunCommand(&agent, {"cluster", "token", "revoke", "1"}, "", false);
  EXPECT_EQ(revoked, "joinTokens/1");
}

// The agent that a command follows an operation on.
class Follow : public testing::Test {
 protected:
  using Operation = google::longrunning::Operation;

  void SetUp() override {
    agent_.Answer<v1::RemoveMemberRequest, Operation>(
        kRemoveMember, [](const auto&) {
          Operation started;
          started.set_name("operations/7");
          return started;
        });
    agent_.Answer<google::longrunning::GetOperationRequest, Operation>(
        kGetOperation, [](const auto&) {
          Operation started;
          started.set_name("operations/7");
          return started;
        });
    agent_.Answer<google::longrunning::WaitOperationRequest, Operation>(
        kWaitOperation, [this](const auto&) { return Next(); });
    agent_.Answer<v1::GetClusterRequest, v1::GetClusterResponse>(
        kGetCluster, [this](const auto&) {
          v1::GetClusterResponse response;
          response.set_state(state_);
          return response;
        });
  }

  absl::StatusOr<Operation> Next() {
    ++looks_;
    if (failing_looks_-- > 0) return answer_;
    Operation ended;
    ended.set_name("operations/7");
    ended.set_done(true);
    if (failed_) {
      ended.mutable_error()->set_code(9);
      ended.mutable_error()->set_message("its server does not leave");
    }
    return ended;
  }

  FakeAgent agent_;
  v1::GetClusterResponse::State state_ = v1::GetClusterResponse::STATE_READY;
  absl::Status answer_;
  int failing_looks_ = 0;
  int looks_ = 0;
  bool failed_ = false;
};

TEST_F(Follow, AnOperationThatFailsIsAFailure) {
  failed_ = true;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"cluster", "remove", "node2"},
        std::vector<std::string>{"operation", "wait", "7"}}) {
    const Ran ran = RunCommand(&agent_, words, "", false);
    EXPECT_EQ(ran.code, kExitPrecondition);
    EXPECT_EQ(ran.err, "Error: its server does not leave\n");
  }
}

// A member that removed itself is not told of the end.
TEST_F(Follow, AnAnswerThatDoesNotComeIsNoSuccessUnlessThisNodeHasLeft) {
  answer_ = MakeError(absl::StatusCode::kFailedPrecondition, "no member here",
                      {"NOT_BOOTSTRAPPED", "", {}});
  failing_looks_ = 1;
  EXPECT_NE(RunCommand(&agent_, {"cluster", "remove", "node2"}, "", false).code,
            0);
  state_ = v1::GetClusterResponse::STATE_UNINITIALIZED;
  failing_looks_ = 1;
  EXPECT_EQ(RunCommand(&agent_, {"cluster", "remove", "node1"}, "", false).code,
            0);
}

TEST_F(Follow, AnAgentThatRestartsIsWaitedForAndOneThatIsGoneIsNot) {
  answer_ = MakeError(absl::StatusCode::kUnavailable, "starting",
                      {"STARTING", "", {}});
  failing_looks_ = 4;  // as often as gRPC asks by itself
  EXPECT_EQ(RunCommand(&agent_, {"cluster", "remove", "node2"}, "", false).code,
            0);
  answer_ = absl::DeadlineExceededError("no answer");
  failing_looks_ = 10'000;
  looks_ = 0;
  EXPECT_NE(RunCommand(&agent_, {"cluster", "remove", "node2"}, "", false).code,
            0);
  EXPECT_LT(looks_, 200) << "half a minute of pauses of 0.3 s";
}

TEST(Operations, ANameIsPrintableAndAFailureIsSaid) {
  FakeAgent agent;
  agent.Answer<google::longrunning::GetOperationRequest,
               google::longrunning::Operation>(kGetOperation, [](const auto&) {
    google::longrunning::Operation ended;
    ended.set_name("operations/7");
    ended.set_done(true);
    ended.mutable_error()->set_message("no");
    return ended;
  });
  const Ran shown = RunCommand(&agent, {"operation", "show", "7"}, "", false);
  EXPECT_THAT(shown.out, testing::HasSubstr("State: failed\nError: no\n"));
  const Ran bad =
      RunCommand(&agent, {"operation", "show", "7\033[2J"}, "", false);
  EXPECT_EQ(bad.code, kExitUsage);
  EXPECT_EQ(agent.calls().size(), 1u) << "it was not asked for";
}

// `| head` reads what it wants and goes; a full disk is another matter.
TEST(Output, AReaderThatGoesIsNoError) {
  for (const bool gone : {true, false}) {
    gflags::FlagSaver saver;
    std::ostringstream out, err;
    out.setstate(std::ios::badbit);
    SessionParts parts;
    parts.terminal.out = &out;
    parts.terminal.err = &err;
    parts.reader_is_gone = [gone] { return gone; };
    Session session(parts);
    EXPECT_EQ(RunCommandLine(session, {"explain"}),
              gone ? kExitDone : kExitFailed);
    EXPECT_EQ(err.str(), gone ? "" : "Error: cannot write the output\n");
  }
}

TEST(WaitReady, WaitsForAnAgentThatStarts) {
  FakeAgent agent;
  int looks = 0;
  agent.Answer<v1::GetClusterRequest, v1::GetClusterResponse>(
      kGetCluster, [&looks](const auto&) {
        v1::GetClusterResponse response;
        response.set_state(++looks < 4 ? v1::GetClusterResponse::STATE_STARTING
                                       : v1::GetClusterResponse::STATE_READY);
        return response;
      });
  EXPECT_EQ(RunCommand(&agent, {"waitready"}, "", false).code, 0);
  EXPECT_EQ(looks, 4);
}

}  // namespace
}  // namespace microovn::ctl
