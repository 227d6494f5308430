// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/chassis.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/ovn/json_fields.h"
#include "agent/ovn/ovsdb_rows.h"
#include "agent/ovn/probe_interval.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kReadTimeout = absl::Seconds(3);

std::vector<std::string> Lines(absl::string_view text) {
  return absl::StrSplit(text, '\n', absl::SkipWhitespace());
}

Command SbctlCommand(const std::string& sb_socket,
                     std::vector<std::string> words) {
  Command command;
  command.argv = {"ovn-sbctl", absl::StrCat("--db=unix:", sb_socket),
                  "--no-leader-only", "--timeout=5"};
  for (std::string& word : words) command.argv.push_back(std::move(word));
  command.timeout = absl::Seconds(6);
  return command;
}

}  // namespace

ExternalIds WantedExternalIds(const ChassisFacts& facts,
                              const ExternalIds& observed) {
  ExternalIds wanted;
  wanted["system-id"] = facts.member_name;
  wanted["hostname"] = facts.hostname;
  wanted["ovn-remote"] = facts.remote;
  wanted["ovn-encap-type"] = facts.chassis ? facts.encapsulation : "";
  wanted["ovn-encap-ip"] = facts.chassis ? facts.encap_ip : "";
  // Else packets leave with the first address of the way that they take, and
  // the other end, which has a tunnel to this one, does not know them.
  wanted["ovn-set-local-ip"] = facts.chassis ? "true" : "";
  wanted["ovn-bridge-datapath-type"] = facts.chassis ? facts.datapath : "";
  AddProbeInterval(facts.chassis ? facts.probe_interval : "", observed,
                   &wanted);
  return wanted;
}

std::vector<std::string> PlanExternalIds(const ExternalIds& wanted,
                                         const ExternalIds& observed) {
  std::vector<std::string> set;
  std::vector<std::string> remove;
  for (const auto& [key, value] : wanted) {
    const auto found = observed.find(key);
    if (value.empty()) {
      if (found != observed.end()) remove.push_back(key);
    } else if (found == observed.end() || found->second != value) {
      set.push_back(absl::StrCat("external_ids:", key, "=", InQuotes(value)));
    }
  }
  std::vector<std::string> words;
  if (!set.empty()) {
    words = {"set", "Open_vSwitch", "."};
    words.insert(words.end(), set.begin(), set.end());
  }
  if (!remove.empty()) {
    if (!words.empty()) words.push_back("--");
    for (const char* word : {"remove", "Open_vSwitch", ".", "external_ids"}) {
      words.push_back(word);
    }
    words.insert(words.end(), remove.begin(), remove.end());
  }
  return words;
}

absl::StatusOr<ExternalIds> ParseExternalIds(absl::string_view json) {
  ASSIGN_OR_RETURN(const nlohmann::json results,
                   ParseJson(json, "the switch's answer"));
  ASSIGN_OR_RETURN(const nlohmann::json rows, RowsOf(results, 0));
  if (rows.empty()) return ExternalIds();
  return MapColumn(rows.front(), "external_ids");
}

