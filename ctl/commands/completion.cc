// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/completion.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/client/session.h"
#include "ctl/commands/config_keys.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/outcome/reasons.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

constexpr char kBash[] = R"(# bash completion for microovn
_microovn() {
  local line=${COMP_LINE:0:COMP_POINT} words last found
  read -ra words <<<"$line"
  [[ $line != *[[:space:]] ]] || words+=("")
  last=${words[-1]}
  mapfile -t found < <(microovn __complete "${words[@]:1}" 2>/dev/null)
  # bash takes what stands before a = for a word of its own.
  [[ $last != *=* ]] || found=("${found[@]#"${last%%=*}="}")
  COMPREPLY=("${found[@]}")
}
complete -o default -F _microovn microovn
)";

constexpr char kZsh[] = R"(#compdef microovn
_microovn() {
  local -a found
  found=("${(@f)$(microovn __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- $found
}
compdef _microovn microovn
)";

constexpr char kFish[] = R"(# fish completion for microovn
function __microovn_complete
  set -l words (commandline -opc) (commandline -ct)
  microovn __complete $words[2..-1] 2>/dev/null
end
complete -c microovn -f -a '(__microovn_complete)'
)";

bool IsSwitch(const FlagSpec& flag) {
  gflags::CommandLineFlagInfo info;
  return gflags::GetCommandLineFlagInfo(flag.registry.c_str(), &info) &&
         info.type == "bool";
}

const FlagSpec* FindFlag(const std::vector<const Command*>& owners,
                         const std::string& token) {
  for (const Command* owner : owners) {
    for (const FlagSpec& flag : owner->flags) {
      if (token == "--" + flag.name ||
          (flag.letter != 0 && token == std::string("-") + flag.letter)) {
        return &flag;
      }
    }
  }
  return nullptr;
}

std::vector<std::string> Values(const FlagSpec& flag, const LiveWords& live) {
  if (flag.registry == "node") return live(WordKind::kMember);
  return flag.choices.empty() ? flag.examples : flag.choices;
}

// The command that the words before the last lead to, how many words it has,
// and the flag that waits for its value.
struct Place {
  const Command* command = nullptr;
  size_t words = 0;
  const FlagSpec* pending = nullptr;
};

Place Locate(const Command& root, const std::vector<std::string>& words) {
  Place place{&root, 0, nullptr};
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (place.pending != nullptr) {
      place.pending = nullptr;
      continue;
    }
    if (place.command->passthrough) continue;
    if (absl::StartsWith(word, "-")) {
      const FlagSpec* flag = FindFlag({place.command, &root}, word);
      if (flag != nullptr && !IsSwitch(*flag)) place.pending = flag;
      continue;
    }
    const Command* next = nullptr;
    for (const Command& child : place.command->children) {
      if (child.name == word) next = &child;
    }
    if (next == nullptr) {
      ++place.words;
    } else {
      place.command = next;
    }
  }
  return place;
}

std::vector<std::string> Flags(const Place& place, const Command& root) {
  if (place.command->passthrough) return {};
  std::vector<std::string> names = {"--help"};
  for (const Command* owner : {place.command, &root}) {
    for (const FlagSpec& flag : owner->flags) {
      names.push_back("--" + flag.name);
    }
  }
  return names;
}

std::vector<std::string> Children(const Command& command) {
  std::vector<std::string> names;
  for (const Command& child : command.children) {
    if (!child.hidden) names.push_back(child.name);
  }
  return names;
}

// Of `root`, the command that the words of `help` lead to.
std::vector<std::string> HelpWords(const Command& root,
                                   const std::vector<std::string>& words) {
  const Command* place = &root;
  for (size_t i = 1; i + 1 < words.size(); ++i) {
    const Command* next = nullptr;
    for (const Command& child : place->children) {
      if (child.name == words[i]) next = &child;
    }
    if (next == nullptr) return {};
    place = next;
  }
  return Children(*place);
}

std::vector<std::string> Words(const Command& root, const Place& place,
                               const std::vector<std::string>& words,
                               const LiveWords& live) {
  const Command& command = *place.command;
  if (command.word_kind == WordKind::kCommand) return HelpWords(root, words);
  if (place.words > 0 || command.passthrough) return {};
  if (!command.children.empty()) return Children(command);
  if (!command.choices.empty()) return OfferedChoices(command);
  if (command.max_words == 0) return {};
  return live(command.word_kind);
}

// "--format=j": the flag's values, with the flag before each.
std::vector<std::string> AttachedValues(const Place& place, const Command& root,
                                        const std::string& typed,
                                        const LiveWords& live) {
  const size_t equals = typed.find('=');
  const std::string name = typed.substr(0, equals);
  const FlagSpec* flag = FindFlag({place.command, &root}, name);
  std::vector<std::string> values;
  if (flag == nullptr) return values;
  for (const std::string& value : Values(*flag, live)) {
    values.push_back(absl::StrCat(name, "=", value));
  }
  return values;
}

