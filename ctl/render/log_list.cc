// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/log_list.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/time/duration_proto.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

constexpr char kNothing[] = "-";
// Whoever answered within this is not silent.
constexpr absl::Duration kSilence = absl::Seconds(2);

// "0.85 ms", "12 ms", "1.5 s".
std::string Short(absl::Duration duration) {
  const double milliseconds = absl::ToDoubleMilliseconds(duration);
  if (milliseconds < 10) return absl::StrFormat("%.2f ms", milliseconds);
  if (milliseconds < 1000) return absl::StrFormat("%.0f ms", milliseconds);
  return absl::StrFormat("%.1f s", milliseconds / 1000);
}

const v1::LogReplica* LeaderOf(const v1::GetLogResponse& log) {
  for (const v1::LogReplica& replica : log.replicas()) {
    if (replica.member() == log.leader()) return &replica;
  }
  return nullptr;
}

const v1::LogPeer* PeerOf(const v1::LogReplica* leader,
                          const std::string& member) {
  if (leader == nullptr) return nullptr;
  for (const v1::LogPeer& peer : leader->peers()) {
    if (peer.member() == member) return &peer;
  }
  return nullptr;
}

// Entries that the member lacks, as its leader knows it.
std::string Behind(const v1::LogReplica* leader, const v1::LogPeer* peer) {
  if (peer == nullptr) return kNothing;
  const uint64_t last = leader->last_index();
  return absl::StrCat(last - std::min(last, peer->match_index()));
}

// Two members that applied as much must have come to the same.
bool Differs(const v1::LogReplica& replica, const v1::LogReplica* leader) {
  return leader != nullptr &&
         replica.applied_index() == leader->applied_index() &&
         replica.state_hash() != leader->state_hash();
}

std::string StateOf(const v1::LogReplica& replica, const v1::LogReplica* leader,
                    const v1::LogPeer* peer) {
  if (!replica.reachable()) return "unreachable";
  if (!replica.quarantine().empty()) return "quarantined";
  if (Differs(replica, leader)) return "differs";
  if (peer == nullptr) return leader == &replica ? "ok" : "no leader";
  if (peer->receiving_snapshot()) return "receives a snapshot";
  if (!peer->has_contact_age()) return "not heard from";
  const absl::Duration age = FromProto(peer->contact_age());
  return age < kSilence ? "ok" : absl::StrCat("silent for ", Short(age));
}

std::string Median(const v1::LatencyHistogram& histogram) {
  return histogram.count() == 0 ? kNothing
                                : Short(FromProto(histogram.median()));
}

std::string Percentile99(const v1::LatencyHistogram& histogram) {
  return histogram.count() == 0 ? kNothing
                                : Short(FromProto(histogram.percentile_99()));
}

std::vector<std::string> RowOf(const v1::LogReplica& replica,
                               const v1::LogReplica* leader) {
  const v1::LogPeer* peer = PeerOf(leader, replica.member());
  const std::string state = StateOf(replica, leader, peer);
  if (!replica.reachable()) {
    return {Printable(replica.member()), kNothing, kNothing, kNothing, kNothing,
            Behind(leader, peer),        kNothing, kNothing, state};
  }
  return {Printable(replica.member()),
          Printable(replica.role()),
          absl::StrCat(replica.term()),
          absl::StrCat(replica.commit_index()),
          absl::StrCat(replica.applied_index()),
          Behind(leader, peer),
          Median(replica.writes()),
          Percentile99(replica.writes()),
          state};
}

}  // namespace

Table LogTable(const v1::GetLogResponse& log) {
  std::vector<const v1::LogReplica*> sorted;
  for (const v1::LogReplica& replica : log.replicas()) {
    sorted.push_back(&replica);
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return NaturalLess(a->member(), b->member());
  });
  Table table{{"MEMBER", "ROLE", "TERM", "COMMITTED", "APPLIED", "BEHIND",
               "WRITE 50 %", "WRITE 99 %", "STATE"},
              {}};
  table.dispensable = {6, 7, 2, 3, 4};
  const v1::LogReplica* leader = LeaderOf(log);
  for (const v1::LogReplica* replica : sorted) {
    table.rows.push_back(RowOf(*replica, leader));
  }
  return table;
}

std::string LogSummary(const v1::GetLogResponse& log) {
  const v1::LogReplica* leader = LeaderOf(log);
  if (leader == nullptr) {
    return absl::StrCat("No member leads; the last term known is ", log.term(),
                        ".\n");
  }
  std::string text =
      absl::StrCat("Leader ", Printable(leader->member()), " in term ",
                   leader->term(), " (", Printable(leader->role_reason()), ")");
  if (leader->has_quorum_contact_age()) {
    absl::StrAppend(&text, ", a majority was heard from ",
                    Short(FromProto(leader->quorum_contact_age())), " ago");
  }
  text += ".\n";
  if (leader->commits().count() > 0) {
    absl::StrAppend(&text, "Changes are committed after ",
                    Median(leader->commits()), ", 99 % of them within ",
                    Percentile99(leader->commits()), ".\n");
  }
  return text;
}

}  // namespace microovn::ctl
