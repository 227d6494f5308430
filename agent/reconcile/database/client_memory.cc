// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/client_memory.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace microovn::agent {
namespace {

// In place of an empty word.
constexpr char kNothing[] = "-";

std::string Word(const std::string& value) {
  return value.empty() ? kNothing : value;
}

std::string Value(absl::string_view word) {
  return word == kNothing ? "" : std::string(word);
}

}  // namespace

ClientPlan PlanClient(ClientMemory memory, const ClientObservation& seen,
                      absl::Duration now) {
  ClientPlan plan;
  plan.memory = std::move(memory);
  ClientMemory& kept = plan.memory;
  if (seen.process.empty()) return plan;
  if (kept.process != seen.process) {
    kept.process = seen.process;
    kept.cluster_id.clear();
    kept.refused_since.reset();
    kept.told = false;
  }
  // The last one is still what it remembers.
  if (seen.cluster_id.empty()) return plan;
  kept.remotes = seen.remotes;
  if (kept.cluster_id != seen.cluster_id) {
    plan.forget = !kept.cluster_id.empty();
    kept.cluster_id = seen.cluster_id;
    kept.refused_since.reset();
    kept.told = false;
    return plan;
  }
  if (seen.connected) {
    kept.refused_since.reset();
    kept.told = false;
    return plan;
  }
  if (!seen.answers) {
    kept.refused_since.reset();
    return plan;
  }
  if (!kept.refused_since.has_value()) kept.refused_since = now;
  if (!kept.told && now - *kept.refused_since >= kRefusedPatience) {
    plan.forget = true;
    kept.told = true;
  }
  return plan;
}

std::string FormatMemories(const std::vector<ClientMemory>& memories) {
  std::string text;
  for (const ClientMemory& memory : memories) {
    absl::StrAppend(&text, Word(memory.daemon), " ", Word(memory.database), " ",
                    Word(memory.process), " ", Word(memory.cluster_id), " ",
                    Word(memory.remotes), "\n");
  }
  return text;
}

std::vector<ClientMemory> ParseMemories(absl::string_view text) {
  std::vector<ClientMemory> memories;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words.size() != 5) continue;
    ClientMemory memory;
    memory.daemon = Value(words[0]);
    memory.database = Value(words[1]);
    memory.process = Value(words[2]);
    memory.cluster_id = Value(words[3]);
    memory.remotes = Value(words[4]);
    memories.push_back(std::move(memory));
  }
  return memories;
}

}  // namespace microovn::agent
