// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/central.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/ovn/connections.h"
#include "agent/ovn/database_files.h"
#include "agent/ovn/database_schema.h"
#include "agent/ovn/json_fields.h"
#include "agent/ovn/probe_interval.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kControlTimeout = absl::Seconds(2);
// A write waits for the cluster to agree.
constexpr absl::Duration kWriteTimeout = absl::Seconds(5);
constexpr int kListenerTries = 3;
// As MicroOVN gives it. Well below kLongestReconcile.
constexpr absl::Duration kConvertTimeout = absl::Minutes(1);

std::string FirstLine(absl::string_view text) {
  return std::string(
      absl::StripAsciiWhitespace(text.substr(0, text.find('\n'))));
}

}  // namespace

const DatabaseKind& Northbound() {
  static constexpr DatabaseKind kKind = {"nb", "OVN_Northbound",
                                         "ovn-nb.ovsschema", kNorthboundPort,
                                         kNorthboundRaftPort};
  return kKind;
}

const DatabaseKind& Southbound() {
  static constexpr DatabaseKind kKind = {"sb", "OVN_Southbound",
                                         "ovn-sb.ovsschema", kSouthboundPort,
                                         kSouthboundRaftPort};
  return kKind;
}

CentralDatabase::CentralDatabase(CentralDatabaseOptions options,
                                 CommandRunner* runner)
    : options_(std::move(options)), runner_(runner) {}

bool CentralDatabase::FileExists() const {
  return microovn::FileExists(options_.file);
}

uint64_t CentralDatabase::FileBytes() const {
  std::error_code none;
  const uintmax_t bytes = std::filesystem::file_size(options_.file, none);
  return none ? 0 : bytes;
}

std::string CentralDatabase::RaftAddress(absl::string_view ip) const {
  return absl::StrCat(options_.transport, ":", Bracketed(ip), ":",
                      options_.kind.raft_port);
}

std::string CentralDatabase::Listener() const {
  return absl::StrCat("p", options_.transport, ":", options_.kind.client_port,
                      ":[::]");
}

absl::Status CentralDatabase::MakeFile(std::vector<std::string> argv) const {
  if (FileExists()) {
    return absl::AlreadyExistsError(
        absl::StrCat(options_.file, " is there already"));
  }
  RETURN_IF_ERROR(MakeDirectories(DirectoryOf(options_.file), 0700));
  const std::string fresh = absl::StrCat(options_.file, ".new");
  RETURN_IF_ERROR(UnlinkFile(fresh));
  Command command;
  command.argv = std::move(argv);
  RETURN_IF_ERROR(RunForOutput(*runner_, command).status());
  RETURN_IF_ERROR(UnlinkFile(LockOf(fresh)));
  return RenameFile(fresh, options_.file);
}

absl::Status CentralDatabase::CreateCluster(absl::string_view local_ip) const {
  return MakeFile(
      {"ovsdb-tool",
       absl::StrCat("--election-timer=",
                    absl::ToInt64Milliseconds(options_.election_timer)),
       "create-cluster", absl::StrCat(options_.file, ".new"), SchemaFile(),
       RaftAddress(local_ip)});
}

absl::Status CentralDatabase::JoinCluster(
    absl::string_view local_ip, const std::vector<std::string>& remotes) const {
  if (remotes.empty()) {
    return absl::InvalidArgumentError("a server joins through another one");
  }
  std::vector<std::string> argv = {
      "ovsdb-tool", "join-cluster", absl::StrCat(options_.file, ".new"),
      std::string(options_.kind.schema_name), RaftAddress(local_ip)};
  for (const std::string& ip : remotes) argv.push_back(RaftAddress(ip));
  return MakeFile(std::move(argv));
}

absl::StatusOr<std::string> CentralDatabase::RunTool(
    const std::vector<std::string>& words) const {
  Command command;
  command.argv = {"ovsdb-tool"};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return RunForOutput(*runner_, command);
}

absl::StatusOr<DatabaseFile> CentralDatabase::InspectFile() const {
  DatabaseFile file;
  const absl::StatusOr<std::string> server_id =
      RunTool({"db-sid", options_.file});
  // What it says of the file, and not of what kept it from reading.
  if (absl::StrContains(server_id.status().message(), "ovsdb error:")) {
    return absl::DataLossError(server_id.status().message());
  }
  RETURN_IF_ERROR(server_id.status());
  file.server_id = FirstLine(*server_id);
  ASSIGN_OR_RETURN(const std::string address,
                   RunTool({"db-local-address", options_.file}));
  file.local_address = FirstLine(address);
  Command cluster_id;
  cluster_id.argv = {"ovsdb-tool", "db-cid", options_.file};
  ASSIGN_OR_RETURN(const CommandResult answer, runner_->Run(cluster_id));
  // It exits 2 while the id is not known yet.
  if (answer.exit_code == 0) file.cluster_id = FirstLine(answer.output);
  Command check;
  check.argv = {"ovsdb-tool", "check-cluster", options_.file};
  ASSIGN_OR_RETURN(const CommandResult report, runner_->Run(check));
  const std::string said = absl::StrCat(report.output, report.error);
  // A record is missing, as after a disk that was full: no server starts on it.
  if (absl::StrContains(said, "advances commit index to")) {
    return absl::DataLossError(said);
  }
  file.left = absl::StrContains(said, "shows that the server left the cluster");
  return file;
}

