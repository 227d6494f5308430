#include "agent/ovn/chassis.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "agent/ovn/json_fields.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

// As an OVSDB string: values hold commas and colons.
std::string Quoted(absl::string_view value) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

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

// {"data":[[["map",[["key","value"],...]]]],"headings":[...]}
absl::StatusOr<nlohmann::json> PairsOf(const nlohmann::json& document) {
  const nlohmann::json rows = ArrayField(document, "data");
  if (rows.empty()) return nlohmann::json::array();
  const nlohmann::json& row = rows.front();
  if (!row.is_array() || row.empty() || !row[0].is_array() ||
      row[0].size() != 2 || row[0][0] != "map" || !row[0][1].is_array()) {
    return absl::InvalidArgumentError("external_ids is not a map");
  }
  return row[0][1];
}

}  // namespace

ExternalIds WantedExternalIds(const ChassisFacts& facts) {
  ExternalIds wanted;
  wanted["system-id"] = facts.member_name;
  wanted["hostname"] = facts.hostname;
  wanted["ovn-remote"] = facts.remote;
  wanted["ovn-encap-type"] = facts.chassis ? "geneve" : "";
  wanted["ovn-encap-ip"] = facts.chassis ? facts.encap_ip : "";
  wanted["ovn-bridge-datapath-type"] = facts.chassis ? facts.datapath : "";
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
      set.push_back(absl::StrCat("external_ids:", key, "=", Quoted(value)));
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
  ASSIGN_OR_RETURN(const nlohmann::json document,
                   ParseJson(json, "the output of ovs-vsctl"));
  ASSIGN_OR_RETURN(const nlohmann::json pairs, PairsOf(document));
  ExternalIds ids;
  for (const nlohmann::json& pair : pairs) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() ||
        !pair[1].is_string()) {
      return absl::InvalidArgumentError("external_ids holds no strings");
    }
    ids[pair[0].get<std::string>()] = pair[1].get<std::string>();
  }
  return ids;
}

SwitchDatabase::SwitchDatabase(std::string socket, CommandRunner* runner)
    : socket_(std::move(socket)), runner_(runner) {}

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
  ASSIGN_OR_RETURN(
      const std::string json,
      Run({"--format=json", "--columns=external_ids", "list", "Open_vSwitch"}));
  return ParseExternalIds(json);
}

absl::StatusOr<std::vector<std::string>> SwitchDatabase::Bridges() const {
  ASSIGN_OR_RETURN(const std::string text, Run({"list-br"}));
  return Lines(text);
}

absl::StatusOr<std::vector<std::string>> SwitchDatabase::Ports(
    const std::string& bridge) const {
  ASSIGN_OR_RETURN(const std::string text, Run({"list-ports", bridge}));
  return Lines(text);
}

absl::StatusOr<bool> NorthdHasWritten(CommandRunner& runner,
                                      const std::string& remote,
                                      const TlsFiles& tls) {
  constexpr char kSelectOptions[] =
      R"(["OVN_Southbound",{"op":"select","table":"SB_Global",)"
      R"("where":[],"columns":["options"]}])";
  Command command;
  command.argv = {"ovsdb-client",
                  "--timeout=3",
                  "--no-leader-only",
                  absl::StrCat("--private-key=", tls.private_key),
                  absl::StrCat("--certificate=", tls.certificate),
                  absl::StrCat("--ca-cert=", tls.ca_certificate),
                  "query",
                  remote,
                  kSelectOptions};
  command.timeout = absl::Seconds(4);
  ASSIGN_OR_RETURN(const std::string rows, RunForOutput(runner, command));
  return absl::StrContains(rows, "\"northd_internal_version\"");
}

absl::Status DeleteChassis(CommandRunner& runner, const std::string& sb_socket,
                           const std::string& name) {
  return RunForOutput(
             runner,
             SbctlCommand(sb_socket,
                          {"--", "--if-exists", "chassis-del", name, "--",
                           "--if-exists", "destroy", "Chassis_Private", name}))
      .status();
}

absl::StatusOr<std::vector<std::string>> ListChassis(
    CommandRunner& runner, const std::string& sb_socket) {
  ASSIGN_OR_RETURN(
      const std::string text,
      RunForOutput(runner, SbctlCommand(sb_socket, {"--bare", "--columns=name",
                                                    "list", "Chassis"})));
  return Lines(text);
}

}  // namespace microovn::agent
