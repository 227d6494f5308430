// SPDX-License-Identifier: Apache-2.0
// What only the leader sees, told as what has changed since it was told last.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/validate.h"
#include "agent/state/values/canonical.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Observation;
using statepb::ObservedFinding;
using Ids = google::protobuf::RepeatedPtrField<std::string>;

constexpr int kMaxFindings = 256;
constexpr size_t kMaxReasonBytes = 64;

std::set<std::string> SetOf(const Ids& ids) { return {ids.begin(), ids.end()}; }

absl::Status CheckIds(absl::string_view field, const Ids& ids) {
  if (static_cast<size_t>(ids.size()) > kMaxMembers) {
    return CommandMalformed("too-many", field);
  }
  for (const std::string& id : ids) RETURN_IF_ERROR(CheckId(field, id));
  return absl::OkStatus();
}

absl::Status CheckObservation(const Observation& seen) {
  RETURN_IF_ERROR(CheckId("leader", seen.leader_id()));
  RETURN_IF_ERROR(CheckIds("voters", seen.voters()));
  RETURN_IF_ERROR(CheckIds("stand-bys", seen.standbys()));
  RETURN_IF_ERROR(CheckIds("lost", seen.lost()));
  if (seen.findings_size() > kMaxFindings) {
    return CommandMalformed("too-many", "findings");
  }
  for (const ObservedFinding& finding : seen.findings()) {
    if (finding.reason().empty() ||
        finding.reason().find_first_not_of(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string::npos) {
      return CommandMalformed("malformed", "findings");
    }
    RETURN_IF_ERROR(CheckText("findings", finding.reason(), kMaxReasonBytes));
    if (!finding.member().empty()) RETURN_IF_ERROR(CheckName(finding.member()));
  }
  return absl::OkStatus();
}

// How often each subject has changed since it was told last.
class Changes {
 public:
  explicit Changes(const statepb::ObserveCluster& body) {
    for (const statepb::Flapping& one : body.flapping()) {
      changes_[one.subject()] = one.changes();
    }
  }
  // How often it has come to what it is now; `changed`: it was something else
  // when it was told last. 0 when there is nothing to tell.
  uint32_t Times(const std::string& subject, bool changed) const {
    const auto it = changes_.find(subject);
    const uint32_t counted = it == changes_.end() ? 0 : it->second;
    return changed ? std::max(1U, counted / 2 + counted % 2) : counted / 2;
  }

 private:
  std::map<std::string, uint32_t> changes_;
};

class Teller {
 public:
  Teller(ApplyContext& context, const statepb::ObserveCluster& body)
      : context_(context),
        before_(Before(context.state())),
        now_(body.observation()),
        changes_(body) {}

  void TellAll() {
    TellLeader();
    TellRoles();
    TellLost();
    TellFindings();
  }

 private:
  static Observation Before(const ClusterState& state) {
    const Observation* known = state.observations.Find(kObservationKey);
    return known == nullptr ? Observation() : *known;
  }

  std::string Name(const std::string& id) const {
    return NameOfMember(context_.state(), id);
  }
  std::string Resource(const std::string& id) const {
    return absl::StrCat("members/", Name(id));
  }

  void TellLeader() {
    if (before_.leader_id() == now_.leader_id() &&
        before_.term() == now_.term()) {
      return;
    }
    Arguments arguments = {{"member", Name(now_.leader_id())},
                           {"term", absl::StrCat(now_.term())}};
    if (!before_.leader_id().empty() &&
        before_.leader_id() != now_.leader_id()) {
      arguments.emplace_back("before", Name(before_.leader_id()));
    }
    context_.RecordRepeated("LEADER_CHANGED", Resource(now_.leader_id()),
                            arguments);
  }

  void TellRole(absl::string_view type, const std::string& id) {
    context_.RecordRepeated(type, Resource(id), {{"member", Name(id)}});
  }

  void TellRoles() {
    const std::set<std::string> voted = SetOf(before_.voters());
    const std::set<std::string> votes = SetOf(now_.voters());
    const std::set<std::string> stood_by = SetOf(before_.standbys());
    for (const std::string& id : now_.voters()) {
      if (voted.count(id) == 0) TellRole("MEMBER_PROMOTED", id);
    }
    for (const std::string& id : now_.standbys()) {
      if (voted.count(id) > 0) {
        TellRole("MEMBER_DEMOTED", id);
      } else if (stood_by.count(id) == 0) {
        TellRole("MEMBER_STANDS_BY", id);
      }
    }
  }

  void TellContact(const std::string& id, bool was_lost, bool is_lost) {
    const uint32_t times =
        changes_.Times(absl::StrCat("members/", id), was_lost != is_lost);
    if (times == 0) return;
    context_.RecordRepeated(is_lost ? "MEMBER_LOST" : "MEMBER_BACK",
                            Resource(id), {{"member", Name(id)}}, times);
  }

  void TellLost() {
    const std::set<std::string> was = SetOf(before_.lost());
    const std::set<std::string> is = SetOf(now_.lost());
    for (const auto& [id, member] : context_.state().members.records()) {
      TellContact(id, was.count(id) > 0, is.count(id) > 0);
    }
  }

  // Of those that came and of those that went, by reason and member.
  void TellFindings() {
    std::map<std::string, ObservedFinding> was;
    std::map<std::string, ObservedFinding> is;
    for (const auto& one : before_.findings()) was[SubjectOf(one)] = one;
    for (const auto& one : now_.findings()) is[SubjectOf(one)] = one;
    for (const auto& [subject, one] : was) {
      if (is.count(subject) == 0) TellFinding(subject, one, true, false);
    }
    for (const auto& [subject, one] : is) {
      TellFinding(subject, one, was.count(subject) > 0, true);
    }
  }

  static std::string SubjectOf(const ObservedFinding& finding) {
    return absl::StrCat("findings/", finding.reason(), "/", finding.member());
  }

  void TellFinding(const std::string& subject, const ObservedFinding& finding,
                   bool was, bool is) {
    const uint32_t times = changes_.Times(subject, was != is);
    if (times == 0) return;
    Arguments arguments = {{"reason", finding.reason()}};
    std::string resource = absl::StrCat("findings/", finding.reason());
    if (!finding.member().empty()) {
      arguments.emplace_back("member", finding.member());
      resource = absl::StrCat("members/", finding.member(), "/", resource);
    }
    context_.RecordRepeated(is ? "FINDING_RAISED" : "FINDING_CLEARED", resource,
                            arguments, times);
  }

  ApplyContext& context_;
  const Observation before_;
  const Observation& now_;
  const Changes changes_;
};

}  // namespace

Applied ApplyObserve(ApplyContext& context,
                     const statepb::ObserveCluster& body) {
  // Nobody else can know, and nobody else may say so.
  if (!context.passed_by().empty()) {
    return CommandMalformed("not-the-leader", "observation");
  }
  const Observation& seen = body.observation();
  RETURN_IF_ERROR(CheckObservation(seen));
  if (body.flapping_size() > kMaxFindings) {
    return CommandMalformed("too-many", "flapping");
  }
  ClusterState& state = context.state();
  const Observation* known = state.observations.Find(kObservationKey);
  if (known != nullptr && seen.term() < known->term()) {
    return CommandMalformed("out-of-date", "observation");
  }
  Teller(context, body).TellAll();
  if (known == nullptr || CanonicalBytes(*known) != CanonicalBytes(seen)) {
    state.observations.Put(kObservationKey, seen);
  }
  return statepb::Result();
}

}  // namespace microovn::agent
