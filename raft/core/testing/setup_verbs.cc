// SPDX-License-Identifier: Apache-2.0
// The verbs that make members and that look at them.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "raft/core/testing/core_harness.h"
#include "raft/core/testing/interaction_env.h"
#include "raft/core/testing/step_words.h"
#include "raft/core/testing/value_words.h"

namespace microovn::raft {
namespace {

// "1:101,2:102"
std::vector<KnownIncarnation> IncarnationsOf(ScriptArguments& arguments) {
  std::vector<KnownIncarnation> known;
  for (const absl::string_view pair :
       absl::StrSplit(arguments.Text("incarnations"), ',', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(pair, ':');
    if (parts.size() != 2) {
      arguments.Complain("incarnations are M:N");
      return {};
    }
    known.push_back({MemberId(0, arguments.NumberOf(parts[0])),
                     Incarnation(arguments.NumberOf(parts[1]))});
  }
  return known;
}

}  // namespace

void InteractionEnv::Options(ScriptArguments& arguments) {
  raft::Options& o = options_;
  o.election_timeout =
      arguments.Duration("election-timeout", o.election_timeout);
  o.transfer_timeout =
      arguments.Duration("transfer-timeout", o.transfer_timeout);
  const auto size = [&arguments](absl::string_view key, size_t& value) {
    value = static_cast<size_t>(arguments.Number(key, value));
  };
  size("max-entries", o.max_entries_per_message);
  size("max-bytes", o.max_bytes_per_message);
  size("max-inflight", o.max_inflight_messages);
  size("max-inflight-bytes", o.max_inflight_bytes);
  size("max-uncommitted-bytes", o.max_uncommitted_bytes);
  size("max-payload", o.max_payload_bytes);
  size("max-unapplied-bytes", o.max_unapplied_bytes);
  size("max-reads", o.max_pending_reads);
  size("snapshot-chunk", o.snapshot_chunk_bytes);
  o.commit_notice_delay =
      arguments.Duration("commit-notice", o.commit_notice_delay);
  o.learner_heartbeat_rounds =
      arguments.Number("learner-rounds", o.learner_heartbeat_rounds);
  o.retained_entries = arguments.Number("retained", o.retained_entries);
}

void InteractionEnv::AddNodes(ScriptArguments& arguments) {
  std::vector<uint64_t> voters;
  const uint64_t count = arguments.NextNumber("number of voters");
  for (uint64_t n = 1; n <= count; ++n) voters.push_back(n);
  const std::vector<uint64_t> learners = arguments.Numbers("learners");
  founding_ = ConfigurationOf(voters, learners);
  founding_.incarnations = IncarnationsOf(arguments);
  const Recovered recovered = LogOf(founding_, arguments.Numbers("log"));
  for (const uint64_t n : voters) Add(n, recovered);
  for (const uint64_t n : learners) Add(n, recovered);
}

void InteractionEnv::AddNode(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  Recovered recovered;
  if (arguments.Has("voters")) {
    founding_ = ConfigurationOf(arguments.Numbers("voters"),
                                arguments.Numbers("learners"));
    recovered = LogOf(founding_, arguments.Numbers("log"));
    recovered.hard_state.term =
        Term(arguments.Number("term", recovered.hard_state.term.value()));
    recovered.hard_state.vote = MemberId(0, arguments.Number("vote", 0));
  }
  Add(n, std::move(recovered));
}

void InteractionEnv::Bootstrap(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  Add(n, raft::Bootstrap(IdentityOf(n)));
}

void InteractionEnv::Add(uint64_t n, Recovered recovered) {
  members_[n].disk = ManualDisk(std::move(recovered));
  Start(n);
  Say(absl::StrCat(n, " ", Lines(members_.at(n).core->Describe()).front()));
}

void InteractionEnv::Status(ScriptArguments& arguments) {
  const std::string words = arguments.Next().value_or("all");
  for (const uint64_t n : MembersOf(words, arguments)) {
    const Member& member = members_.at(n);
    if (!member.core.has_value() || member.faulted) {
      Say(absl::StrCat(n, " does not run"));
      continue;
    }
    const std::vector<std::string> lines = Lines(member.core->Describe());
    Say(absl::StrCat(n, " ", lines.front()));
    for (size_t i = 1; i < lines.size(); ++i) Say(lines[i]);
  }
}

void InteractionEnv::Log(ScriptArguments& arguments) {
  const Member* member = FindMember(arguments.NextNumber("member"), arguments);
  if (member == nullptr || !member->core.has_value()) return;
  const EntryLog& log = member->core->log();
  if (log.base().index != LogIndex(0)) {
    Say(absl::StrCat("base ", Words(log.base())));
  }
  for (LogIndex at = log.base().index.Next(); at <= log.last_index();
       at = at.Next()) {
    Say(Words(log.At(at)));
  }
}

void InteractionEnv::Disk(ScriptArguments& arguments) {
  const Member* member = FindMember(arguments.NextNumber("member"), arguments);
  if (member == nullptr) return;
  const Recovered& durable = member->disk.durable();
  Say(absl::StrCat(Words(durable.hard_state),
                   " applied=", durable.applied.value(),
                   " waiting=", member->disk.waiting()));
  if (durable.base.index != LogIndex(0)) {
    Say(absl::StrCat("base ", Words(durable.base)));
  }
  for (const Entry& entry : durable.entries) Say(Words(entry));
}

void InteractionEnv::Replay(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  const Member* member = FindMember(n, arguments);
  if (member == nullptr || !member->core.has_value()) return;
  RaftCore again(IdentityOf(n), options_, member->started_from, member->seed,
                 member->started_at);
  for (const auto& [time, input] : member->inputs) again.Step(time, input);
  if (again == *member->core) {
    Say("equal");
  } else {
    Complain("the same inputs made another core");
  }
}

}  // namespace microovn::raft
