// SPDX-License-Identifier: Apache-2.0
#include "agent/offline/recovery_plan.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

using internal::node::v1::Recovery;

constexpr size_t kMaxStatementBytes = 512;

void Row(absl::string_view name, absl::string_view value, std::string& text) {
  absl::StrAppendFormat(&text, "%-12s %s\n", name, value);
}

std::string Members(const StoppedNodeFacts& facts) {
  return absl::StrCat(
      "voters: ",
      facts.voters.empty() ? "none" : absl::StrJoin(facts.voters, ", "),
      facts.learners.empty()
          ? ""
          : absl::StrCat("; others: ", absl::StrJoin(facts.learners, ", ")));
}

// Whether other voters could still bring this node past what it lost.
bool IsOnlyVoter(const StoppedNodeFacts& facts) {
  return facts.votes && facts.voters.size() == 1;
}

// One line that can be printed anywhere: the record is shown on terminals.
bool IsPlain(absl::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

// What is to be done with a sound member.
std::string WithoutTheOthers(const StoppedNodeFacts& facts) {
  if (!facts.votes || IsOnlyVoter(facts)) {
    return "There is nothing to recover here.\n";
  }
  return absl::StrCat(
      "There is nothing to recover here while most of the voters can be "
      "started: do that.\nIf they are gone for good, decide this on one "
      "member, "
      "the one whose log ends last\n(the greatest term, then the greatest "
      "index), and start the others' agents after it:\n\n"
      "  microovnd --recover --become-only-voter --member=",
      facts.name, " --accept-loss=TEXT\n");
}

absl::Status NotConfirmed(const StoppedNodeFacts& facts,
                          const RecoveryRequest& request) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      request.member.empty()
          ? absl::StrCat("this is ", facts.name, "; nothing was changed")
          : absl::StrCat("this is ", facts.name, ", not ",
                         Shown(request.member, 80), "; nothing was changed"),
      {"RECOVERY_NOT_CONFIRMED",
       absl::StrCat("if it is the one, add --member=", facts.name)});
}

std::string LossBy(const StoppedNodeFacts& facts,
                   const RecoveryRequest& request) {
  return request.become_only_voter
             ? absl::StrCat("what other members have after entry ",
                            facts.end.index.value(), " is lost")
             : DescribeLoss(facts.loss);
}

absl::Status NotAccepted(const StoppedNodeFacts& facts,
                         const RecoveryRequest& request,
                         absl::string_view why) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat(why, "; ", LossBy(facts, request), "; nothing was changed"),
      {"LOSS_NOT_ACCEPTED",
       "say in words that will be recorded what is known of it: "
       "--accept-loss=TEXT"});
}

absl::Status CheckQuarantined(const StoppedNodeFacts& facts) {
  if (facts.quarantine.has_value()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat(facts.name,
                   " has all that it ever acknowledged; nothing was changed"),
      {"NOT_IN_QUARANTINE", "start its agent"});
}

absl::Status CheckOnlyVoter(const StoppedNodeFacts& facts) {
  if (facts.quarantine.has_value()) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat(facts.name,
                     "'s disk lost acknowledged writes; nothing was changed"),
        {"LOG_QUARANTINED",
         "decide on a member that is sound, or end the quarantine here first: "
         "--end-quarantine"});
  }
  if (!facts.votes) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat(facts.name, " does not vote; nothing was changed"),
        {"MEMBER_NOT_VOTER",
         "decide on a member that votes; only if none is left, let a new "
         "cluster begin"});
  }
  if (IsOnlyVoter(facts)) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat(facts.name,
                     " is the only voter already; nothing was changed"),
        {"ONLY_VOTER_ALREADY", "start its agent"});
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view ActionName(Recovery::Action action) {
  switch (action) {
    case Recovery::ACTION_END_QUARANTINE:
      return "end-quarantine";
    case Recovery::ACTION_BECOME_ONLY_VOTER:
      return "become-only-voter";
    default:
      return "unknown";
  }
}

std::string DescribeLoss(const raft::PossibleLoss& loss) {
  if (loss.none()) return "no entry may be lost, at most a vote";
  return absl::StrCat("entries ", loss.first.value(), " to ", loss.last.value(),
                      " may be lost");
}

std::string DescribeNode(const StoppedNodeFacts& facts) {
  std::string text;
  Row("Member", absl::StrCat(facts.name, " at ", facts.address), text);
  Row("Id", facts.member_id, text);
  Row("Cluster", facts.cluster_id, text);
  Row("Members", Members(facts), text);
  Row("Term", absl::StrCat(facts.term.value()), text);
  Row("Log",
      absl::StrCat("ends at index ", facts.end.index.value(), " of term ",
                   facts.end.term.value(), "; applied up to ",
                   facts.applied.value(), "; compacted up to ",
                   facts.base.value()),
      text);
  if (!facts.quarantine.has_value()) {
    Row("Quarantine", "none: it has all that it ever acknowledged", text);
    absl::StrAppend(&text, "\n", WithoutTheOthers(facts));
    return text;
  }
  Row("Quarantine",
      absl::StrCat("its disk lost acknowledged writes up to index ",
                   facts.quarantine->last.index.value(), " in term ",
                   facts.quarantine->term.value()),
      text);
  Row("Loss", DescribeLoss(facts.loss), text);
  absl::StrAppend(
      &text, "\n",
      IsOnlyVoter(facts)
          ? "No other member votes: only a decision here ends it."
          : "While other voters are a majority without this node, start its "
            "agent and\nwait: they bring back what it lost. If they are none, "
            "decide this on the member\nwhose log ends last, then look whether "
            "there is a leader before the next one:",
      "\n\n  microovnd --recover --end-quarantine --member=", facts.name,
      " --accept-loss=TEXT\n");
  return text;
}

absl::StatusOr<Recovery> PlanRecovery(const StoppedNodeFacts& facts,
                                      const RecoveryRequest& request) {
  if (request.member != facts.name) return NotConfirmed(facts, request);
  RETURN_IF_ERROR(request.become_only_voter ? CheckOnlyVoter(facts)
                                            : CheckQuarantined(facts));
  if (request.accept_loss.empty()) {
    return NotAccepted(facts, request, "nobody has accepted what may be lost");
  }
  if (request.accept_loss.size() > kMaxStatementBytes ||
      !IsPlain(request.accept_loss)) {
    return NotAccepted(
        facts, request,
        absl::StrCat("the statement is not one line of at most ",
                     kMaxStatementBytes, " printable ASCII characters"));
  }
  Recovery recovery;
  recovery.set_recovery_id(request.recovery_id);
  recovery.set_time_seconds(request.time_seconds);
  recovery.set_by(request.by);
  recovery.set_statement(request.accept_loss);
  if (request.become_only_voter) {
    recovery.set_action(Recovery::ACTION_BECOME_ONLY_VOTER);
    recovery.set_first_index(facts.end.index.value() + 1);
    recovery.set_last_index(facts.end.index.value());
    return recovery;
  }
  recovery.set_action(Recovery::ACTION_END_QUARANTINE);
  recovery.set_first_index(facts.loss.first.value());
  recovery.set_last_index(facts.loss.last.value());
  recovery.set_lost_term(facts.quarantine->term.value());
  recovery.set_lost_last_index(facts.quarantine->last.index.value());
  recovery.set_lost_last_term(facts.quarantine->last.term.value());
  return recovery;
}

}  // namespace microovn::agent
