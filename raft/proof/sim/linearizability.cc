// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/linearizability.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace microovn::raft {
namespace {

using Kind = RegisterOperation::Kind;
using Outcome = RegisterOperation::Outcome;
using Operations = std::vector<const RegisterOperation*>;

// The operations that a search has placed, and the value that they leave.
// Operations are numbered by invocation, so nearly all placed ones form a
// prefix: only the words after it are kept.
struct SearchState {
  size_t full_words = 0;
  std::vector<uint64_t> words;
  uint32_t value = 0;

  friend bool operator==(const SearchState& a, const SearchState& b) {
    return a.value == b.value && a.full_words == b.full_words &&
           a.words == b.words;
  }
  template <typename H>
  friend H AbslHashValue(H state, const SearchState& search) {
    return H::combine(std::move(state), search.full_words, search.words,
                      search.value);
  }
};

class PlacedSet {
 public:
  explicit PlacedSet(size_t size) : words_((size + kBits - 1) / kBits) {}

  void Add(size_t at) { words_[at / kBits] |= uint64_t{1} << at % kBits; }
  void Remove(size_t at) { words_[at / kBits] &= ~(uint64_t{1} << at % kBits); }
  SearchState With(uint32_t value) const {
    const auto from =
        std::find_if(words_.begin(), words_.end(),
                     [](uint64_t word) { return word != ~uint64_t{0}; });
    const auto to =
        std::find_if(words_.rbegin(), words_.rend(), [](uint64_t word) {
          return word != 0;
        }).base();
    SearchState search;
    search.full_words = static_cast<size_t>(from - words_.begin());
    if (from < to) search.words.assign(from, to);
    search.value = value;
    return search;
  }

 private:
  static constexpr size_t kBits = 64;
  std::vector<uint64_t> words_;
};

std::string Describe(const RegisterOperation& operation) {
  const bool ok = operation.outcome == Outcome::kOk;
  return absl::StrCat(
      operation.kind == Kind::kRead ? "read of \"" : "write of \"",
      operation.value, "\" by client ", operation.client, " [",
      operation.invoked, ", ", ok ? absl::StrCat(operation.returned) : "?",
      "]");
}

// The search of one key. The list holds the invocations and returns of the
// operations that are not placed, in order of time: those that may come next
// are the ones invoked before the first return.
class Search {
 public:
  // Sorted by invocation; no refused ones.
  explicit Search(const Operations& operations);

  Verdict Run(uint64_t max_steps);
  uint64_t steps() const { return steps_; }
  // The dead end of the longest order that was found.
  std::string Explain() const;

 private:
  static constexpr uint32_t kHead = 0;
  static constexpr uint32_t kNone = 0;  // as a node: past the end

  struct Node {
    uint32_t operation = 0;
    bool is_return = false;
    uint32_t previous = kHead;
    uint32_t next = kNone;
  };
  struct Operation {
    bool read = false;
    uint32_t value = 0;
    uint32_t invocation = kNone;  // nodes
    uint32_t completion = kNone;
  };
  struct Placed {
    uint32_t operation = 0;
    uint32_t value_before = 0;
  };

  void BuildList();
  // Whether this may come next: a write that replaces no value that somebody
  // has still to read. The reads that fit are placed already.
  bool MayPlace(const Operation& operation) const;
  void Place(uint32_t number);
  // All that may come next and fit. To place one later cannot help: it changes
  // nothing.
  void PlaceReads();
  // Takes back the last write and the reads behind it. The node to go on from,
  // or kNone when everything was tried.
  uint32_t Backtrack();
  void NoteDeadEnd(uint32_t operation);
  void Unlink(uint32_t node);
  void Relink(uint32_t node);

  const Operations& source_;
  std::vector<Operation> operations_;
  // By value: what is not placed.
  std::vector<uint32_t> reads_left_;
  std::vector<uint32_t> writes_left_;
  std::vector<Node> nodes_;
  std::vector<Placed> placed_;
  PlacedSet placed_set_;
  absl::flat_hash_set<SearchState> visited_;
  uint32_t value_ = 0;
  size_t returns_ = 0;  // in the list
  uint64_t steps_ = 0;

