// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/central_policy.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/features.h"

namespace microovn::agent {
namespace {

using statepb::Member;

// Members of the databases' clusters, by how they are.
struct Centrals {
  std::vector<const Member*> answering;
  // Silent, and not yet for so long that another takes its place.
  std::vector<const Member*> silent;
  std::vector<const Member*> lost;

  size_t servers() const {
    return answering.size() + silent.size() + lost.size();
  }
};

Centrals CentralsOf(const ClusterState& state, const SilentFor& silent_for,
                    absl::Duration patience) {
  Centrals centrals;
  for (const Member* member : CentralMembers(state)) {
    const absl::Duration silence = silent_for(member->member_id());
    if (silence <= absl::ZeroDuration()) {
      centrals.answering.push_back(member);
    } else if (silence < patience) {
      centrals.silent.push_back(member);
    } else {
      centrals.lost.push_back(member);
    }
  }
  return centrals;
}

bool AnyOperationRuns(const ClusterState& state) {
  for (const auto& [id, operation] : state.operations.records()) {
    if (!operation->done()) return true;
  }
  return false;
}

// The first to come is the first to be asked.
const Member* Candidate(const ClusterState& state,
                        const SilentFor& silent_for) {
  for (const Member* member : ActiveMembers(state)) {
    if (!member->worker() && !Runs(*member, statepb::SERVICE_CENTRAL) &&
        silent_for(member->member_id()) <= absl::ZeroDuration()) {
      return member;
    }
  }
  return nullptr;
}

bool HaveTheDatabases(const ClusterState& state,
                      const std::vector<const Member*>& members) {
  for (const char* name : {"nb", "sb"}) {
    const statepb::Database* database = state.databases.Find(name);
    if (database == nullptr) return false;
    for (const Member* member : members) {
      if (!HasJoined(*database, member->member_id())) return false;
    }
  }
  return true;
}

// Seconds of silence after which a central is lost; nothing: nobody takes a
// place.
std::optional<absl::Duration> Patience(const ClusterState& state) {
  if (ActiveLevel(state, kFeatureCentralReplacement) == 0 ||
      !ConfigValue(state, kConfigCentralIps).empty() ||
      ConfigValue(state, kConfigCentralReplacement) == kCentralReplacementOff) {
    return std::nullopt;
  }
  return absl::Seconds(ConfigNumber(state, kConfigCentralReplacement));
}

}  // namespace

std::optional<CentralChange> DecideCentral(const ClusterState& state,
                                           const SilentFor& silent_for) {
  const std::optional<absl::Duration> patience = Patience(state);
  if (!patience.has_value() || AnyOperationRuns(state)) return std::nullopt;
  const Centrals centrals = CentralsOf(state, silent_for, *patience);
  if (centrals.answering.size() * 2 <= centrals.servers()) return std::nullopt;
  const auto wanted =
      static_cast<size_t>(ConfigNumber(state, kConfigCentralCount));
  const size_t remaining = centrals.answering.size() + centrals.silent.size();
  const bool vacant =
      state.cluster().central_vacancies() > 0 || !centrals.lost.empty();
  if (vacant && remaining < wanted) {
    const Member* candidate = Candidate(state, silent_for);
    if (candidate == nullptr) return std::nullopt;
    return CentralChange{
        candidate, true,
        centrals.lost.empty()
            ? std::string("a central was removed")
            : absl::StrCat(centrals.lost[0]->name(), " has been silent for ",
                           absl::FormatDuration(*patience))};
  }
  if (centrals.lost.empty() || remaining < wanted ||
      !HaveTheDatabases(state, centrals.answering)) {
    return std::nullopt;
  }
  return CentralChange{centrals.lost[0], false,
                       "another member has the databases in its place"};
}

}  // namespace microovn::agent
