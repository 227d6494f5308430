// SPDX-License-Identifier: Apache-2.0
#include "agent/health/log_replica.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/time/duration_proto.h"
#include "raft/node/flight/node_words.h"
#include "raft/node/metrics/histogram.h"

namespace microovn::agent {
namespace {

void Fill(const raft::Histogram& histogram, v1::LatencyHistogram* to) {
  to->set_count(histogram.count());
  *to->mutable_sum() = ToProto(histogram.sum());
  *to->mutable_longest() = ToProto(histogram.longest());
  *to->mutable_median() = ToProto(histogram.Quantile(0.5));
  *to->mutable_percentile_99() = ToProto(histogram.Quantile(0.99));
  for (size_t i = 0; i < raft::Histogram::kBuckets; ++i) {
    if (histogram.buckets()[i] == 0) continue;
    v1::LatencyBucket* bucket = to->add_buckets();
    const absl::Duration bound = raft::Histogram::Bound(i);
    if (bound != absl::InfiniteDuration()) {
      *bucket->mutable_bound() = ToProto(bound);
    }
    bucket->set_count(histogram.buckets()[i]);
  }
}

v1::LogPeer DescribePeer(const raft::PeerProgress& peer) {
  v1::LogPeer described;
  described.set_member(peer.member.ToHex());
  described.set_voter(peer.voter);
  described.set_match_index(peer.match.value());
  if (peer.last_contact_ago.has_value()) {
    *described.mutable_contact_age() = ToProto(*peer.last_contact_ago);
  }
  described.set_inflight_bytes(peer.inflight_bytes);
  described.set_receiving_snapshot(peer.state ==
                                   raft::PeerProgress::State::kSnapshot);
  described.set_snapshot_bytes(peer.snapshot_offset);
  described.set_quarantined(peer.quarantined);
  return described;
}

void FillMetrics(const raft::NodeMetrics& metrics, v1::LogReplica* to) {
  Fill(metrics.sync, to->mutable_writes());
  Fill(metrics.commit, to->mutable_commits());
  Fill(metrics.apply, to->mutable_applies());
  to->set_elections(metrics.elections);
  for (const auto& [reason, count] : metrics.role_changes) {
    v1::ReasonCount* row = to->add_role_changes();
    row->set_reason(raft::NameOf(reason));
    row->set_count(count);
  }
  for (const auto& [reason, count] : metrics.rejected) {
    v1::ReasonCount* row = to->add_rejected_messages();
    row->set_reason(raft::NameOf(reason));
    row->set_count(count);
  }
  to->set_waiting_writes(metrics.batches_to_write);
  to->set_sent_snapshots(metrics.snapshots_sent);
  to->set_received_snapshots(metrics.snapshots_received);
  if (metrics.quorum_contact_ago.has_value()) {
    *to->mutable_quorum_contact_age() = ToProto(*metrics.quorum_contact_ago);
  }
}

}  // namespace

v1::LogReplica DescribeReplica(const raft::NodeStatus& status) {
  v1::LogReplica replica;
  replica.set_member(status.self.ToHex());
  replica.set_reachable(true);
  replica.set_role(raft::NameOf(status.role));
  replica.set_term(status.term.value());
  if (status.leader.has_value()) replica.set_leader(status.leader->ToHex());
  replica.set_last_index(status.last_log.value());
  replica.set_last_term(status.last_term.value());
  replica.set_commit_index(status.commit.value());
  replica.set_applied_index(status.applied.value());
  replica.set_snapshot_index(status.snapshot.value());
  replica.set_state_hash(status.running_hash);
  replica.set_role_reason(raft::NameOf(status.last_role_change));
  if (status.quarantine.has_value()) {
    replica.set_quarantine(raft::WordsOf(*status.quarantine));
  }
  for (const raft::PeerProgress& peer : status.peers) {
    *replica.add_peers() = DescribePeer(peer);
  }
  FillMetrics(status.metrics, &replica);
  replica.set_disk_free_bytes(status.space.space.free);
  return replica;
}

std::optional<v1::Finding> QuarantineFinding(const raft::NodeStatus& status) {
  if (!status.quarantine.has_value()) return std::nullopt;
  v1::Finding finding;
  finding.set_reason("LOG_QUARANTINED");
  finding.set_severity(v1::SEVERITY_WARNING);
  finding.set_message(raft::WordsOf(*status.quarantine));
  finding.set_remedy(
      "wait until it has caught up; if it happens again, look at the disk");
  return finding;
}

std::optional<v1::Finding> QuorumQuarantineFinding(const ClusterFacts& facts) {
  // Who leads can bring the others back.
  if (!facts.leader_id.empty()) return std::nullopt;
  // By the end of the log, for the one whose log is longest is the one to ask.
  std::map<std::pair<uint64_t, std::string>, std::string> quarantined;
  for (const std::string& voter : facts.voters) {
    const auto answer = facts.answers.find(voter);
    if (answer == facts.answers.end() || !answer->second.ok()) continue;
    const v1::LogReplica& log = answer->second->log();
    if (log.quarantine().empty()) continue;
    const statepb::Member* member = facts.state->members.Find(voter);
    quarantined.emplace(std::make_pair(log.last_index(), voter),
                        member == nullptr ? voter : member->name());
  }
  const size_t needed = facts.voters.size() / 2 + 1;
  if (quarantined.empty() ||
      facts.voters.size() - quarantined.size() >= needed) {
    return std::nullopt;
  }
  const std::string& longest = quarantined.rbegin()->second;
  v1::Finding finding;
  finding.set_reason("QUORUM_QUARANTINED");
  finding.set_severity(v1::SEVERITY_CRITICAL);
  finding.set_message(absl::StrCat(
      quarantined.size(), " of ", facts.voters.size(),
      " voters have lost acknowledged writes and do not vote; without a "
      "decision there will be no leader"));
  finding.set_remedy(absl::StrCat("on ", longest,
                                  ", stop the agent and run: microovnd "
                                  "--recover"));
  finding.set_member(longest);
  return finding;
}

}  // namespace microovn::agent
