// SPDX-License-Identifier: Apache-2.0
#include "ctl/cli/arg_splitter.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/cli/suggest.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

bool IsSwitch(const FlagSpec& spec) {
  gflags::CommandLineFlagInfo info;
  return gflags::GetCommandLineFlagInfo(spec.registry.c_str(), &info) &&
         info.type == "bool";
}

// "-" and negative numbers are words.
bool LooksLikeFlag(absl::string_view token) {
  return token.size() > 1 && token[0] == '-' && !absl::ascii_isdigit(token[1]);
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", text, "\"");
}

std::string DidYouMean(const std::string& nearest) {
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

// What a flag of gflags' type takes.
std::string TypeWords(absl::string_view type) {
  if (type == "bool") return "true or false";
  if (type == "double") return "a number";
  if (type == "uint32" || type == "uint64") {
    return "a whole number that is not negative";
  }
  return "a whole number";
}

void CollectFlags(const Command& command, std::vector<const FlagSpec*>* out) {
  for (const FlagSpec& flag : command.flags) out->push_back(&flag);
  for (const Command& child : command.children) CollectFlags(child, out);
}

class Splitter {
 public:
  Splitter(const Command& root, const std::vector<std::string>& arguments)
      : root_(root), arguments_(arguments), command_(&root) {
    result_.path = root.name;
  }

  absl::StatusOr<Invocation> Split() {
    while (next_ < arguments_.size() && !ended_) {
      RETURN_IF_ERROR(Take(arguments_[next_++]));
    }
    for (; next_ < arguments_.size(); ++next_) {
      auto& to = command_->passthrough ? result_.rest : result_.words;
      to.push_back(arguments_[next_]);
    }
    result_.command = command_;
    if (result_.help || result_.version) return result_;
    RETURN_IF_ERROR(CheckFlagsBelong());
    RETURN_IF_ERROR(CheckWords());
    return result_;
  }

 private:
  absl::Status Take(const std::string& token) {
    if (token == "--") {
      ended_ = true;
      return absl::OkStatus();
    }
    if (absl::StartsWith(token, "--")) return TakeLong(token.substr(2));
    if (LooksLikeFlag(token)) return TakeLetters(token.substr(1));
    if (command_->children.empty()) {
      result_.words.push_back(token);
      return absl::OkStatus();
    }
    return Descend(token);
  }

  absl::Status Descend(const std::string& word) {
    std::vector<std::string> names;
    for (const Command& child : command_->children) {
      if (child.name == word) {
        command_ = &child;
        absl::StrAppend(&result_.path, " ", word);
        EnterPassthrough();
        return absl::OkStatus();
      }
      if (!child.hidden) names.push_back(child.name);
    }
    const std::string nearest = Nearest(word, names);
    return UsageError(absl::StrCat(
        "unknown command ", Quoted(word), " for ", Quoted(result_.path),
        DidYouMean(nearest.empty() ? "" : Quoted(nearest))));
  }

  // From here on the arguments are another program's.
  void EnterPassthrough() {
    if (!command_->passthrough) return;
    ended_ = true;
    if (next_ < arguments_.size() && arguments_[next_] == "--") ++next_;
  }

  absl::Status TakeLong(const std::string& body) {
    const size_t equals = body.find('=');
    std::string name = body.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = body.substr(equals + 1);
    if (name == "help" || name == "version") return TakeQuestion(name);
    const FlagSpec* spec =
        Find([&name](const FlagSpec& flag) { return flag.name == name; });
    if (spec != nullptr) return TakeValue(*spec, "--" + name, value);
    if (absl::StartsWith(name, "no-") && !value.has_value()) {
      const std::string positive = name.substr(3);
      spec = Find([&positive](const FlagSpec& flag) {
        return flag.name == positive && IsSwitch(flag);
      });
      if (spec != nullptr) {
        return TakeValue(*spec, "--" + name, "false");
      }
    }
    return ambiguous_ ? Ambiguous("--" + name) : UnknownFlag(name);
  }

  static absl::Status Ambiguous(const std::string& spelling) {
    return UsageError(absl::StrCat(spelling,
                                   " means different things to different "
                                   "commands: put it after the command"));
  }

  absl::Status TakeQuestion(const std::string& name) {
    (name == "help" ? result_.help : result_.version) = true;
    return absl::OkStatus();
  }

  // "-f json", "-fjson", "-f=json", "-dv".
  absl::Status TakeLetters(const std::string& letters) {
    for (size_t i = 0; i < letters.size(); ++i) {
      const char letter = letters[i];
      if (letter == 'h') {
        result_.help = true;
        continue;
      }
      const FlagSpec* spec = Find(
          [letter](const FlagSpec& flag) { return flag.letter == letter; });
      if (spec == nullptr && ambiguous_) {
        return Ambiguous(absl::StrCat("-", std::string(1, letter)));
      }
      if (spec == nullptr) {
        return UsageError(absl::StrCat("unknown flag -", std::string(1, letter),
                                       " for ", Quoted(result_.path)));
      }
      const std::string spelling = absl::StrCat("-", std::string(1, letter));
      if (IsSwitch(*spec)) {
        RETURN_IF_ERROR(TakeValue(*spec, spelling, std::nullopt));
        continue;
      }
      std::optional<std::string> value;
      if (i + 1 < letters.size()) {
        value = letters.substr(letters[i + 1] == '=' ? i + 2 : i + 1);
      }
      return TakeValue(*spec, spelling, value);
    }
    return absl::OkStatus();
  }

  absl::Status TakeValue(const FlagSpec& spec, const std::string& spelling,
                         std::optional<std::string> value) {
    if (!value.has_value() && IsSwitch(spec)) value = "true";
    if (!value.has_value()) {
      if (next_ == arguments_.size() || LooksLikeFlag(arguments_[next_])) {
        return UsageError(absl::StrCat(spelling, " needs a value"));
      }
      value = arguments_[next_++];
    }
    if (!spec.choices.empty() &&
        std::find(spec.choices.begin(), spec.choices.end(), *value) ==
            spec.choices.end()) {
      return UsageError(absl::StrCat("invalid argument ", Quoted(*value),
                                     " for ", spelling, ": use one of ",
                                     absl::StrJoin(spec.choices, ", ")));
    }
    taken_.push_back({&spec, spelling});
    result_.flags.push_back({spec.registry, *value, spelling});
    return absl::OkStatus();
  }

  // Of the command so far, then of everything, then of what may still follow:
  // a flag may stand before the word that it belongs to, unless commands
  // disagree on what it is.
  template <typename Predicate>
  const FlagSpec* Find(const Predicate& matches) {
    for (const Command* owner : {command_, &root_}) {
      for (const FlagSpec& flag : owner->flags) {
        if (matches(flag)) return &flag;
      }
    }
    std::vector<const FlagSpec*> below;
    CollectFlags(*command_, &below);
    const FlagSpec* found = nullptr;
    for (const FlagSpec* flag : below) {
      if (!matches(*flag)) continue;
      if (found != nullptr && found->registry != flag->registry) {
        ambiguous_ = true;
        return nullptr;
      }
      found = flag;
    }
    return found;
  }

  absl::Status UnknownFlag(const std::string& name) const {
    std::vector<std::string> names = {"help"};
    for (const Command* owner : {command_, &root_}) {
      for (const FlagSpec& flag : owner->flags) names.push_back(flag.name);
    }
    const std::string nearest = Nearest(name, names);
    return UsageError(
        absl::StrCat("unknown flag --", name, " for ", Quoted(result_.path),
                     DidYouMean(nearest.empty() ? "" : "--" + nearest)));
  }

  absl::Status CheckFlagsBelong() const {
    for (const auto& [spec, spelling] : taken_) {
      bool belongs = false;
      for (const Command* owner : {command_, &root_}) {
        for (const FlagSpec& flag : owner->flags) {
          belongs = belongs || flag.registry == spec->registry;
        }
      }
      if (belongs) continue;
      if (absl::StartsWith(spelling, "--")) return UnknownFlag(spec->name);
      return UsageError(absl::StrCat("unknown flag ", spelling, " for ",
                                     Quoted(result_.path)));
    }
    return absl::OkStatus();
  }

  absl::Status CheckWords() {
    if (!command_->children.empty()) {
      result_.help = true;
      return absl::OkStatus();
    }
    const size_t count = result_.words.size();
    const std::string usage = absl::StrCat(
        "; usage: ", result_.path, command_->arguments.empty() ? "" : " ",
        command_->arguments);
    if (count < command_->min_words) {
      return UsageError(
          absl::StrCat(Quoted(result_.path), " has too few arguments", usage));
    }
    if (count > command_->max_words) {
      return UsageError(absl::StrCat("unexpected argument ",
                                     Quoted(result_.words[command_->max_words]),
                                     " for ", Quoted(result_.path), usage));
    }
    if (count == 0 || command_->choices.empty()) return absl::OkStatus();
    if (std::find(command_->choices.begin(), command_->choices.end(),
                  result_.words[0]) == command_->choices.end()) {
      // Scripts compare this line: nothing may be added to it. What would
      // help a person is in the details.
      return MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("invalid argument ", Quoted(result_.words[0]), " for ",
                       Quoted(result_.path)),
          {"USAGE", "", {{kHintMetadata, ChoicesHint()}}});
    }
    return absl::OkStatus();
  }

  std::string ChoicesHint() const {
    const std::vector<std::string> offered = OfferedChoices(*command_);
    return absl::StrCat("use one of ", absl::StrJoin(offered, ", "),
                        DidYouMean(Nearest(result_.words[0], offered)));
  }

  const Command& root_;
  const std::vector<std::string>& arguments_;
  const Command* command_;
  size_t next_ = 0;
  bool ended_ = false;
  // Find met a flag that commands disagree on.
  bool ambiguous_ = false;
  Invocation result_;
  std::vector<std::pair<const FlagSpec*, std::string>> taken_;
};

}  // namespace

