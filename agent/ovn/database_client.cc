// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/database_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/ovn/json_fields.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kAnswerTimeout = absl::Seconds(1);

// What a column of the kind "uuid" holds, or a set of one.
std::string UuidField(const nlohmann::json& row, const char* column) {
  const auto found = row.is_object() ? row.find(column) : row.end();
  if (found == row.end() || !found->is_array() || found->size() != 2 ||
      (*found)[0] != "uuid" || !(*found)[1].is_string()) {
    return "";
  }
  return (*found)[1].get<std::string>();
}

}  // namespace

DatabaseClient::DatabaseClient(std::string daemon, std::string database,
                               std::string run_directory, OvsSockets sockets)
    : daemon_(std::move(daemon)),
      database_(std::move(database)),
      run_directory_(std::move(run_directory)),
      sockets_(std::move(sockets)) {}

absl::StatusOr<std::string> DatabaseClient::Ask(
    pid_t pid, const std::string& command) const {
  // Without --unixctl a daemon has its socket under its name and pid.
  return sockets_.unixctl(
      absl::StrCat(run_directory_, "/", daemon_, ".", pid, ".ctl"), command, {},
      kAnswerTimeout);
}

absl::StatusOr<bool> DatabaseClient::Connected(pid_t pid) const {
  // ovn-controller has one database only.
  const std::string command =
      daemon_ == "ovn-controller"
          ? "connection-status"
          : absl::StrCat(database_, "-connection-status");
  ASSIGN_OR_RETURN(const std::string answer, Ask(pid, command));
  const absl::string_view word = absl::StripSuffix(answer, "\n");
  if (word == "connected") return true;
  if (word == "not connected") return false;
  return absl::UnknownError(absl::StrCat(daemon_, " says of its connection: \"",
                                         Shown(word, 64), "\""));
}

absl::Status DatabaseClient::Forget(pid_t pid) const {
  return Ask(pid, absl::StrCat(database_, "-cluster-state-reset")).status();
}

absl::StatusOr<std::string> AskClusterId(CommandRunner& runner,
                                         const std::string& remotes,
                                         absl::string_view schema,
                                         const TlsFiles& tls) {
  const std::string select = absl::StrCat(
      R"(["_Server",{"op":"select","table":"Database","where":)",
      R"([["name","==",")", schema, R"("]],"columns":["cid","connected"]}])");
  ASSIGN_OR_RETURN(const std::string text,
                   QueryRemote(runner, remotes, tls, select, absl::Seconds(2)));
  ASSIGN_OR_RETURN(const nlohmann::json results,
                   ParseJson(text, "the database's answer"));
  const nlohmann::json rows = results.is_array() && !results.empty()
                                  ? ArrayField(results[0], "rows")
                                  : nlohmann::json::array();
  if (rows.empty()) {
    return absl::UnavailableError(
        absl::StrCat("the server does not have ", schema));
  }
  const auto connected =
      rows[0].is_object() ? rows[0].find("connected") : rows[0].end();
  std::string id = UuidField(rows[0], "cid");
  if (connected == rows[0].end() || *connected != true || id.empty()) {
    return absl::UnavailableError(absl::StrCat(
        "the server of ", schema, " is out of touch with its cluster"));
  }
  return id;
}

}  // namespace microovn::agent
