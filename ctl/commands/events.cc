// SPDX-License-Identifier: Apache-2.0
// microovn events.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "base/status/status_macros.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/message.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

DEFINE_bool(follow, false, "Go on with events to come.");
DEFINE_uint64(after, 0, "Only events after this revision.");
DEFINE_string(event_type, "", "Only events of these types, with commas.");
DEFINE_string(event_resource, "",
              "Only events of this member or resource, and of what is below "
              "it.");
DEFINE_string(since, "",
              "Only events since then: 30m, 2h, or a time such as "
              "2026-11-29T10:00:00Z.");

namespace microovn::ctl {
namespace {

// "root on node1, passed on by node3"; empty for nobody.
std::string AskerText(const v1::Asker& asker) {
  std::string who = !asker.user().empty()        ? Printable(asker.user())
                    : !asker.operator_().empty() ? Printable(asker.operator_())
                                                 : "the agent";
  if (!asker.member().empty()) {
    absl::StrAppend(&who, " on ", Printable(asker.member()));
  }
  if (!asker.via().empty()) {
    absl::StrAppend(&who, ", passed on by ", Printable(asker.via()));
  }
  return who;
}

// What happened, who asked, and how often.
std::string Told(const v1::Event& event) {
  std::string text = Printable(event.message());
  if (event.has_asker()) {
    absl::StrAppend(&text, " (by ", AskerText(event.asker()), ")");
  }
  if (event.count() > 1) {
    absl::StrAppend(&text, " (", event.count(), " times since ",
                    Rfc3339(ToTime(event.first_time())), ")");
  }
  return text;
}

// One event, in a form that can follow others.
absl::StatusOr<std::string> EventText(Session& session, const v1::Event& event,
                                      const std::string& format) {
  if (format == "json") {
    ASSIGN_OR_RETURN(const std::string line, MessageJsonLine(event));
    return line + "\n";
  }
  if (format == "yaml") {
    ASSIGN_OR_RETURN(const std::string document, MessageYaml(event));
    return "---\n" + document;
  }
  return FoldLines(
      absl::StrCat(Rfc3339(ToTime(event.time())), "  ", event.revision(), "  ",
                   Printable(event.type()), "  ", Printable(event.resource()),
                   "  ", Told(event), "\n"),
      4, LookOf(session).width);
}

// "30m" before `now`, or a time.
absl::StatusOr<absl::Time> SinceWhen(const std::string& text, absl::Time now) {
  absl::Duration ago;
  if (absl::ParseDuration(text, &ago) && ago >= absl::ZeroDuration()) {
    return now - ago;
  }
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return time;
  return UsageError(
      "--since takes a time that has passed, such as 30m or 2h, or a date such "
      "as 2026-11-29T10:00:00Z");
}

absl::StatusOr<v1::WatchEventsRequest> Asked(Session& session) {
  v1::WatchEventsRequest request;
  request.set_after_revision(FLAGS_after);
  request.set_follow(FLAGS_follow);
  for (const absl::string_view type :
       absl::StrSplit(FLAGS_event_type, ',', absl::SkipWhitespace())) {
    request.add_types(absl::AsciiStrToUpper(absl::StripAsciiWhitespace(type)));
  }
  if (!FLAGS_event_resource.empty()) {
    request.set_resource(absl::StrContains(FLAGS_event_resource, "/")
                             ? FLAGS_event_resource
                             : absl::StrCat("members/", FLAGS_event_resource));
  }
  if (!FLAGS_since.empty()) {
    ASSIGN_OR_RETURN(const absl::Time since,
                     SinceWhen(FLAGS_since, session.clock().Now()));
    request.mutable_since()->set_seconds(absl::ToUnixSeconds(since));
  }
  return request;
}

absl::StatusOr<int> Events(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const v1::WatchEventsRequest request, Asked(session));
  const std::string format = ChosenFormat(session, MachineFormats());
  absl::Status failure;
  const std::function<bool(const v1::WatchEventsResponse&)> print =
      [&](const v1::WatchEventsResponse& response) {
        const auto text = EventText(session, response.event(), format);
        failure = text.status();
        if (!text.ok()) return false;
        session.out() << *text << std::flush;
        // Whoever reads no more wants no more.
        return !session.Interrupted() && session.out().good();
      };
  ASSIGN_OR_RETURN(Api* const api, session.Agent());
  RETURN_IF_ERROR(api->Stream(
      kWatchEvents, request,
      FLAGS_follow ? absl::InfiniteDuration() : kReadDeadline, print));
  RETURN_IF_ERROR(failure);
  return kExitDone;
}

}  // namespace

Command EventsCommand() {
  Command command;
  command.name = "events";
  command.summary = "Print what happened to the cluster";
  command.flags = Join({{"follow", "follow", 0, "", {}},
                        {"after", "after", 0, "REVISION", {}},
                        {"since", "since", 0, "TIME", {}, {"10m", "1h", "24h"}},
                        {"type", "event_type", 0, "TYPE,...", {}},
                        {"resource", "event_resource", 0, "NAME", {}}},
                       FormatFlags(MachineFormats()));
  command.details =
      "The same from every member: when, the revision, what kind, about what, "
      "in words, and who asked. What happens again and again is one event with "
      "a count. The last 1,000 are kept.";
  command.run = Events;
  return command;
}

}  // namespace microovn::ctl
