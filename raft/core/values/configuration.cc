// SPDX-License-Identifier: Apache-2.0
#include "raft/core/values/configuration.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"

namespace microovn::raft {
namespace {

bool IsSortedSet(const std::vector<MemberId>& ids) {
  return absl::c_adjacent_find(
             ids, [](MemberId a, MemberId b) { return !(a < b); }) == ids.end();
}

bool AreSorted(const std::vector<KnownIncarnation>& known) {
  return absl::c_adjacent_find(
             known, [](const KnownIncarnation& a, const KnownIncarnation& b) {
               return !(a.member < b.member);
             }) == known.end();
}

std::vector<MemberId> Sorted(std::vector<MemberId> ids) {
  absl::c_sort(ids);
  return ids;
}

std::vector<MemberId> Union(const std::vector<MemberId>& a,
                            const std::vector<MemberId>& b) {
  std::vector<MemberId> out;
  absl::c_set_union(a, b, std::back_inserter(out));
  return out;
}

std::vector<MemberId> Minus(const std::vector<MemberId>& a,
                            const std::vector<MemberId>& b) {
  std::vector<MemberId> out;
  absl::c_set_difference(a, b, std::back_inserter(out));
  return out;
}

bool Intersect(const std::vector<MemberId>& a, const std::vector<MemberId>& b) {
  return absl::c_any_of(
      a, [&b](MemberId id) { return absl::c_binary_search(b, id); });
}

// Keeps the incarnations of `members` only, the older ones first in authority.
std::vector<KnownIncarnation> Incarnations(
    const std::vector<MemberId>& members,
    const std::vector<KnownIncarnation>& known,
    const std::vector<KnownIncarnation>& added) {
  std::vector<KnownIncarnation> out;
  for (const MemberId member : members) {
    for (const auto* list : {&known, &added}) {
      const auto found =
          absl::c_find_if(*list, [member](const KnownIncarnation& entry) {
            return entry.member == member;
          });
      if (found == list->end()) continue;
      out.push_back(*found);
      break;
    }
  }
  return out;
}

void AddRemoved(const std::vector<MemberId>& gone,
                std::vector<MemberId>& removed) {
  removed.insert(removed.end(), gone.begin(), gone.end());
  if (removed.size() <= kMaxRemoved) return;
  removed.erase(removed.begin(),
                removed.end() - static_cast<std::ptrdiff_t>(kMaxRemoved));
}

std::optional<ConfigurationError> CheckTarget(const Configuration& from,
                                              const ConfigurationTarget& to) {
  if (from.is_joint()) return ConfigurationError::kAlreadyChanging;
  if (to.voters.empty()) return ConfigurationError::kNoVoters;
  if (to.voters.size() > kMaxVoters || to.learners.size() > kMaxLearners) {
    return ConfigurationError::kTooManyMembers;
  }
  if (!IsSortedSet(to.voters) || !IsSortedSet(to.learners) ||
      Intersect(to.voters, to.learners)) {
    return ConfigurationError::kDuplicateMember;
  }
  const auto returned = [&from](MemberId id) { return from.IsRemoved(id); };
  if (absl::c_any_of(to.voters, returned) ||
      absl::c_any_of(to.learners, returned)) {
    return ConfigurationError::kReturnOfRemovedMember;
  }
  if (to.voters == from.voters && to.learners == from.learners) {
    return ConfigurationError::kNoChange;
  }
  return std::nullopt;
}

}  // namespace

bool Configuration::IsVoter(MemberId member) const {
  return absl::c_binary_search(voters, member) ||
         absl::c_binary_search(outgoing, member);
}

bool Configuration::Contains(MemberId member) const {
  return IsVoter(member) || absl::c_binary_search(learners, member);
}

bool Configuration::IsRemoved(MemberId member) const {
  return absl::c_linear_search(removed, member);
}

std::optional<Incarnation> Configuration::IncarnationOf(MemberId member) const {
  const auto found = std::lower_bound(
      incarnations.begin(), incarnations.end(), member,
      [](const KnownIncarnation& a, MemberId b) { return a.member < b; });
  if (found == incarnations.end() || found->member != member) {
    return std::nullopt;
  }
  return found->incarnation;
}

std::vector<MemberId> Configuration::Members() const {
  return Union(Union(voters, outgoing), learners);
}

Transition BeginChange(const Configuration& from,
                       const ConfigurationTarget& target) {
  ConfigurationTarget to = target;
  to.voters = Sorted(std::move(to.voters));
  to.learners = Sorted(std::move(to.learners));
  Transition transition;
  transition.error = CheckTarget(from, to);
  if (transition.error.has_value()) return transition;

  Configuration next;
  next.voters = to.voters;
  next.learners = to.learners;
  // Only a change of voters can make two majorities that do not meet. One of
  // learners takes a single entry.
  if (to.voters != from.voters) next.outgoing = from.voters;
  next.incarnations =
      Incarnations(next.Members(), from.incarnations, to.incarnations);
  next.removed = from.removed;
  // Learners that leave. Voters that do are among `outgoing` until LeaveJoint.
  AddRemoved(Minus(from.Members(), next.Members()), next.removed);
  transition.next = std::move(next);
  return transition;
}

Configuration LeaveJoint(const Configuration& joint) {
  Configuration next = joint;
  // Who is demoted is among the learners already, and stays.
  next.outgoing.clear();
  next.incarnations = Incarnations(next.Members(), joint.incarnations, {});
  AddRemoved(Minus(joint.Members(), next.Members()), next.removed);
  return next;
}

bool IsLegalTransition(const Configuration& current,
                       const Configuration& next) {
  if (current.is_joint()) return next == LeaveJoint(current);
  const Transition transition =
      BeginChange(current, {next.voters, next.learners, next.incarnations});
  return transition.next.has_value() && *transition.next == next;
}

namespace {

// Version, then each list as a count and its fixed-size elements, all
// little-endian.
constexpr char kVersion = 1;

void PutWord(uint64_t word, std::string& out) {
  for (int shift = 0; shift < 64; shift += 8) {
    out.push_back(static_cast<char>(word >> shift & 0xff));
  }
}

void PutIds(const std::vector<MemberId>& ids, std::string& out) {
  PutWord(ids.size(), out);
  for (const MemberId id : ids) {
    PutWord(id.high(), out);
    PutWord(id.low(), out);
  }
}

// Reads what Put wrote; `failed` once the bytes run out.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  bool done() const { return !failed_ && rest_.empty(); }

