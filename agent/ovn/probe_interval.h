// SPDX-License-Identifier: Apache-2.0
// How long a connection of OVN's is silent before one end asks whether the
// other is there: the setting ovn.probe-interval, brought to where OVN reads
// it.
//
// OVN has a place for each daemon, and people set them by hand. A value that
// came from the setting is marked beside it, so that it goes when the setting
// is deleted, after a restart of the agent, too, and one of somebody's own
// stays. Intervals are milliseconds as text: "0" asks never, and an empty one
// is none that is set.
//
// Pure, thread-safe.
#ifndef MICROOVN_AGENT_OVN_PROBE_INTERVAL_H_
#define MICROOVN_AGENT_OVN_PROBE_INTERVAL_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// The key of the mark in external_ids. Its value is what was set.
inline constexpr char kProbeMark[] = "microovn-probe-interval";

// ovn-controller reads the external_ids of the switch's database: adds to
// `wanted` what `interval` asks for, by what is there; an empty value is a key
// that must not be there.
void AddProbeInterval(absl::string_view interval,
                      const std::map<std::string, std::string>& observed,
                      std::map<std::string, std::string>* wanted);

// What one of OVN's central databases has of it.
struct DatabaseProbes {
  struct Place {
    std::string interval;
    std::string mark;
  };
  // The row by which its servers listen; nothing when there is none.
  std::optional<Place> listener;
  // What ovn-northd reads, in the northbound database.
  std::optional<Place> northd;
};

// The transaction that asks for it.
std::string ProbesQuestion(absl::string_view schema,
                           absl::string_view listener);
absl::StatusOr<DatabaseProbes> ParseProbes(absl::string_view json);

// The words of one call of ovn-nbctl or ovn-sbctl that makes it so; empty when
// nothing differs.
std::vector<std::string> PlanProbes(absl::string_view interval,
                                    absl::string_view listener,
                                    const DatabaseProbes& observed);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_PROBE_INTERVAL_H_