  size_t longest_ = 0;
  uint32_t stuck_ = 0;
  std::optional<uint32_t> replaced_by_;
  std::string stuck_value_;
};

Search::Search(const Operations& operations)
    : source_(operations), placed_set_(operations.size()) {
  absl::flat_hash_map<std::string, uint32_t> values = {{std::string(), 0}};
  for (const RegisterOperation* operation : operations) {
    const auto [value, added] = values.try_emplace(
        operation->value, static_cast<uint32_t>(values.size()));
    operations_.push_back({operation->kind == Kind::kRead, value->second});
  }
  reads_left_.resize(values.size());
  writes_left_.resize(values.size());
  for (const Operation& operation : operations_) {
    ++(operation.read ? reads_left_ : writes_left_)[operation.value];
  }
  BuildList();
}

void Search::BuildList() {
  struct Event {
    int64_t time;
    bool is_return;
    uint32_t operation;
  };
  std::vector<Event> events;
  for (uint32_t i = 0; i < operations_.size(); ++i) {
    events.push_back({source_[i]->invoked, false, i});
    if (source_[i]->outcome != Outcome::kOk) continue;
    events.push_back({source_[i]->returned, true, i});
    ++returns_;
  }
  std::stable_sort(
      events.begin(), events.end(), [](const Event& a, const Event& b) {
        return a.time != b.time ? a.time < b.time : a.is_return < b.is_return;
      });
  nodes_.emplace_back();
  for (const Event& event : events) {
    const auto at = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back({event.operation, event.is_return, at - 1, kNone});
    nodes_[at - 1].next = at;
    Operation& operation = operations_[event.operation];
    (event.is_return ? operation.completion : operation.invocation) = at;
  }
}

Verdict Search::Run(uint64_t max_steps) {
  PlaceReads();
  uint32_t at = nodes_[kHead].next;
  // What only has an invocation left may also never happen.
  while (returns_ > 0) {
    const Node& node = nodes_[at];
    if (node.is_return) {
      NoteDeadEnd(node.operation);
      at = Backtrack();
      if (at == kNone) return Verdict::kViolation;
      continue;
    }
    if (++steps_ > max_steps) return Verdict::kUndecided;
    if (!MayPlace(operations_[node.operation])) {
      at = node.next;
      continue;
    }
    Place(node.operation);
    PlaceReads();
    const bool news = visited_.insert(placed_set_.With(value_)).second;
    at = news ? nodes_[kHead].next : Backtrack();
  }
  return Verdict::kLinearizable;
}

bool Search::MayPlace(const Operation& operation) const {
  if (operation.read) return false;
  return operation.value == value_ || reads_left_[value_] == 0 ||
         writes_left_[value_] > 0;
}

void Search::Place(uint32_t number) {
  const Operation& operation = operations_[number];
  placed_set_.Add(number);
  --(operation.read ? reads_left_ : writes_left_)[operation.value];
  placed_.push_back({number, value_});
  value_ = operation.value;
  Unlink(operation.invocation);
  if (operation.completion != kNone) {
    Unlink(operation.completion);
    --returns_;
  }
}

void Search::PlaceReads() {
  uint32_t at = nodes_[kHead].next;
  while (at != kNone && !nodes_[at].is_return) {
    const uint32_t number = nodes_[at].operation;
    const bool fits =
        operations_[number].read && operations_[number].value == value_;
    // Taking a read out may take the next node out with it.
    const uint32_t before = nodes_[at].previous;
    if (fits) Place(number);
    at = nodes_[fits ? before : at].next;
  }
}

uint32_t Search::Backtrack() {
  while (!placed_.empty()) {
    const Placed last = placed_.back();
    placed_.pop_back();
    const Operation& operation = operations_[last.operation];
    value_ = last.value_before;
    placed_set_.Remove(last.operation);
    ++(operation.read ? reads_left_ : writes_left_)[operation.value];
    if (operation.completion != kNone) {
      Relink(operation.completion);
      ++returns_;
    }
    Relink(operation.invocation);
    if (!operation.read) return nodes_[operation.invocation].next;
  }
  return kNone;
}

void Search::NoteDeadEnd(uint32_t operation) {
  if (longest_ > 0 && placed_.size() <= longest_) return;
  longest_ = placed_.size();
  stuck_ = operation;
  replaced_by_.reset();
  if (!operations_[operation].read && reads_left_[value_] > 0) {
    // The write has to come next, but somebody has still to read.
    const auto reader =
        std::find_if(nodes_.begin() + operations_[operation].completion,
                     nodes_.end(), [this](const Node& node) {
                       return operations_[node.operation].read &&
                              operations_[node.operation].value == value_;
                     });
    if (reader != nodes_.end()) {
      replaced_by_ = operation;
      stuck_ = reader->operation;
    }
  }
  const auto last_write = std::find_if(
      placed_.rbegin(), placed_.rend(),
      [this](const Placed& p) { return !operations_[p.operation].read; });
  stuck_value_ = last_write == placed_.rend()
                     ? std::string()
                     : source_[last_write->operation]->value;
}

void Search::Unlink(uint32_t node) {
  const Node& gone = nodes_[node];
  nodes_[gone.previous].next = gone.next;
  if (gone.next != kNone) nodes_[gone.next].previous = gone.previous;
}

void Search::Relink(uint32_t node) {
  const Node& back = nodes_[node];
  nodes_[back.previous].next = node;
  if (back.next != kNone) nodes_[back.next].previous = node;
}

std::string Search::Explain() const {
  return absl::StrCat(
      "nothing explains the ", Describe(*source_[stuck_]),
      "; the longest order places ", longest_, " of ", source_.size(),
      " operations and leaves \"", stuck_value_, "\"",
      replaced_by_.has_value() ? absl::StrCat(", which is replaced by the ",
                                              Describe(*source_[*replaced_by_]))
                               : "");
}

// Drops what constrains nothing: what was refused, reads without a result,
// and writes of unknown outcome whose value nobody observed, which as well may
// never have happened.
Operations Constraining(const Operations& operations) {
  absl::flat_hash_set<std::string> observed;
  for (const RegisterOperation* operation : operations) {
    if (operation->kind == Kind::kRead && operation->outcome == Outcome::kOk) {
      observed.insert(operation->value);
    }
  }
  Operations kept;
  for (const RegisterOperation* operation : operations) {
    if (operation->outcome == Outcome::kRefused) continue;
    if (operation->outcome == Outcome::kUnknown &&
        (operation->kind == Kind::kRead ||
         !observed.contains(operation->value))) {
      continue;
    }
    kept.push_back(operation);
  }
  std::stable_sort(kept.begin(), kept.end(),
                   [](const RegisterOperation* a, const RegisterOperation* b) {
                     return a->invoked < b->invoked;
                   });
  return kept;
}

LinearizabilityResult CheckKey(const Operations& operations,
                               uint64_t max_steps) {
  LinearizabilityResult result;
  for (const RegisterOperation* operation : operations) {
    if (operation->outcome == Outcome::kOk &&
        operation->returned < operation->invoked) {
      result.verdict = Verdict::kUndecided;
      result.explanation =
          absl::StrCat("ended before it began: ", Describe(*operation));
      return result;
    }
  }
  const Operations constraining = Constraining(operations);
  Search search(constraining);
  result.verdict = search.Run(max_steps);
  result.steps = search.steps();
  if (result.verdict == Verdict::kViolation) {
    result.explanation = search.Explain();
  } else if (result.verdict == Verdict::kUndecided) {
    result.explanation =
        absl::StrCat("no verdict after ", max_steps, " steps on ",
                     constraining.size(), " operations");
  }
  return result;
}

}  // namespace

LinearizabilityResult CheckLinearizable(
    const std::vector<RegisterOperation>& history, uint64_t max_steps_per_key) {
  std::map<std::string, Operations> keys;
  for (const RegisterOperation& operation : history) {
    keys[operation.key].push_back(&operation);
  }
  LinearizabilityResult result;
  for (const auto& [key, operations] : keys) {
    LinearizabilityResult one = CheckKey(operations, max_steps_per_key);
    result.steps += one.steps;
    const bool worse = one.verdict == Verdict::kViolation ||
                       (one.verdict == Verdict::kUndecided &&
                        result.verdict == Verdict::kLinearizable);
    if (!worse) continue;
    result.verdict = one.verdict;
    result.explanation = absl::StrCat("key \"", key, "\": ", one.explanation);
    if (one.verdict == Verdict::kViolation) return result;
  }
  return result;
}

}  // namespace microovn::raft
