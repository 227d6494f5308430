// SPDX-License-Identifier: Apache-2.0
#include "agent/server/command_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"

namespace microovn::agent {
namespace {

using internal::state::v1::Command;

absl::Status Refused(absl::string_view why, absl::string_view reason) {
  return MakeError(absl::StatusCode::kPermissionDenied, why,
                   {std::string(reason), ""});
}

const CommandRule* RuleOf(const Command& command) {
  const std::vector<CommandRule>& rules = CommandRules();
  const auto rule = std::find_if(
      rules.begin(), rules.end(),
      [&command](const auto& r) { return r.kind == command.body_case(); });
  return rule == rules.end() ? nullptr : &*rule;
}

// A certificate is recorded by who has issued it. Without one a member's
// command can only drop keys of its own, which Apply holds it to.
bool IssuesItself(const Command& command) {
  return command.renew_member().has_certificate();
}

}  // namespace

const std::vector<CommandRule>& CommandRules() {
  static const auto* const kRules = new std::vector<CommandRule>{
      {Command::kBootstrap, "bootstrap"},
      {Command::kCreateToken, "create_token"},
      {Command::kDeleteToken, "delete_token"},
      {Command::kAdmitMember, "admit_member"},
      {Command::kConfirmMember, "confirm_member",
       [](const Command& command) -> const std::string& {
         return command.confirm_member().member_id();
       }},
      {Command::kTakeBackMember, "take_back_member"},
      {Command::kStartOperation, "start_operation"},
      {Command::kUpdateOperation, "update_operation"},
      {Command::kRemoveMember, "remove_member"},
      {Command::kSetConfig, "set_config"},
      {Command::kDeleteConfig, "delete_config"},
      {Command::kReportMember, "report_member",
       [](const Command& command) -> const std::string& {
         return command.report_member().report().member_id();
       }},
      {Command::kRecordCertificates, "record_certificates"},
      {Command::kSetAuthority, "set_authority"},
      {Command::kCountTokenFailure, "count_token_failure"},
      {Command::kRenewMember, "renew_member",
       [](const Command& command) -> const std::string& {
         return command.renew_member().member_id();
       }},
      {Command::kSetMemberServices, "set_member_services"},
      {Command::kWithdrawMember, "withdraw_member",
       [](const Command& command) -> const std::string& {
         return command.withdraw_member().member_id();
       }},
      {Command::kRecordRecovery, "record_recovery",
       [](const Command& command) -> const std::string& {
         return command.record_recovery().member_id();
       }},
      {Command::kPutOutMember, "put_out_member"},
      {Command::kCancelOperation, "cancel_operation"},
      {Command::kAdvanceRotation, "advance_rotation"},
      {Command::kObserveCluster, "observe_cluster"},
      {Command::kSetSealingCertificate, "set_sealing_certificate",
       [](const Command& command) -> const std::string& {
         return command.set_sealing_certificate().member_id();
       }},
      {Command::kRequestAuthority, "request_authority"},
      {Command::kSetEncapIp, "set_encap_ip"},
      {Command::kAddUser, "add_user"},
      {Command::kRevokeUser, "revoke_user"},
  };
  return *kRules;
}

absl::string_view CommandName(const Command& command) {
  const CommandRule* rule = RuleOf(command);
  return rule == nullptr ? absl::string_view("unknown") : rule->name;
}

absl::Status AuthorizeCommand(const Command& command, absl::string_view from) {
  const CommandRule* rule = RuleOf(command);
  if (rule == nullptr || rule->about == nullptr || IssuesItself(command)) {
    return Refused(
        absl::StrCat("only the leader may propose ", CommandName(command)),
        "METHOD_NOT_ALLOWED");
  }
  if (from.empty() || rule->about(command) != from) {
    return Refused(
        absl::StrCat("a member may propose ", rule->name, " about itself only"),
        "IDENTITY_MISMATCH");
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
