// SPDX-License-Identifier: Apache-2.0
#include "raft/core/testing/interaction_env.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "raft/core/testing/core_harness.h"
#include "raft/core/testing/step_words.h"
#include "raft/core/testing/value_words.h"

namespace microovn::raft {

const std::map<std::string, InteractionEnv::Verb>& InteractionEnv::Verbs() {
  static const auto* verbs = new std::map<std::string, Verb>{
      {"options", &InteractionEnv::Options},
      {"add-nodes", &InteractionEnv::AddNodes},
      {"add-node", &InteractionEnv::AddNode},
      {"bootstrap", &InteractionEnv::Bootstrap},
      {"status", &InteractionEnv::Status},
      {"log", &InteractionEnv::Log},
      {"disk", &InteractionEnv::Disk},
      {"replay", &InteractionEnv::Replay},
      {"campaign", &InteractionEnv::Campaign},
      {"tick", &InteractionEnv::TickVerb},
      {"advance", &InteractionEnv::Advance},
      {"pause", &InteractionEnv::Pause},
      {"propose", &InteractionEnv::ProposeVerb},
      {"propose-conf", &InteractionEnv::ProposeConf},
      {"read-index", &InteractionEnv::ReadIndex},
      {"transfer", &InteractionEnv::TransferVerb},
      {"connection-up", &InteractionEnv::ConnectionUp},
      {"connection-down", &InteractionEnv::ConnectionDown},
      {"deliver", &InteractionEnv::DeliverVerb},
      {"drop", &InteractionEnv::Drop},
      {"messages", &InteractionEnv::Messages},
      {"cut", &InteractionEnv::Cut},
      {"isolate", &InteractionEnv::Isolate},
      {"partition", &InteractionEnv::Partition},
      {"heal", &InteractionEnv::Heal},
      {"forge", &InteractionEnv::Forge},
      {"stable", &InteractionEnv::Stable},
      {"apply", &InteractionEnv::ApplyVerb},
      {"checkpoint", &InteractionEnv::Checkpoint},
      {"read-snapshot", &InteractionEnv::ReadSnapshot},
      {"store-chunk", &InteractionEnv::StoreChunk},
      {"install", &InteractionEnv::Install},
      {"crash", &InteractionEnv::Crash},
      {"restart", &InteractionEnv::Restart},
      {"stabilize", &InteractionEnv::Stabilize},
  };
  return *verbs;
}

std::string InteractionEnv::Run(const ScriptBlock& block) {
  trace_.clear();
  const bool quiet = block.command == "quietly";
  if (quiet) {
    for (const std::string& line : block.input) {
      std::vector<std::string> words =
          absl::StrSplit(line, ' ', absl::SkipWhitespace());
      const std::string command = words.front();
      words.erase(words.begin());
      RunCommand(command, words);
    }
    trace_.clear();
  } else {
    if (!block.input.empty()) Complain("only 'quietly' takes input lines");
    RunCommand(block.command, block.arguments);
  }
  return trace_.empty() ? "ok\n" : trace_;
}

void InteractionEnv::RunCommand(const std::string& command,
                                const std::vector<std::string>& words) {
  const auto verb = Verbs().find(command);
  if (verb == Verbs().end()) {
    Complain(absl::StrCat("no verb ", command));
    return;
  }
  ScriptArguments arguments(words);
  (this->*verb->second)(arguments);
  const std::string errors = arguments.Errors();
  if (!errors.empty()) Complain(absl::StrCat(command, ": ", errors));
}

void InteractionEnv::Say(absl::string_view line) {
  absl::StrAppend(&trace_, line, "\n");
}

void InteractionEnv::Complain(const std::string& what) {
  Say(absl::StrCat("COMPLAINT ", what));
  absl::StrAppend(&complaints_, what, "\n");
}

InteractionEnv::Member* InteractionEnv::FindMember(uint64_t n,
                                                   ScriptArguments& arguments) {
  const auto at = members_.find(n);
  if (at == members_.end()) {
    arguments.Complain(absl::StrCat("no member ", n));
    return nullptr;
  }
  return &at->second;
}

std::vector<uint64_t> InteractionEnv::MembersOf(const std::string& words,
                                                ScriptArguments& arguments) {
  std::vector<uint64_t> numbers;
  if (words == "all") {
    for (const auto& [n, member] : members_) numbers.push_back(n);
    return numbers;
  }
  for (const uint64_t n : arguments.NumbersOf(words)) {
    if (FindMember(n, arguments) != nullptr) numbers.push_back(n);
  }
  return numbers;
}

void InteractionEnv::Start(uint64_t n) {
  Member& member = members_.at(n);
  member.faulted = false;
  member.held.clear();
  member.applying.clear();
  member.snapshots_wanted.clear();
  member.chunks.clear();
  member.install.reset();
  member.inputs.clear();
  member.started_from = member.disk.durable();
  member.started_at = member.now;
  member.seed = seed_ + 1000 * n + member.starts++;
  member.core.emplace(IdentityOf(n), options_, member.started_from, member.seed,
                      member.now);
  member.applied = member.core->applied();
  const auto broken = invariants_.AfterRestart(*member.core);
  if (check_invariants_ && broken.has_value()) Complain(*broken);
}

void InteractionEnv::Step(uint64_t n, Input input) {
  Member& member = members_.at(n);
  if (!member.core.has_value() || member.faulted) {
    Say(absl::StrCat("  ", n, " does not run"));
    return;
  }
  const std::string words = Words(input, names_);
  const bool silent = std::holds_alternative<Tick>(input) ||
                      std::holds_alternative<Stored>(input) ||
                      std::holds_alternative<Applied>(input);
  const size_t before = trace_.size();
  const LogIndex commit = member.core->commit();
  member.inputs.emplace_back(member.now, input);
  Output output = member.core->Step(member.now, std::move(input));
  Say(absl::StrCat("> ", n, " ", words));
  const size_t heading = trace_.size();
  TraceStep(n, output, commit);
  const auto broken = invariants_.AfterStep(*member.core, output);
  Handle(n, std::move(output));
  if (silent && trace_.size() == heading) trace_.resize(before);
  if (check_invariants_ && broken.has_value()) Complain(ShortIds(*broken));
}

void InteractionEnv::TraceStep(uint64_t n, const Output& output,
                               LogIndex commit_before) {
  const Member& member = members_.at(n);
  for (const std::string& line : LinesBeforeSends(output)) {
    Say(absl::StrCat("  ", line));
  }
  if (member.core->commit() != commit_before) {
    Say(absl::StrCat("  commit ", member.core->commit().value()));
  }
  for (const Send& send : output.sends) {
    const bool waits = send.after != StorageToken(0);
    Say(absl::StrCat(
        "  ", !waits && IsCut(send.message) ? "lost " : "send ",
        Words(send.message, names_),
        waits ? absl::StrCat(" after=#", send.after.value()) : ""));
  }
  for (const std::string& line : LinesAfterSends(output)) {
    Say(absl::StrCat("  ", line));
  }
}

void InteractionEnv::Handle(uint64_t n, Output output) {
  Member& member = members_.at(n);
  if (output.fault.has_value()) member.faulted = true;
  if (output.persist.has_value()) member.disk.Write(*std::move(output.persist));
  for (Send& send : output.sends) {
    if (send.after == StorageToken(0)) {
      Post(std::move(send.message));
    } else {
      member.held.push_back(std::move(send));
    }
  }
  if (output.store_snapshot_chunk.has_value()) {
    member.chunks.push_back(*std::move(output.store_snapshot_chunk));
  }
  if (output.install_snapshot.has_value()) {
    member.install = *std::move(output.install_snapshot);
  }
  if (output.apply.has_value()) {
    member.applying.push_back(output.apply->entries.back().index);
  }
  if (output.compact.has_value()) member.disk.Compact(output.compact->base);
  for (SnapshotWanted& wanted : output.snapshots_wanted) {
    member.snapshots_wanted.push_back(std::move(wanted));
  }
}

bool InteractionEnv::IsCut(const Message& message) const {
  return cut_.count({message.header.from.low(), message.header.to.low()}) > 0;
}

void InteractionEnv::Post(Message message) {
  if (!IsCut(message)) pool_.push_back(std::move(message));
}

void InteractionEnv::Deliver(const Message& message) {
  const auto sender = members_.find(message.header.from.low());
  const bool known = sender != members_.end() && sender->second.core;
  DeliverTo(message.header.to.low(), message,
            known ? sender->second.core->voter_at() : LogIndex(0));
}

void InteractionEnv::DeliverTo(uint64_t n, const Message& message,
                               LogIndex voter_at) {
  const auto at = members_.find(n);
  const bool runs = at != members_.end() && at->second.core.has_value() &&
                    !at->second.faulted;
  if (!runs || IsCut(message)) {
    Say(absl::StrCat("  lost ", Words(message, names_)));
    return;
  }
  Step(n, Received{message, voter_at});
}

std::vector<Message> InteractionEnv::TakeMessages(const Filter& filter) {
  std::vector<Message> taken;
  std::deque<Message> rest;
  for (Message& message : pool_) {
    const Header& header = message.header;
    const bool matches =
        taken.size() < filter.count &&
        header.from.low() == filter.from.value_or(header.from.low()) &&
        header.to.low() == filter.to.value_or(header.to.low()) &&
        (filter.kind.empty() || filter.kind == KindOf(message.body));
    if (matches) {
      taken.push_back(std::move(message));
    } else {
      rest.push_back(std::move(message));
    }
  }
  pool_ = std::move(rest);
  return taken;
}

InteractionEnv::Filter InteractionEnv::LinkOf(const std::string& link,
                                              ScriptArguments& arguments) {
  Filter filter;
  const std::vector<std::string> ends = absl::StrSplit(link, "->");
  if (ends.size() != 2) {
    arguments.Complain(absl::StrCat("'", link, "' is not a link M->M"));
    return filter;
  }
  if (ends[0] != "*") filter.from = arguments.NumberOf(ends[0]);
  if (ends[1] != "*") filter.to = arguments.NumberOf(ends[1]);
  return filter;
}

InteractionEnv::Filter InteractionEnv::FilterOf(ScriptArguments& arguments) {
  const auto link = arguments.Next();
  Filter filter = link.has_value() ? LinkOf(*link, arguments) : Filter();
  filter.kind = arguments.Text("kind");
  filter.count = static_cast<size_t>(arguments.Number("count", SIZE_MAX));
  return filter;
}

}  // namespace microovn::raft