std::string CentralDatabase::BackupPath(absl::CivilSecond now) const {
  const std::string directory = DirectoryOf(options_.file);
  std::string target = JoinPath(directory, BackupFileName(options_.kind, now));
  while (microovn::FileExists(target)) {
    target = JoinPath(directory, BackupFileName(options_.kind, ++now));
  }
  return target;
}

absl::StatusOr<std::string> CentralDatabase::RecoverCluster(
    absl::string_view local_ip, absl::CivilSecond now) const {
  const std::string content = absl::StrCat(options_.file, ".content");
  const std::string fresh = absl::StrCat(options_.file, ".new");
  for (const std::string& path : {content, fresh}) {
    RETURN_IF_ERROR(UnlinkFile(path));
    RETURN_IF_ERROR(UnlinkFile(LockOf(path)));
  }
  Command command;
  command.timeout = kConvertTimeout;
  command.argv = {"ovsdb-tool", "cluster-to-standalone", content,
                  options_.file};
  RETURN_IF_ERROR(RunForOutput(*runner_, command).status());
  command.argv = {
      "ovsdb-tool",
      absl::StrCat("--election-timer=",
                   absl::ToInt64Milliseconds(options_.election_timer)),
      "create-cluster",
      fresh,
      content,
      RaftAddress(local_ip)};
  RETURN_IF_ERROR(RunForOutput(*runner_, command).status());
  for (const std::string& path : {content, LockOf(content), LockOf(fresh)}) {
    RETURN_IF_ERROR(UnlinkFile(path));
  }
  // Two names until the new file takes one of them: at no moment is there none.
  const std::string kept = BackupPath(now);
  if (link(options_.file.c_str(), kept.c_str()) != 0) {
    return ErrnoStatus(errno, "link", kept);
  }
  RETURN_IF_ERROR(SyncDirectory(DirectoryOf(kept)));
  RETURN_IF_ERROR(RenameFile(fresh, options_.file));
  return kept;
}

absl::StatusOr<std::string> CentralDatabase::MoveAside(
    absl::CivilSecond now) const {
  const std::string target = BackupPath(now);
  RETURN_IF_ERROR(RenameFile(options_.file, target));
  RETURN_IF_ERROR(UnlinkFile(LockOf(options_.file)));
  return target;
}

absl::Status CentralDatabase::DiscardFile() const {
  RETURN_IF_ERROR(UnlinkFile(options_.file));
  RETURN_IF_ERROR(UnlinkFile(LockOf(options_.file)));
  return SyncDirectory(DirectoryOf(options_.file));
}

