// SPDX-License-Identifier: Apache-2.0
// How enums, names and times are worded in text. Pure.
#ifndef MICROOVN_CTL_RENDER_WORDS_H_
#define MICROOVN_CTL_RENDER_WORDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/text/text.h"
#include "google/protobuf/timestamp.pb.h"
#include "microovn/v1/cluster.pb.h"
#include "microovn/v1/plan.pb.h"

namespace microovn::ctl {

// "central"
std::string ServiceWord(v1::Service service);
// INVALID_ARGUMENT, worded as `init` words it, for an unknown one.
absl::StatusOr<v1::Service> ParseService(absl::string_view word);

// MicroOVN's words, which scripts compare: "ONLINE", "voter".
std::string StatusWord(v1::Member::Status status);
std::string RoleWord(v1::Member::Role role);

// "node1" of "members/node1".
std::string LastSegment(absl::string_view resource);
// The member's, as it can be shown.
std::string NameOf(const v1::Member& member);
// Of the services that the member should run, sorted.
std::vector<std::string> ServiceWords(const v1::Member& member);

// "10.0.0.1" of "10.0.0.1:6686", "fd00::1" of "[fd00::1]:6686".
std::string HostOf(absl::string_view address);

absl::Time ToTime(const google::protobuf::Timestamp& timestamp);

// RFC 3339 in UTC, nanoseconds when there are any.
std::string Rfc3339(absl::Time time);

// "now", "45 s ago", "6 m ago", "3 h ago", "12 d ago".
std::string Ago(absl::Time time, absl::Time now);

// "done", "running" ...
std::string StepWord(v1::Step::State state);

// What others wrote (names, messages), shown: an answer cannot drive the
// terminal.
inline std::string Printable(absl::string_view text) { return Shown(text); }

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_WORDS_H_