std::vector<std::string> OfferedChoices(const Command& command) {
  std::vector<std::string> offered;
  for (const std::string& choice : command.choices) {
    if (std::find(command.refused.begin(), command.refused.end(), choice) ==
        command.refused.end()) {
      offered.push_back(choice);
    }
  }
  return offered;
}

absl::Status UsageError(const std::string& message) {
  return MakeError(absl::StatusCode::kInvalidArgument, message,
                   {"USAGE", "", {}});
}

absl::StatusOr<Invocation> SplitArguments(
    const Command& root, const std::vector<std::string>& arguments) {
  return Splitter(root, arguments).Split();
}

absl::Status ApplyFlags(const Invocation& invocation) {
  for (const GivenFlag& flag : invocation.flags) {
    gflags::CommandLineFlagInfo info;
    if (!gflags::GetCommandLineFlagInfo(flag.registry.c_str(), &info)) {
      return absl::InternalError(absl::StrCat("no flag ", flag.registry));
    }
    if (gflags::SetCommandLineOption(flag.registry.c_str(), flag.value.c_str())
            .empty()) {
      return UsageError(absl::StrCat("invalid argument ", Quoted(flag.value),
                                     " for ", flag.spelling, " of ",
                                     Quoted(invocation.path), ": it takes ",
                                     TypeWords(info.type)));
    }
  }
  return absl::OkStatus();
}

}  // namespace microovn::ctl
