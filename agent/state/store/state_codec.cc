// SPDX-License-Identifier: Apache-2.0
#include "agent/state/store/state_codec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "agent/state/values/canonical.h"
#include "agent/state/values/member_view.h"
#include "agent/state/values/stamp.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"

namespace microovn::agent {
namespace {

constexpr char kFormat = 1;
constexpr uint64_t kMaxCount = uint64_t{1} << 62;

std::string KeyOf(const statepb::Cluster&) { return kClusterKey; }
std::string KeyOf(const statepb::Member& r) { return r.member_id(); }
std::string KeyOf(const statepb::Tombstone& r) { return r.member_id(); }
std::string KeyOf(const statepb::JoinToken& r) { return r.token_id(); }
std::string KeyOf(const statepb::Authority& r) {
  return AuthorityKey(r.plane());
}
std::string KeyOf(const statepb::IssuedCertificate& r) { return r.serial(); }
std::string KeyOf(const statepb::ConfigEntry& r) { return r.key(); }
std::string KeyOf(const statepb::Database& r) { return r.name(); }
std::string KeyOf(const statepb::MemberReport& r) { return r.member_id(); }
std::string KeyOf(const statepb::Operation& r) { return r.operation_id(); }
std::string KeyOf(const statepb::CompletedRequest& r) { return r.request_id(); }
std::string KeyOf(const statepb::FeatureLevel& r) { return r.name(); }
std::string KeyOf(const statepb::Event& r) { return EventKey(r.revision()); }
std::string KeyOf(const statepb::Observation&) { return kObservationKey; }
std::string KeyOf(const statepb::User& r) { return r.name(); }

// Calls visit(prefix, table) for each kind of record.
template <typename State, typename Visitor>
void ForEachTable(State& state, Visitor visit) {
  visit("", state.cluster_record);
  visit("member/", state.members);
  visit("tombstone/", state.tombstones);
  visit("token/", state.tokens);
  visit("authority/", state.authorities);
  visit("certificate/", state.certificates);
  visit("config/", state.configs);
  visit("database/", state.databases);
  visit("report/", state.reports);
  visit("operation/", state.operations);
  visit("request/", state.requests);
  visit("event/", state.events);
  visit("feature/", state.features);
  visit("observation/", state.observations);
  visit("user/", state.users);
}

template <typename T>
std::string Encode(const T& record) {
  std::string bytes(1, kFormat);
  AppendCanonicalBytes(record, &bytes);
  return bytes;
}

absl::Status Unreadable(absl::string_view key, absl::string_view why) {
  return MakeError(
      absl::StatusCode::kDataLoss,
      absl::StrCat("record \"", absl::CHexEscape(key.substr(0, 128)),
                   "\" of the replicated state ", why),
      {"STATE_UNREADABLE",
       "run the version of microovnd that wrote it, or remove "
       "this member and join it again",
       {}});
}

// Whether what others read of the record again can be read (member_view.h).
template <typename T>
bool IsReadable(const T&) {
  return true;
}
bool IsReadable(const statepb::Member& member) {
  return UnreadableField(member).empty();
}
bool IsReadable(const statepb::Tombstone& tombstone) {
  return tombstone.address().empty() || ParseHostPort(tombstone.address()).ok();
}

template <typename T>
absl::Status DecodeInto(const StateRecord& record, absl::string_view prefix,
                        Table<T>& table) {
  if (record.value.empty() || record.value[0] != kFormat) {
    return Unreadable(record.key, "has an unknown format");
  }
  T parsed;
  if (!parsed.ParseFromArray(record.value.data() + 1,
                             static_cast<int>(record.value.size() - 1))) {
    return Unreadable(record.key, "is damaged");
  }
  const absl::string_view key =
      absl::string_view(record.key).substr(prefix.size());
  if (KeyOf(parsed) != key) {
    return Unreadable(record.key, "is not the one its key names");
  }
  if (!IsReadable(parsed)) {
    return Unreadable(record.key, "has a name or an address that is none");
  }
  if (table.Find(key) != nullptr) {
    return Unreadable(record.key, "is there twice");
  }
  table.Put(key, parsed);
  return absl::OkStatus();
}

// Counters from a disk or a snapshot that are near their end would wrap; no
// cluster lives to see one there.
bool InRange(const statepb::Cluster& cluster) {
  return cluster.clock_seconds() >= 0 &&
         cluster.clock_seconds() <= kMaxSeconds &&
         cluster.revision() <= kMaxCount &&
         cluster.desired_revision() <= cluster.revision() &&
         cluster.forgotten_revision() <= cluster.revision() &&
         cluster.next_ordinal() <= kMaxCount && cluster.epoch() <= kMaxCount;
}

absl::string_view PrefixOf(absl::string_view key) {
  const size_t slash = key.find('/');
  return slash == absl::string_view::npos ? absl::string_view()
                                          : key.substr(0, slash + 1);
}

absl::Status DecodeRecord(const StateRecord& record, ClusterState& state) {
  const absl::string_view prefix = PrefixOf(record.key);
  absl::Status status = Unreadable(record.key, "is of an unknown kind");
  ForEachTable(state, [&](absl::string_view known, auto& table) {
    if (known == prefix) status = DecodeInto(record, prefix, table);
  });
  return status;
}

}  // namespace

std::vector<StateRecord> EncodeState(const ClusterState& state) {
  std::vector<StateRecord> records;
  ForEachTable(state, [&records](absl::string_view prefix, const auto& table) {
    for (const auto& [key, record] : table.records()) {
      records.push_back({absl::StrCat(prefix, key), Encode(*record)});
    }
  });
  return records;
}

absl::StatusOr<ClusterState> DecodeState(
    const std::vector<StateRecord>& records) {
  ClusterState state;
  for (const StateRecord& record : records) {
    RETURN_IF_ERROR(DecodeRecord(record, state));
  }
  if (!state.bootstrapped() && !records.empty()) {
    return Unreadable(kClusterKey, "is missing");
  }
  if (!InRange(state.cluster())) {
    return Unreadable(kClusterKey, "counts beyond its range");
  }
  ForEachTable(state,
               [](absl::string_view, auto& table) { table.TakeTouched(); });
  return state;
}

std::vector<StateMutation> TakeMutations(ClusterState& state) {
  std::vector<StateMutation> mutations;
  ForEachTable(state, [&mutations](absl::string_view prefix, auto& table) {
    for (const std::string& key : table.TakeTouched()) {
      const auto* record = table.Find(key);
      StateMutation mutation{absl::StrCat(prefix, key), std::nullopt};
      if (record != nullptr) mutation.value = Encode(*record);
      mutations.push_back(std::move(mutation));
    }
  });
  return mutations;
}

}  // namespace microovn::agent