// Completion must not hang a prompt, nor print errors into it: an agent that
// does not answer within this has no words.
constexpr absl::Duration kSoon = absl::Seconds(3);

std::vector<std::string> Members(Api& agent) {
  std::vector<std::string> words;
  v1::ListMembersRequest request;
  request.set_read_consistency(v1::READ_CONSISTENCY_STALE_OK);
  const auto members = agent.Call(kListMembers, request, kSoon);
  if (!members.ok()) return words;
  for (const v1::Member& member : members->members()) {
    words.push_back(LastSegment(member.name()));
  }
  return words;
}

std::vector<std::string> Tokens(Api& agent) {
  std::vector<std::string> words;
  const auto tokens =
      agent.Call(kListJoinTokens, v1::ListJoinTokensRequest(), kSoon);
  if (!tokens.ok()) return words;
  for (const v1::JoinToken& token : tokens->join_tokens()) {
    words.push_back(token.member());
  }
  return words;
}

std::vector<std::string> Users(Api& agent) {
  std::vector<std::string> words;
  const auto users = agent.Call(kListUsers, v1::ListUsersRequest(), kSoon);
  if (!users.ok()) return words;
  for (const v1::User& user : users->users()) {
    words.push_back(LastSegment(user.name()));
  }
  return words;
}

std::vector<std::string> Operations(Api& agent, bool running) {
  std::vector<std::string> words;
  google::longrunning::ListOperationsRequest request;
  request.set_name("operations");
  const auto operations = agent.Call(kListOperations, request, kSoon);
  if (!operations.ok()) return words;
  for (const auto& operation : operations->operations()) {
    if (running && operation.done()) continue;
    words.push_back(operation.name());
  }
  return words;
}

std::vector<std::string> ConfigKeys() {
  std::vector<std::string> words;
  for (const ConfigKey& key : kConfigKeys) words.push_back(key.key);
  return words;
}

std::vector<std::string> AskAgent(Session& session, WordKind kind) {
  if (kind == WordKind::kOther || kind == WordKind::kCommand) return {};
  if (kind == WordKind::kReason) return AllReasons();
  if (kind == WordKind::kConfigKey) return ConfigKeys();
  const auto agent = session.Agent();
  if (!agent.ok()) return {};
  if (kind == WordKind::kMember) return Members(**agent);
  if (kind == WordKind::kToken) return Tokens(**agent);
  if (kind == WordKind::kUser) return Users(**agent);
  return Operations(**agent, kind == WordKind::kRunningOperation);
}

absl::StatusOr<int> PrintScript(Session& session,
                                const Invocation& invocation) {
  const std::string& shell = invocation.words[0];
  session.out() << (shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish);
  return kExitDone;
}

absl::StatusOr<int> PrintCompletions(Session& session, const Command& root,
                                     const Invocation& invocation) {
  const auto live = [&session](WordKind kind) {
    return AskAgent(session, kind);
  };
  for (const std::string& word : Complete(root, invocation.rest, live)) {
    session.out() << Printable(word) << "\n";
  }
  return kExitDone;
}

}  // namespace

std::vector<std::string> Complete(const Command& root,
                                  const std::vector<std::string>& words,
                                  const LiveWords& live) {
  const std::string typed = words.empty() ? "" : words.back();
  const Place place = Locate(root, words);
  std::vector<std::string> candidates;
  if (place.pending != nullptr) {
    candidates = Values(*place.pending, live);
  } else if (absl::StartsWith(typed, "--") && absl::StrContains(typed, '=')) {
    candidates = AttachedValues(place, root, typed, live);
  } else if (absl::StartsWith(typed, "-")) {
    candidates = Flags(place, root);
  } else {
    candidates = Words(root, place, words, live);
  }
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                  [&typed](const std::string& candidate) {
                                    return !absl::StartsWith(candidate, typed);
                                  }),
                   candidates.end());
  std::sort(candidates.begin(), candidates.end());
  return candidates;
}

Command CompletionCommand() {
  Command command;
  command.name = "completion";
  command.summary = "Print the completion script of a shell";
  command.arguments = "SHELL";
  command.min_words = command.max_words = 1;
  command.choices = {"bash", "zsh", "fish"};
  command.run = PrintScript;
  return command;
}

Command CompleteCommand(std::function<const Command&()> root) {
  Command command;
  command.name = "__complete";
  command.summary = "Print what may follow";
  command.passthrough = true;
  command.hidden = true;
  command.run = [root = std::move(root)](Session& session,
                                         const Invocation& invocation) {
    return PrintCompletions(session, root(), invocation);
  };
  return command;
}

}  // namespace microovn::ctl