  uint64_t Word() {
    if (rest_.size() < sizeof(uint64_t)) {
      failed_ = true;
      return 0;
    }
    uint64_t word = 0;
    for (size_t i = 0; i < sizeof(uint64_t); ++i) {
      word |= static_cast<uint64_t>(static_cast<unsigned char>(rest_[i]))
              << (8 * i);
    }
    rest_.remove_prefix(sizeof(uint64_t));
    return word;
  }

  size_t Count(size_t limit) {
    const uint64_t count = Word();
    // Before anything is allocated: the number is a stranger's.
    if (count > limit) failed_ = true;
    return failed_ ? 0 : static_cast<size_t>(count);
  }

  MemberId Id() {
    const uint64_t high = Word();
    return MemberId(high, Word());
  }

  std::vector<MemberId> Ids(size_t limit) {
    std::vector<MemberId> ids(Count(limit));
    for (MemberId& id : ids) id = Id();
    return ids;
  }

 private:
  absl::string_view rest_;
  bool failed_ = false;
};

bool IsWellFormed(const Configuration& configuration) {
  return IsSortedSet(configuration.voters) &&
         IsSortedSet(configuration.outgoing) &&
         IsSortedSet(configuration.learners) &&
         AreSorted(configuration.incarnations) &&
         !configuration.voters.empty() &&
         !Intersect(configuration.voters, configuration.learners);
}

}  // namespace

std::string EncodeConfiguration(const Configuration& configuration) {
  std::string out(1, kVersion);
  PutIds(configuration.voters, out);
  PutIds(configuration.outgoing, out);
  PutIds(configuration.learners, out);
  PutIds(configuration.removed, out);
  PutWord(configuration.incarnations.size(), out);
  for (const KnownIncarnation& known : configuration.incarnations) {
    PutWord(known.member.high(), out);
    PutWord(known.member.low(), out);
    PutWord(known.incarnation.value(), out);
  }
  return out;
}

std::optional<Configuration> DecodeConfiguration(absl::string_view bytes) {
  if (bytes.empty() || bytes.front() != kVersion) return std::nullopt;
  Reader reader(bytes.substr(1));
  Configuration configuration;
  configuration.voters = reader.Ids(kMaxVoters);
  configuration.outgoing = reader.Ids(kMaxVoters);
  configuration.learners = reader.Ids(kMaxLearners);
  configuration.removed = reader.Ids(kMaxRemoved);
  configuration.incarnations.resize(
      reader.Count(kMaxLearners + 2 * kMaxVoters));
  for (KnownIncarnation& known : configuration.incarnations) {
    known.member = reader.Id();
    known.incarnation = Incarnation(reader.Word());
  }
  // A configuration decides who may decide: one that no Encode has made is
  // refused whole, not mended.
  if (!reader.done() || !IsWellFormed(configuration)) return std::nullopt;
  return configuration;
}

}  // namespace microovn::raft
