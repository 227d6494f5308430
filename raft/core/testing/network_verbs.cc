// SPDX-License-Identifier: Apache-2.0
// The verbs of the network.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "raft/core/testing/interaction_env.h"

namespace microovn::raft {

void InteractionEnv::DeliverVerb(ScriptArguments& arguments) {
  const bool keep = arguments.Flag("keep");
  const bool reverse = arguments.Flag("reverse");
  std::vector<Message> messages = TakeMessages(FilterOf(arguments));
  if (messages.empty()) arguments.Complain("nothing to deliver");
  if (keep) pool_.insert(pool_.end(), messages.begin(), messages.end());
  if (reverse) std::reverse(messages.begin(), messages.end());
  for (const Message& message : messages) Deliver(message);
}

void InteractionEnv::Drop(ScriptArguments& arguments) {
  const std::vector<Message> messages = TakeMessages(FilterOf(arguments));
  if (messages.empty()) arguments.Complain("nothing to drop");
  for (const Message& message : messages) {
    Say(absl::StrCat("  lost ", Words(message, names_)));
  }
}

void InteractionEnv::Messages(ScriptArguments&) {
  for (const Message& message : pool_) Say(Words(message, names_));
  if (pool_.empty()) Say("none");
}

void InteractionEnv::Cut(ScriptArguments& arguments) {
  for (const std::string& link : arguments.Rest()) {
    const Filter filter = LinkOf(link, arguments);
    for (const auto& [from, sender] : members_) {
      for (const auto& [to, receiver] : members_) {
        const bool chosen = from != to && from == filter.from.value_or(from) &&
                            to == filter.to.value_or(to);
        if (chosen) cut_.insert({from, to});
      }
    }
  }
}

void InteractionEnv::Isolate(ScriptArguments& arguments) {
  for (const uint64_t n : MembersOf(arguments.Next().value_or(""), arguments)) {
    for (const auto& [other, member] : members_) {
      if (other == n) continue;
      cut_.insert({n, other});
      cut_.insert({other, n});
    }
  }
}

void InteractionEnv::Partition(ScriptArguments& arguments) {
  std::map<uint64_t, size_t> side_of;
  size_t side = 0;
  for (const std::string& words : arguments.Rest()) {
    for (const uint64_t n : MembersOf(words, arguments)) side_of[n] = side;
    ++side;
  }
  for (const auto& [from, a] : side_of) {
    for (const auto& [to, b] : side_of) {
      if (a != b) cut_.insert({from, to});
    }
  }
}

void InteractionEnv::Heal(ScriptArguments&) { cut_.clear(); }

}  // namespace microovn::raft
