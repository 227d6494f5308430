// SPDX-License-Identifier: Apache-2.0
// The verbs that put time, and callers' requests, into a core.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "raft/core/testing/core_harness.h"
#include "raft/core/testing/interaction_env.h"

namespace microovn::raft {
namespace {

constexpr Micros kTickEvery = 10'000;

}  // namespace

void InteractionEnv::Campaign(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  Member* member = FindMember(n, arguments);
  if (member == nullptr) return;
  // A voter's timeout is less than twice the base, a learner's is longer. The
  // first late tick is forgiven (raft.md 5b.22), so arrive in two.
  member->now = member->now + options_.election_timeout;
  Step(n, Tick{});
  member->now = std::max(member->now + options_.election_timeout,
                         member->core->NextWakeup());
  Step(n, Tick{});
}

void InteractionEnv::TickVerb(ScriptArguments& arguments) {
  const Micros after = arguments.Duration("after", 0);
  const std::string words = arguments.Next().value_or("all");
  for (const uint64_t n : MembersOf(words, arguments)) {
    Member& member = members_.at(n);
    member.now = member.now + after;
    Step(n, Tick{});
  }
}

void InteractionEnv::Advance(ScriptArguments& arguments) {
  const bool settle = arguments.Flag("settle");
  const Micros time = arguments.DurationOf(arguments.Next().value_or(""));
  const std::string words = arguments.Next().value_or("all");
  const std::vector<uint64_t> numbers = MembersOf(words, arguments);
  for (Micros passed = 0; passed < time; passed += kTickEvery) {
    for (const uint64_t n : numbers) {
      Member& member = members_.at(n);
      member.now = member.now + kTickEvery;
      if (member.core.has_value() && !member.faulted) Step(n, Tick{});
    }
    if (settle) SettleAmong(numbers);
  }
}

void InteractionEnv::Pause(ScriptArguments& arguments) {
  const std::string words = arguments.Next().value_or("");
  const Micros time = arguments.DurationOf(arguments.Next().value_or(""));
  for (const uint64_t n : MembersOf(words, arguments)) {
    members_.at(n).now = members_.at(n).now + time;
  }
}

void InteractionEnv::ProposeVerb(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  const uint64_t count = arguments.Number("count", 0);
  const auto bytes = static_cast<size_t>(arguments.Number("bytes", 0));
  std::vector<std::string> payloads = arguments.Rest();
  if (bytes > 0) payloads.emplace_back(bytes, 'x');
  for (uint64_t i = 1; i < count; ++i) payloads.push_back(payloads.front());
  if (FindMember(n, arguments) == nullptr) return;
  Propose propose;
  for (std::string& payload : payloads) {
    last_request_ = last_request_.Next();
    propose.proposals.push_back({last_request_, Payload(std::move(payload))});
  }
  Step(n, std::move(propose));
}

void InteractionEnv::ProposeConf(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  const Member* member = FindMember(n, arguments);
  if (member == nullptr || !member->core.has_value()) return;
  ProposeConfiguration propose;
  last_request_ = last_request_.Next();
  propose.id = last_request_;
  propose.expected = LogIndex(arguments.Number(
      "expected", member->core->configurations().InForce().index.value()));
  propose.target.voters = Ids(arguments.Numbers("voters"));
  propose.target.learners = Ids(arguments.Numbers("learners"));
  Step(n, std::move(propose));
}

void InteractionEnv::ReadIndex(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  if (FindMember(n, arguments) == nullptr) return;
  last_request_ = last_request_.Next();
  Step(n, ReadRequest{last_request_});
}

void InteractionEnv::TransferVerb(ScriptArguments& arguments) {
  const uint64_t n = arguments.NextNumber("member");
  const MemberId to(0, arguments.Number("to", 0));
  if (FindMember(n, arguments) == nullptr) return;
  last_request_ = last_request_.Next();
  Step(n, Transfer{last_request_, to});
}

void InteractionEnv::ConnectionUp(ScriptArguments& arguments) {
  Connection(arguments, /*up=*/true);
}

void InteractionEnv::ConnectionDown(ScriptArguments& arguments) {
  Connection(arguments, /*up=*/false);
}

void InteractionEnv::Connection(ScriptArguments& arguments, bool up) {
  const uint64_t n = arguments.NextNumber("member");
  const uint64_t peer = arguments.NextNumber("peer");
  if (FindMember(n, arguments) != nullptr) Step(n, PeerConnection{M(peer), up});
}

}  // namespace microovn::raft
