// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/upgrade_slot.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/config_change.h"
#include "ctl/commands/format.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/departure.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

constexpr char kSlot[] = "cluster.upgrade-slot";

// The member that is asked.
absl::StatusOr<std::string> Self(Session& session) {
  ASSIGN_OR_RETURN(const v1::GetClusterResponse cluster,
                   session.Call(kGetCluster, v1::GetClusterRequest()));
  return cluster.member();
}

// A cluster whose members do not all know of the slot has none.
bool HasNoSlot(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "FEATURE_NOT_SUPPORTED" || reason == "CONFIG_KEY_UNKNOWN";
}

absl::StatusOr<int> NotYet(Session& session, const std::string& why) {
  session.err() << "Error: not yet: " << why << "\n";
  return kExitDegraded;
}

// As it was read: of two members that both saw it free one gets it.
absl::StatusOr<int> Take(Session& session, const std::string& self,
                         const std::string& etag) {
  v1::UpdateConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_config()->mutable_name(),
                   ConfigName(kSlot));
  request.mutable_config()->set_key(kSlot);
  request.mutable_config()->set_value(self);
  request.mutable_config()->set_etag(etag);
  request.set_validate_only(FLAGS_dry_run);
  const auto response = session.Change(kUpdateConfig, request);
  const absl::Status& taken = response.status();
  if (HasNoSlot(taken)) {
    session.err() << "Warning: not all members know of the upgrade slot: see "
                     "that no other one is upgraded meanwhile\n";
    return kExitDone;
  }
  if (ReasonOf(taken) == "CONFIG_CHANGED") {
    return NotYet(session,
                  "another member has just taken the upgrade slot: see "
                  "\"microovn upgrade status\"");
  }
  RETURN_IF_ERROR(taken);
  if (FLAGS_dry_run) {
    PrintPlan(session, response->plan());
    return kExitDone;
  }
  PrintText(session, absl::StrCat(Printable(self),
                                  " has the upgrade slot, until \"microovn "
                                  "upgrade end\"\n"));
  return kExitDone;
}

absl::StatusOr<int> Begin(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const v1::GetStatusResponse response,
                   session.Call(kGetStatus, v1::GetStatusRequest()));
  ASSIGN_OR_RETURN(const std::string self, Self(session));
  ASSIGN_OR_RETURN(const v1::Config slot, UpgradeSlot(session));
  const Departure departure =
      PlanDeparture(response.status(), self, slot.value());
  for (const std::string& warning : departure.warnings) {
    session.err() << "Warning: " << warning << "\n";
  }
  if (!departure.obstacles.empty()) {
    return NotYet(session, absl::StrJoin(departure.obstacles, "; "));
  }
  if (departure.needs_slot) return Take(session, self, slot.etag());
  PrintText(session, absl::StrCat(Printable(self),
                                  " may go: it neither votes nor has a "
                                  "database server\n"));
  return kExitDone;
}

absl::StatusOr<int> End(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const v1::Config slot, UpgradeSlot(session));
  ASSIGN_OR_RETURN(const std::string self, Self(session));
  if (slot.value() != self) {
    PrintText(session, absl::StrCat(Printable(self),
                                    " does not have the upgrade slot\n"));
    return kExitDone;
  }
  v1::DeleteConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ConfigName(kSlot));
  request.set_etag(slot.etag());
  request.set_validate_only(FLAGS_dry_run);
  const auto response = session.Change(kDeleteConfig, request);
  // Otherwise somebody else has it by now.
  if (ReasonOf(response.status()) != "CONFIG_CHANGED") {
    RETURN_IF_ERROR(response.status());
  }
  if (FLAGS_dry_run && response.ok()) {
    PrintPlan(session, response->plan());
    return kExitDone;
  }
  PrintText(session, "The upgrade slot is free\n");
  return kExitDone;
}

}  // namespace

absl::StatusOr<v1::Config> UpgradeSlot(Session& session) {
  v1::GetConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ConfigName(kSlot));
  const auto response = session.Call(kGetConfig, request);
  if (HasNoSlot(response.status())) return v1::Config();
  RETURN_IF_ERROR(response.status());
  return response->config();
}

Command UpgradeBeginCommand() {
  Command begin;
  begin.name = "begin";
  begin.summary = "Ask whether this member may be away, and take the slot";
  begin.details =
      "Of the members that vote or have a database server one at a time has\n"
      "the cluster's upgrade slot. It is refused while another one has it, "
      "and\n"
      "where the log or a database would lose the majority that it has left:\n"
      "the reason goes to stderr, and the exit code is 10 then. The snap asks\n"
      "before each refresh.";
  begin.flags = {DryRunFlag()};
  begin.run = Begin;
  return begin;
}

Command UpgradeEndCommand() {
  Command end;
  end.name = "end";
  end.summary = "Give the slot back";
  end.details =
      "When this member is back and well. The snap does it after a refresh; a\n"
      "refresh that failed keeps the slot until somebody has looked.";
  end.flags = {DryRunFlag()};
  end.run = End;
  return end;
}

}  // namespace microovn::ctl
