// SPDX-License-Identifier: Apache-2.0
#include "agent/history/finding_memory.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/string_view.h"

namespace microovn::agent {
namespace {

constexpr absl::string_view kToldOtherwise[] = {
    "MEMBER_REMOVED", "MEMBER_UNREACHABLE", "NO_LEADER", "NO_QUORUM"};

bool BecomesEvent(const v1::Finding& finding) {
  if (finding.severity() != v1::SEVERITY_WARNING &&
      finding.severity() != v1::SEVERITY_CRITICAL) {
    return false;
  }
  return std::find(std::begin(kToldOtherwise), std::end(kToldOtherwise),
                   finding.reason()) == std::end(kToldOtherwise);
}

}  // namespace

FindingKeys EventFindings(const v1::ClusterStatus& status) {
  FindingKeys keys;
  for (const v1::Finding& finding : status.findings()) {
    if (BecomesEvent(finding)) keys.emplace(finding.reason(), finding.member());
  }
  return keys;
}

FindingMemory::FindingMemory(const internal::state::v1::Observation& told) {
  for (const auto& finding : told.findings()) {
    raised_.emplace(finding.reason(), finding.member());
  }
}

void FindingMemory::See(const FindingKeys& present, absl::Duration now) {
  FindingKeys changing;
  std::set_symmetric_difference(present.begin(), present.end(), raised_.begin(),
                                raised_.end(),
                                std::inserter(changing, changing.end()));
  for (auto it = turning_.begin(); it != turning_.end();) {
    it = changing.count(it->first) > 0 ? std::next(it) : turning_.erase(it);
  }
  for (const FindingKey& key : changing) {
    const auto since = turning_.emplace(key, now).first;
    const bool there = present.count(key) > 0;
    if (now - since->second < (there ? kRaisedAfter : kClearedAfter)) continue;
    if (there) {
      raised_.insert(key);
    } else {
      raised_.erase(key);
    }
    turning_.erase(since);
  }
}

}  // namespace microovn::agent
