// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/probe_interval.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/ovn/json_fields.h"
#include "agent/ovn/ovsdb_rows.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

using Place = DatabaseProbes::Place;
using Words = std::vector<std::string>;

constexpr char kRemoteProbe[] = "ovn-remote-probe-interval";
constexpr char kOpenFlowProbe[] = "ovn-openflow-probe-interval";
constexpr char kNorthdProbe[] = "northd_probe_interval";
constexpr char kListenerProbe[] = "inactivity_probe";
constexpr int64_t kLeastOpenFlowSeconds = 5;

// ovn-controller reads this one in seconds, and takes less for five.
std::string OpenFlowSeconds(const std::string& milliseconds) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(milliseconds, &value)) return "";
  if (value == 0) return "0";
  return absl::StrCat(std::max(kLeastOpenFlowSeconds, (value + 999) / 1000));
}

std::string ValueOf(const std::map<std::string, std::string>& map,
                    const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

void Append(const Words& call, Words* words) {
  if (call.empty()) return;
  if (!words->empty()) words->push_back("--");
  words->insert(words->end(), call.begin(), call.end());
}

// A record with its column for the interval, which is a key of a map or not.
struct Target {
  std::string table;
  std::string record;
  std::string column;
  std::string key;
};

Words SetWords(const Target& target, const std::string& interval) {
  const std::string path = target.key.empty()
                               ? target.column
                               : absl::StrCat(target.column, ":", target.key);
  return {"set", target.table, target.record, absl::StrCat(path, "=", interval),
          absl::StrCat("external_ids:", kProbeMark, "=", interval)};
}

Words TakeAwayWords(const Target& target, bool ours) {
  Words words;
  if (ours && target.key.empty()) {
    Append({"clear", target.table, target.record, target.column}, &words);
  } else if (ours) {
    Append({"remove", target.table, target.record, target.column, target.key},
           &words);
  }
  Append({"remove", target.table, target.record, "external_ids", kProbeMark},
         &words);
  return words;
}

Words PlanPlace(const std::string& interval, const Target& target,
                const Place& observed) {
  if (!interval.empty()) {
    const bool there =
        observed.interval == interval && observed.mark == interval;
    return there ? Words() : SetWords(target, interval);
  }
  if (observed.mark.empty()) return {};
  // Somebody has set another one meanwhile: that is theirs.
  return TakeAwayWords(target, observed.interval == observed.mark);
}

}  // namespace

void AddProbeInterval(absl::string_view interval,
                      const std::map<std::string, std::string>& observed,
                      std::map<std::string, std::string>* wanted) {
  const std::string mark = ValueOf(observed, kProbeMark);
  const std::string value = interval.empty() ? mark : std::string(interval);
  if (value.empty()) return;
  const std::map<std::string, std::string> ours = {
      {kRemoteProbe, value}, {kOpenFlowProbe, OpenFlowSeconds(value)}};
  for (const auto& [key, number] : ours) {
    if (!interval.empty()) {
      (*wanted)[key] = number;
    } else if (ValueOf(observed, key) == number) {
      (*wanted)[key] = "";
    }
  }
  (*wanted)[kProbeMark] = std::string(interval);
}

std::string ProbesQuestion(absl::string_view schema,
                           absl::string_view listener) {
  std::string question = absl::StrCat(
      "[", InQuotes(schema),
      R"(,{"op":"select","table":"Connection","where":[["target","==",)",
      InQuotes(listener),
      R"(]],"columns":["inactivity_probe","external_ids"]})");
  if (schema == "OVN_Northbound") {
    absl::StrAppend(&question,
                    R"(,{"op":"select","table":"NB_Global","where":[],)",
                    R"("columns":["options","external_ids"]})");
  }
  return question + "]";
}

absl::StatusOr<DatabaseProbes> ParseProbes(absl::string_view json) {
  ASSIGN_OR_RETURN(const nlohmann::json results,
                   ParseJson(json, "the database's answer"));
  DatabaseProbes probes;
  ASSIGN_OR_RETURN(const nlohmann::json listeners, RowsOf(results, 0));
  if (!listeners.empty()) {
    const nlohmann::json& row = listeners.front();
    ASSIGN_OR_RETURN(const auto ids, MapColumn(row, "external_ids"));
    const nlohmann::json probe = SetColumn(row, kListenerProbe);
    Place& place = probes.listener.emplace();
    place.mark = ValueOf(ids, kProbeMark);
    if (!probe.empty() && probe.front().is_number_integer()) {
      place.interval = absl::StrCat(probe.front().get<int64_t>());
    }
  }
  if (results.size() < 2) return probes;
  ASSIGN_OR_RETURN(const nlohmann::json globals, RowsOf(results, 1));
  if (!globals.empty()) {
    const nlohmann::json& row = globals.front();
    ASSIGN_OR_RETURN(const auto ids, MapColumn(row, "external_ids"));
    ASSIGN_OR_RETURN(const auto options, MapColumn(row, "options"));
    probes.northd =
        Place{ValueOf(options, kNorthdProbe), ValueOf(ids, kProbeMark)};
  }
  return probes;
}

std::vector<std::string> PlanProbes(absl::string_view interval,
                                    absl::string_view listener,
                                    const DatabaseProbes& observed) {
  const std::string wanted(interval);
  Words words;
  if (observed.listener.has_value()) {
    const Target row = {"Connection", std::string(listener), kListenerProbe,
                        ""};
    Append(PlanPlace(wanted, row, *observed.listener), &words);
  }
  if (observed.northd.has_value()) {
    const Target row = {"NB_Global", ".", "options", kNorthdProbe};
    Append(PlanPlace(wanted, row, *observed.northd), &words);
  }
  return words;
}

}  // namespace microovn::agent
