// microovn config: get, set, delete, list.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "base/text.h"
#include "ctl/cli/global_flags.h"
#include "ctl/cli/suggest.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/config_keys.h"
#include "ctl/commands/format.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

// A resource name is a path: what cannot be a key must not become one.
absl::StatusOr<std::string> ConfigName(const std::string& key) {
  constexpr size_t kLongestKey = 128;
  const bool plain =
      !key.empty() && key.size() <= kLongestKey &&
      key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") ==
          std::string::npos;
  if (plain) return absl::StrCat("configs/", key);
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("\"", Shown(key, kLongestKey), "\" is not a config key"),
      {"CONFIG_KEY_UNKNOWN", "see: microovn config list", {}});
}

absl::StatusOr<int> Get(Session& session, const Invocation& invocation) {
  v1::GetConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ConfigName(invocation.words[0]));
  ASSIGN_OR_RETURN(const v1::GetConfigResponse response,
                   session.Call(kGetConfig, request));
  const std::string format = ChosenFormat(session, MachineFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, response));
  if (!printed && response.config().set()) {
    session.out() << Printable(response.config().value()) << "\n";
  }
  return kExitDone;
}

absl::StatusOr<int> Set(Session& session, const Invocation& invocation) {
  const std::string& key = invocation.words[0];
  v1::UpdateConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_config()->mutable_name(), ConfigName(key));
  request.mutable_config()->set_key(key);
  request.mutable_config()->set_value(invocation.words[1]);
  request.set_validate_only(FLAGS_dry_run);
  RETURN_IF_ERROR(session.Change(kUpdateConfig, request).status());
  if (!FLAGS_dry_run) {
    session.out() << "Successfully set config option '" << key << "'\n";
  }
  return kExitDone;
}

absl::StatusOr<int> Delete(Session& session, const Invocation& invocation) {
  const std::string& key = invocation.words[0];
  v1::DeleteConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ConfigName(key));
  RETURN_IF_ERROR(session.Change(kDeleteConfig, request).status());
  session.out() << "Successfully deleted config option '" << key << "'\n";
  return kExitDone;
}

// Without an agent, what this build knows.
absl::StatusOr<v1::ListConfigsResponse> Configs(Session& session) {
  v1::ListConfigsRequest request;
  auto answer = session.Call(kListConfigs, request);
  if (answer.ok() || ReasonOf(answer.status()) != kReasonDaemonUnreachable) {
    return answer;
  }
  v1::ListConfigsResponse built_in;
  for (const ConfigKey& key : kConfigKeys) {
    v1::Config* config = built_in.add_configs();
    config->set_name(absl::StrCat("configs/", key.key));
    config->set_key(key.key);
    config->set_description(key.description);
  }
  return built_in;
}

absl::StatusOr<int> List(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const v1::ListConfigsResponse response, Configs(session));
  const std::string format = ChosenFormat(session, MachineFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, response));
  if (printed) return kExitDone;
  if (format == "rich") {
    Table table{{"KEY", "VALUE", "DESCRIPTION"}, {}};
    for (const v1::Config& config : response.configs()) {
      const std::string& value =
          config.set() ? config.value() : config.default_value();
      table.rows.push_back({Printable(config.key()),
                            value.empty() ? "-" : Printable(value),
                            Printable(config.description())});
    }
    session.out() << ColumnTable(table);
    return kExitDone;
  }
  session.out() << "Available options:\n";
  for (const v1::Config& config : response.configs()) {
    session.out() << Printable(config.key()) << "\n";
  }
  return kExitDone;
}

Command Leaf(const std::string& name, const std::string& summary,
             const std::string& arguments, size_t words) {
  Command command;
  command.name = name;
  command.summary = summary;
  command.arguments = arguments;
  command.min_words = command.max_words = words;
  if (words > 0) command.word_kind = WordKind::kConfigKey;
  return command;
}

}  // namespace

Command ConfigCommand() {
  Command get = Leaf("get", "Print the value of an option", "KEY", 1);
  get.flags = FormatFlags(MachineFormats());
  get.run = Get;
  Command set = Leaf("set", "Set an option", "KEY VALUE", 2);
  set.flags = {{"dry-run", "dry_run", 0, "", {}}};
  set.run = Set;
  Command remove = Leaf("delete", "Return an option to its default", "KEY", 1);
  remove.run = Delete;
  Command list = Leaf("list", "List all options", "", 0);
  list.flags = FormatFlags(MachineFormats());
  list.run = List;
  Command command;
  command.name = "config";
  command.summary = "Manage cluster-wide options";
  command.children = {get, set, remove, list};
  return command;
}

}  // namespace microovn::ctl
