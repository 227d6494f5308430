// SPDX-License-Identifier: Apache-2.0
// microovn config: get, set, delete, list.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/display.h"
#include "base/text/text.h"
#include "ctl/cli/global_flags.h"
#include "ctl/cli/suggest.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/config_change.h"
#include "ctl/commands/config_keys.h"
#include "ctl/commands/format.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

DEFINE_bool(or_default, false, "Print the default when it is not set.");

namespace microovn::ctl {
namespace {

absl::StatusOr<int> Get(Session& session, const Invocation& invocation) {
  v1::GetConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ConfigName(invocation.words[0]));
  ASSIGN_OR_RETURN(const v1::GetConfigResponse response,
                   session.Call(kGetConfig, request));
  const std::string format = ChosenFormat(session, MachineFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, response));
  if (printed) return kExitDone;
  const v1::Config& config = response.config();
  if (config.set()) {
    session.out() << Printable(config.value()) << "\n";
  } else if (FLAGS_or_default) {
    session.out() << Printable(config.default_value()) << "\n";
  } else if (format == "rich") {
    // MicroOVN prints nothing, which scripts go by; a person wants to know.
    session.out() << (config.default_value().empty()
                          ? "not set"
                          : absl::StrCat(Printable(config.default_value()),
                                         " (the default)"))
                  << "\n";
  }
  return kExitDone;
}

absl::StatusOr<int> Set(Session& session, const Invocation& invocation) {
  const std::string& key = invocation.words[0];
  return SetOption(
      session, key, invocation.words[1],
      absl::StrCat("Successfully set config option '", key, "'\n"));
}

absl::StatusOr<int> Delete(Session& session, const Invocation& invocation) {
  const std::string& key = invocation.words[0];
  return ResetOption(
      session, key,
      absl::StrCat("Successfully deleted config option '", key, "'\n"));
}

v1::ListConfigsResponse BuiltInConfigs() {
  v1::ListConfigsResponse built_in;
  for (const ConfigKey& key : kConfigKeys) {
    v1::Config* config = built_in.add_configs();
    config->set_name(absl::StrCat("configs/", key.key));
    config->set_key(key.key);
    config->set_description(key.description);
    config->set_default_value(key.default_value);
    config->set_allowed_values(key.allowed);
  }
  return built_in;
}

// Which options there are is known without an agent, and to everybody; their
// values are not.
absl::StatusOr<v1::ListConfigsResponse> Configs(Session& session) {
  v1::ListConfigsRequest request;
  auto answer = session.Call(kListConfigs, request);
  const bool not_asked =
      ReasonOf(answer.status()) == kReasonDaemonUnreachable ||
      absl::IsPermissionDenied(answer.status());
  if (!not_asked) return answer;
  if (session.terminal().err_is_terminal) {
    session.err() << FoldLines(
        absl::StrCat("Warning: ", answer.status().message(),
                     "; values are not known\n"),
        2, session.terminal().columns);
  }
  return BuiltInConfigs();
}

absl::StatusOr<int> List(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const v1::ListConfigsResponse response, Configs(session));
  const std::string format = ChosenFormat(session, MachineFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, response));
  if (printed) return kExitDone;
  if (format == "rich") {
    const auto cell = [](const std::string& text) {
      return text.empty() ? "-" : Printable(text);
    };
    Table table{{"KEY", "VALUE", "DEFAULT", "ALLOWED", "MEANING"}, {}};
    for (const v1::Config& config : response.configs()) {
      table.rows.push_back(
          {Printable(config.key()), cell(config.set() ? config.value() : ""),
           cell(config.default_value()), cell(config.allowed_values()),
           Printable(config.description())});
    }
    PrintTable(session, table);
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
  get.flags = Join({{"default", "or_default", 0, "", {}}},
                   FormatFlags(MachineFormats()));
  get.run = Get;
  Command set = Leaf("set", "Set an option", "KEY VALUE", 2);
  set.flags = {DryRunFlag()};
  set.run = Set;
  Command remove = Leaf("delete", "Return an option to its default", "KEY", 1);
  remove.flags = {DryRunFlag()};
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
