// SPDX-License-Identifier: Apache-2.0
// microovn cluster: bootstrap, add, join, list, show, remove.
#include <unistd.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/crypto/scoped_wipe.h"
#include "base/crypto/secret_string.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/time/duration_proto.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/cli/global_flags.h"
#include "ctl/client/operation_follower.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/node_settings.h"
#include "ctl/commands/plan_text.h"
#include "ctl/commands/rotation.h"
#include "ctl/commands/standard_input.h"
#include "ctl/commands/validate.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/member_list.h"
#include "ctl/render/status_text.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

DEFINE_double(token_timeout, 10800, "Seconds that the token is valid.");
DEFINE_bool(worker, false,
            "The new member runs chassis and switch only, never votes, and "
            "nobody administers the cluster there.");
DEFINE_string(token_file, "", "File with the token.");
DEFINE_bool(force, false, "The member cannot be reached: go on without it.");
DEFINE_bool(no_rotate, false,
            "Keep the CAs, whatever a member that is removed by force knows.");
DEFINE_string(accept_risk, "", "Risks to accept, as --dry-run names them.");

namespace microovn::ctl {
namespace {

using google::longrunning::Operation;

constexpr size_t kLargestToken = 16 << 10;

const std::vector<std::string>& ListFormats() {
  static const auto* const kFormats = new std::vector<std::string>{
      "table", "json", "yaml", "csv", "compact", "text", "rich"};
  return *kFormats;
}

absl::StatusOr<int> Bootstrap(Session& session, const Invocation&) {
  v1::BootstrapClusterRequest request;
  const ScopedWipe wiped(request.mutable_ovn_ca_private_key_pem());
  ASSIGN_OR_RETURN(*request.mutable_node(), NodeSettingsFromFlags());
  RETURN_IF_ERROR(ReadOwnCa(FLAGS_ca_cert, FLAGS_ca_key, &request));
  request.set_validate_only(FLAGS_dry_run);
  Announce(session, "starting OVN on this node");
  ASSIGN_OR_RETURN(const v1::BootstrapClusterResponse response,
                   CallBootstrap(session, request));
  PrintWarnings(session, response.warnings());
  if (FLAGS_dry_run) PrintPlan(session, response.plan());
  return kExitDone;
}

// Of an argument, which every user of this machine can read while the command
// runs, of the standard input, or of a file.
absl::StatusOr<SecretString> JoinToken(Session& session,
                                       const Invocation& invocation) {
  const bool named = !FLAGS_token_file.empty();
  if (named == !invocation.words.empty()) {
    return UsageError(
        "give the token as an argument, or - to read it from the standard "
        "input, or --token-file FILE");
  }
  std::string token;
  const ScopedWipe wiped(&token);
  if (named) {
    ASSIGN_OR_RETURN(token, ReadFile(FLAGS_token_file, kLargestToken));
  } else if (invocation.words[0] == "-") {
    ASSIGN_OR_RETURN(const SecretString input,
                     ReadStandardInput(session.in(), kLargestToken));
    token = std::string(input.Reveal());
  } else {
    token = invocation.words[0];
  }
  absl::StripAsciiWhitespace(&token);
  RETURN_IF_ERROR(CheckToken(token));
  return SecretString(token);
}

absl::StatusOr<int> Join(Session& session, const Invocation& invocation) {
  ASSIGN_OR_RETURN(const SecretString token, JoinToken(session, invocation));
  v1::JoinClusterRequest request;
  const ScopedWipe wiped(request.mutable_token());
  request.set_token(std::string(token.Reveal()));
  ASSIGN_OR_RETURN(*request.mutable_node(), NodeSettingsFromFlags());
  request.set_validate_only(FLAGS_dry_run);
  Announce(session, "joining the cluster and starting OVN on this node");
  ASSIGN_OR_RETURN(const v1::JoinClusterResponse response,
                   CallJoin(session, request));
  PrintWarnings(session, response.warnings());
  if (FLAGS_dry_run) PrintPlan(session, response.plan());
  return kExitDone;
}

absl::Status ShowTokenPlan(Session& session, const std::string& name,
                           absl::Duration lifetime) {
  v1::CreateJoinTokenRequest request;
  request.set_member(name);
  *request.mutable_ttl() = ToProto(lifetime);
  request.set_worker(FLAGS_worker);
  request.set_validate_only(true);
  ASSIGN_OR_RETURN(const v1::CreateJoinTokenResponse response,
                   session.Call(kCreateJoinToken, request));
  PrintPlan(session, response.plan());
  return absl::OkStatus();
}

absl::StatusOr<int> Add(Session& session, const Invocation& invocation) {
  const std::string& name = invocation.words[0];
  RETURN_IF_ERROR(CheckMemberName(name));
  // Not a number is neither.
  const absl::Duration timeout = absl::Seconds(FLAGS_token_timeout);
  if (!(FLAGS_token_timeout > 0) || timeout > absl::Hours(24)) {
    return UsageError(
        "--timeout must be more than 0 and at most 86400 seconds");
  }
  if (FLAGS_dry_run) {
    RETURN_IF_ERROR(ShowTokenPlan(session, name, timeout));
    return kExitDone;
  }
  ASSIGN_OR_RETURN(std::string token,
                   AddMember(session, name, timeout, FLAGS_worker));
  const ScopedWipe wiped(&token);
  session.out() << token << "\n";
  return kExitDone;
}

absl::StatusOr<int> List(Session& session, const Invocation&) {
  v1::ListMembersRequest request;
  // Who is a member must be told even without a quorum.
  request.set_read_consistency(v1::READ_CONSISTENCY_STALE_OK);
  ASSIGN_OR_RETURN(const v1::ListMembersResponse response,
                   session.Call(kListMembers, request));
  WarnOfStale(session, response.stale());
  const std::string format = ChosenFormat(session, ListFormats());
  if (format == "rich") {
    session.out() << MemberScreen(response, session.clock().Now(),
                                  LookOf(session));
    return kExitDone;
  }
  ASSIGN_OR_RETURN(const std::string text, MemberList(response, format));
  session.out() << text;
  return kExitDone;
}

absl::StatusOr<int> Show(Session& session, const Invocation& invocation) {
  RETURN_IF_ERROR(CheckMemberName(invocation.words[0]));
  v1::GetMemberRequest request;
  request.set_name(absl::StrCat("members/", invocation.words[0]));
  request.set_read_consistency(v1::READ_CONSISTENCY_STALE_OK);
  ASSIGN_OR_RETURN(const v1::GetMemberResponse response,
                   session.Call(kGetMember, request));
  const std::string format = ChosenFormat(session, MachineFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, response));
  if (!printed) {
    PrintText(session, MemberText(response.member(), session.clock().Now()));
  }
  return kExitDone;
}

// A member that removed itself cannot tell us of the end: it is no longer a
// member when that comes. While it puts its data away it is neither.
bool HasLeft(Session& session) {
  constexpr absl::Duration kPatience = absl::Seconds(60);
  constexpr absl::Duration kPause = absl::Milliseconds(200);
  const absl::Duration end = session.clock().Monotonic() + kPatience;
  for (;;) {
    const auto cluster = session.Call(kGetCluster, v1::GetClusterRequest());
    if (cluster.ok() &&
        cluster->state() != v1::GetClusterResponse::STATE_STARTING) {
      return cluster->state() == v1::GetClusterResponse::STATE_UNINITIALIZED;
    }
    if (session.Interrupted() || session.clock().Monotonic() >= end) {
      return false;
    }
    session.Sleep(kPause);
  }
}

absl::StatusOr<int> Remove(Session& session, const Invocation& invocation) {
  RETURN_IF_ERROR(CheckMemberName(invocation.words[0]));
  v1::RemoveMemberRequest request;
  request.set_name(absl::StrCat("members/", invocation.words[0]));
  request.set_force(FLAGS_force);
  request.set_keep_authorities(FLAGS_no_rotate);
  for (absl::string_view risk :
       absl::StrSplit(FLAGS_accept_risk, ',', absl::SkipEmpty())) {
    request.add_accept_risks(std::string(risk));
  }
  request.set_validate_only(FLAGS_dry_run);
  ASSIGN_OR_RETURN(Operation operation, session.Change(kRemoveMember, request));
  if (FLAGS_dry_run) {
    PrintPlan(session, PlanOf(operation));
    return kExitDone;
  }
  PrintWarnings(session, PlanOf(operation).warnings());
  if (FLAGS_async) {
    session.out() << operation.name() << "\n";
    return kExitDone;
  }
  const auto ended = FollowOperation(session, operation);
  if (!ended.ok() && ReasonOf(ended.status()) != kReasonInterrupted &&
      !operation.done() && HasLeft(session)) {
    return kExitDone;
  }
  RETURN_IF_ERROR(ended.status());
  return kExitDone;
}

Command RemoveCommand() {
  Command command;
  command.name = "remove";
  command.summary = "Remove a member from the cluster";
  command.arguments = "NAME";
  command.min_words = command.max_words = 1;
  command.word_kind = WordKind::kMember;
  command.flags = {{"force", "force", 'f', "", {}},
                   {"accept-risk",
                    "accept_risk",
                    0,
                    "RISK[,RISK]",
                    {},
                    {"quorum-loss", "last-central"}},
                   {"no-rotate", "no_rotate", 0, "", {}},
                   DryRunFlag(),
                   {"async", "async", 0, "", {}}};
  command.details =
      "The member's services are stopped, it leaves the OVN databases, and "
      "its\n"
      "data is moved to backup_TIMESTAMP on its node. --force is for a member\n"
      "that cannot be reached and will not come back. It keeps its "
      "certificates\n"
      "then, and may know the CAs' keys: these CAs are replaced afterwards,\n"
      "unless --no-rotate declines it.";
  command.run = Remove;
  return command;
}

std::vector<Command> MemberCommands() {
  Command add;
  add.name = "add";
  add.summary = "Print a token with which a new member can join";
  add.arguments = "NAME";
  add.min_words = add.max_words = 1;
  add.flags = {{"timeout", "token_timeout", 0, "SECONDS", {}},
               {"worker", "worker", 0, "", {}},
               DryRunFlag()};
  add.details =
      "A worker runs chassis and switch only, never votes and never holds a "
      "CA's key,\nand nobody administers the cluster on it, root included. It "
      "stays one until it is\nremoved.";
  add.run = Add;
  Command join;
  join.name = "join";
  join.summary = "Join the cluster that issued a token";
  join.details =
      "While a command runs, every user of the machine can read its arguments. "
      "With\n"
      "- the token is read from the standard input, with --token-file from a "
      "file.";
  join.arguments = "[TOKEN|-]";
  join.max_words = 1;
  join.flags = JoinFlags();
  join.flags.insert(join.flags.begin(),
                    {"token-file", "token_file", 0, "FILE", {}});
  join.flags.push_back(DryRunFlag());
  join.run = Join;
  Command bootstrap;
  bootstrap.name = "bootstrap";
  bootstrap.summary = "Make this node the first member of a new cluster";
  bootstrap.flags = BootstrapFlags();
  bootstrap.flags.push_back(DryRunFlag());
  bootstrap.run = Bootstrap;
  Command list;
  list.name = "list";
  list.summary = "List the members of the cluster";
  list.flags = FormatFlags(ListFormats());
  list.run = List;
  Command show;
  show.name = "show";
  show.summary = "Show one member";
  show.arguments = "NAME";
  show.min_words = show.max_words = 1;
  show.word_kind = WordKind::kMember;
  show.flags = FormatFlags(MachineFormats());
  show.run = Show;
  return {bootstrap, add, join, list, show};
}

}  // namespace

Command ClusterCommand() {
  Command command;
  command.name = "cluster";
  command.summary = "Manage the members of the cluster";
  command.children = MemberCommands();
  command.children.push_back(ClusterLogCommand());
  command.children.push_back(ClusterSqlCommand());
  command.children.push_back(ClusterRecoverCommand());
  command.children.push_back(RemoveCommand());
  command.children.push_back(RotateCaCommand());
  command.children.push_back(SetEncapIpCommand());
  command.children.push_back(TokenCommand());
  command.children.push_back(TransferLeaderCommand());
  command.children.push_back(UserCommand());
  return command;
}

}  // namespace microovn::ctl
