#include "ctl/commands/completion.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ctl/client/session.h"
#include "ctl/commands/config_keys.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

constexpr char kBash[] = R"(# bash completion for microovn
_microovn() {
  local IFS=$'\n'
  mapfile -t COMPREPLY < <(microovn __complete \
    "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
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
  std::vector<std::string> names = {"--help"};
  for (const Command* owner : {place.command, &root}) {
    for (const FlagSpec& flag : owner->flags) {
      names.push_back("--" + flag.name);
    }
  }
  return names;
}

std::vector<std::string> Words(const Place& place, const LiveWords& live) {
  std::vector<std::string> names;
  for (const Command& child : place.command->children) {
    if (!child.hidden) names.push_back(child.name);
  }
  if (!names.empty() || place.words > 0) return names;
  if (!place.command->choices.empty()) return place.command->choices;
  return live(place.command->word_kind);
}

// Completion must not hang a prompt, nor print errors into it.
std::vector<std::string> AskAgent(Session& session, WordKind kind) {
  constexpr absl::Duration kSoon = absl::Seconds(1);
  std::vector<std::string> words;
  if (kind == WordKind::kConfigKey) {
    for (const ConfigKey& key : kConfigKeys) words.push_back(key.key);
  }
  if (kind == WordKind::kOther || kind == WordKind::kConfigKey) return words;
  const auto agent = session.Agent();
  if (!agent.ok()) return words;
  if (kind == WordKind::kMember) {
    v1::ListMembersRequest request;
    request.set_read_consistency(v1::READ_CONSISTENCY_STALE_OK);
    const auto members = (*agent)->Call(kListMembers, request, kSoon);
    if (!members.ok()) return words;
    for (const v1::Member& member : members->members()) {
      words.push_back(LastSegment(member.name()));
    }
  } else if (kind == WordKind::kToken) {
    const auto tokens =
        (*agent)->Call(kListJoinTokens, v1::ListJoinTokensRequest(), kSoon);
    if (!tokens.ok()) return words;
    for (const v1::JoinToken& token : tokens->join_tokens()) {
      words.push_back(token.member());
    }
  } else {
    google::longrunning::ListOperationsRequest request;
    request.set_name("operations");
    const auto operations = (*agent)->Call(kListOperations, request, kSoon);
    if (!operations.ok()) return words;
    for (const auto& operation : operations->operations()) {
      words.push_back(operation.name());
    }
  }
  return words;
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
    candidates = place.pending->registry == "node" ? live(WordKind::kMember)
                                                   : place.pending->choices;
  } else if (absl::StartsWith(typed, "-")) {
    candidates = Flags(place, root);
  } else {
    candidates = Words(place, live);
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