absl::StatusOr<std::vector<std::string>> ParseBridges(absl::string_view json) {
  ASSIGN_OR_RETURN(const nlohmann::json results,
                   ParseJson(json, "the switch's answer"));
  ASSIGN_OR_RETURN(const nlohmann::json rows, RowsOf(results, 0));
  std::vector<std::string> names;
  for (const nlohmann::json& row : rows) {
    names.push_back(StringField(row, "name"));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::vector<std::string>> ParsePorts(absl::string_view bridge,
                                                    absl::string_view json) {
  ASSIGN_OR_RETURN(const nlohmann::json results,
                   ParseJson(json, "the switch's answer"));
  ASSIGN_OR_RETURN(const nlohmann::json bridges, RowsOf(results, 0));
  ASSIGN_OR_RETURN(const nlohmann::json ports, RowsOf(results, 1));
  if (bridges.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no bridge ", bridge));
  }
  const nlohmann::json own = SetColumn(bridges.front(), "ports");
  std::vector<std::string> names;
  for (const nlohmann::json& port : ports) {
    const auto uuid = port.is_object() ? port.find("_uuid") : port.end();
    if (uuid == port.end()) continue;
    const std::string name = StringField(port, "name");
    const bool belongs = std::find(own.begin(), own.end(), *uuid) != own.end();
    if (belongs && name != bridge) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

SwitchDatabase::SwitchDatabase(std::string socket, CommandRunner* runner,
                               OvsSockets sockets)
    : socket_(std::move(socket)),
      runner_(runner),
      sockets_(std::move(sockets)) {}

absl::StatusOr<std::string> SwitchDatabase::Select(
    const std::string& operations) const {
  absl::StatusOr<std::string> results = sockets_.transact(
      socket_, absl::StrCat(R"(["Open_vSwitch",)", operations, "]"),
      kReadTimeout);
  if (absl::IsAborted(results.status())) {
    return absl::UnavailableError("the switch's database hung up");
  }
  return results;
}

absl::StatusOr<std::string> SwitchDatabase::RunVsctl(
    bool wait, const std::vector<std::string>& words) const {
  Command command;
  command.argv = {"ovs-vsctl", absl::StrCat("--db=unix:", socket_),
                  "--timeout=5"};
  if (!wait) command.argv.push_back("--no-wait");
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.timeout = absl::Seconds(6);
  return RunForOutput(*runner_, command);
}

absl::StatusOr<std::string> SwitchDatabase::Run(
    const std::vector<std::string>& words) const {
  return RunVsctl(/*wait=*/false, words);
}

absl::StatusOr<std::string> SwitchDatabase::RunAndWait(
    const std::vector<std::string>& words) const {
  return RunVsctl(/*wait=*/true, words);
}

absl::StatusOr<ExternalIds> SwitchDatabase::ReadExternalIds() const {
  ASSIGN_OR_RETURN(const std::string json,
                   Select(R"({"op":"select","table":"Open_vSwitch","where":[],)"
                          R"("columns":["external_ids"]})"));
  return ParseExternalIds(json);
}

absl::StatusOr<std::vector<std::string>> SwitchDatabase::Bridges() const {
  ASSIGN_OR_RETURN(const std::string json,
                   Select(R"({"op":"select","table":"Bridge","where":[],)"
                          R"("columns":["name"]})"));
  return ParseBridges(json);
}

absl::StatusOr<std::vector<std::string>> SwitchDatabase::Ports(
    const std::string& bridge) const {
  ASSIGN_OR_RETURN(
      const std::string json,
      Select(absl::StrCat(
          R"({"op":"select","table":"Bridge","where":[["name","==",)",
          InQuotes(bridge), R"(]],"columns":["ports"]},)",
          R"({"op":"select","table":"Port","where":[],)",
          R"("columns":["_uuid","name"]})")));
  return ParsePorts(bridge, json);
}

absl::StatusOr<bool> NorthdHasWritten(CommandRunner& runner,
                                      const std::string& remote,
                                      const TlsFiles& tls) {
  constexpr char kSelectOptions[] =
      R"(["OVN_Southbound",{"op":"select","table":"SB_Global",)"
      R"("where":[],"columns":["options"]}])";
  ASSIGN_OR_RETURN(
      const std::string rows,
      QueryRemote(runner, remote, tls, kSelectOptions, absl::Seconds(3)));
  return absl::StrContains(rows, "\"northd_internal_version\"");
}

absl::StatusOr<std::set<std::string>> ChassisNames(
    CommandRunner& runner, const std::string& sb_socket) {
  ASSIGN_OR_RETURN(
      const std::string text,
      RunForOutput(runner,
                   SbctlCommand(sb_socket, {"--bare", "--columns=name", "list",
                                            "Chassis", "--", "--columns=name",
                                            "list", "Chassis_Private"})));
  const std::vector<std::string> lines = Lines(text);
  return std::set<std::string>(lines.begin(), lines.end());
}

absl::Status DeleteChassis(CommandRunner& runner, const std::string& sb_socket,
                           const std::vector<std::string>& names) {
  constexpr size_t kAtOnce = 100;
  for (size_t begin = 0; begin < names.size(); begin += kAtOnce) {
    std::vector<std::string> words;
    const size_t end = std::min(begin + kAtOnce, names.size());
    for (size_t i = begin; i < end; ++i) {
      for (const std::string& word :
           {std::string("--"), std::string("--if-exists"),
            std::string("chassis-del"), names[i], std::string("--"),
            std::string("--if-exists"), std::string("destroy"),
            std::string("Chassis_Private"), names[i]}) {
        words.push_back(word);
      }
    }
    RETURN_IF_ERROR(
        RunForOutput(runner, SbctlCommand(sb_socket, std::move(words)))
            .status());
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