absl::StatusOr<std::string> CentralDatabase::Ask(
    const std::string& command,
    const std::vector<std::string>& arguments) const {
  std::vector<std::string> words = {std::string(options_.kind.schema_name)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  absl::StatusOr<std::string> answer = options_.sockets.unixctl(
      options_.control, command, words, kControlTimeout);
  if (answer.ok()) return answer;
  const absl::Status& status = answer.status();
  if (absl::IsDeadlineExceeded(status) || absl::IsAborted(status)) {
    return absl::UnavailableError(absl::StrCat(
        "the ", options_.kind.schema_name, " server does not answer"));
  }
  if (absl::StrContains(status.message(), "unknown cluster")) {
    return absl::NotFoundError(
        absl::StrCat("the server is not a member of the ",
                     options_.kind.schema_name, " cluster any more"));
  }
  if (absl::IsFailedPrecondition(status)) {
    return absl::FailedPreconditionError(FirstLine(status.message()));
  }
  return absl::UnavailableError(
      absl::StrCat("the ", options_.kind.schema_name, " server does not run"));
}

absl::StatusOr<OvsdbClusterStatus> CentralDatabase::Status() const {
  const absl::StatusOr<std::string> answer = Ask("cluster/status");
  if (absl::IsFailedPrecondition(answer.status())) {
    return absl::InternalError(answer.status().message());
  }
  RETURN_IF_ERROR(answer.status());
  return ParseOvsdbClusterStatus(*answer);
}

absl::Status CentralDatabase::Leave() const {
  return Ask("cluster/leave").status();
}

absl::Status CentralDatabase::Kick(absl::string_view server_id) const {
  const absl::Status status =
      Ask("cluster/kick", {std::string(server_id)}).status();
  if (!absl::IsFailedPrecondition(status)) return status;
  // It is out already.
  if (absl::StrContains(status.message(), "unknown server")) {
    return absl::OkStatus();
  }
  return absl::InternalError(status.message());
}

absl::Status CentralDatabase::EndSessions() const {
  // Of the whole server, which has this one database.
  return options_.sockets
      .unixctl(options_.control, "ovsdb-server/reconnect", {}, kControlTimeout)
      .status();
}

absl::Status CentralDatabase::Compact() const {
  const absl::Status status = Ask("ovsdb-server/compact").status();
  if (!absl::IsFailedPrecondition(status)) return status;
  return absl::InternalError(
      absl::StrCat("the file of ", options_.kind.schema_name,
                   " could not be written anew: ", status.message()));
}

absl::Status CentralDatabase::ChangeElectionTimer(absl::Duration timer) const {
  const absl::Status status =
      Ask("cluster/change-election-timer",
          {absl::StrCat(absl::ToInt64Milliseconds(timer))})
          .status();
  if (!absl::IsFailedPrecondition(status)) return status;
  return absl::UnavailableError(
      absl::StrCat(options_.kind.schema_name,
                   " takes no other election timer yet: ", status.message()));
}

absl::StatusOr<std::string> CentralDatabase::RunCtl(
    const std::vector<std::string>& words) const {
  Command command;
  command.argv = {
      absl::StrCat("ovn-", options_.kind.name, "ctl"),
      absl::StrCat("--db=unix:", options_.socket), "--no-leader-only",
      absl::StrCat("--timeout=", absl::ToInt64Seconds(kWriteTimeout))};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.timeout = kWriteTimeout + absl::Seconds(1);
  return RunForOutput(*runner_, command);
}

absl::StatusOr<bool> CentralDatabase::HasListener() const {
  const std::string question = absl::StrCat(
      "[\"", options_.kind.schema_name,
      R"(",{"op":"select","table":"Connection","where":[["target","==",")",
      Listener(), R"("]],"columns":["target"]}])");
  ASSIGN_OR_RETURN(
      const std::string answer,
      options_.sockets.transact(options_.socket, question, kControlTimeout));
  ASSIGN_OR_RETURN(const nlohmann::json results,
                   ParseJson(answer, "the database's answer"));
  if (!results.is_array() || results.empty()) {
    return absl::InvalidArgumentError("the database's answer is incomplete");
  }
  return !ArrayField(results[0], "rows").empty();
}

absl::Status CentralDatabase::EnsureListener() const {
  ASSIGN_OR_RETURN(const bool there, HasListener());
  if (there) return absl::OkStatus();
  absl::Status status;
  // A leader that is just being elected refuses the first.
  for (int i = 0; i < kListenerTries; ++i) {
    status = RunCtl({"set-connection", Listener()}).status();
    if (status.ok()) break;
  }
  return status;
}

absl::StatusOr<bool> CentralDatabase::FollowProbeInterval(
    absl::string_view interval) const {
  const std::string listener = Listener();
  ASSIGN_OR_RETURN(
      const std::string answer,
      options_.sockets.transact(
          options_.socket, ProbesQuestion(options_.kind.schema_name, listener),
          kControlTimeout));
  ASSIGN_OR_RETURN(const DatabaseProbes observed, ParseProbes(answer));
  if (!interval.empty() && !observed.listener.has_value()) {
    return absl::UnavailableError(
        absl::StrCat("waiting for ", options_.kind.schema_name, " to listen"));
  }
  const std::vector<std::string> words =
      PlanProbes(interval, listener, observed);
  if (words.empty()) return false;
  RETURN_IF_ERROR(RunCtl(words).status());
  return true;
}

std::string CentralDatabase::SchemaFile() const {
  return JoinPath(options_.schema_directory, options_.kind.schema_file);
}

absl::StatusOr<std::string> CentralDatabase::LiveSchema() const {
  ASSIGN_OR_RETURN(
      const std::string answer,
      options_.sockets.transact(options_.socket,
                                SchemaQuestion(options_.kind.schema_name),
                                kControlTimeout));
  return ParseSchemaVersion(answer);
}

absl::Status CentralDatabase::ConvertSchema() const {
  Command command;
  command.argv = {
      "ovsdb-client",
      absl::StrCat("--timeout=", absl::ToInt64Seconds(kConvertTimeout)),
      "convert", absl::StrCat("unix:", options_.socket), SchemaFile()};
  command.timeout = kConvertTimeout + absl::Seconds(1);
  return RunForOutput(*runner_, command).status();
}

absl::StatusOr<std::string> CentralDatabase::ExpectedSchema() const {
  const std::string path = SchemaFile();
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(const nlohmann::json schema, ParseJson(text, path));
  const std::string version = StringField(schema, "version");
  if (version.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " has no version"));
  }
  return version;
}

std::string BackupFileName(const DatabaseKind& kind, absl::CivilSecond when) {
  return absl::StrFormat("ovn%s_db_backup_%04d-%02d-%02d %02d:%02d:%02d.db",
                         kind.name, when.year(), when.month(), when.day(),
                         when.hour(), when.minute(), when.second());
}

}  // namespace microovn::agent
