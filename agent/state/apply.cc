// SPDX-License-Identifier: Apache-2.0
#include "agent/state/apply.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/validate.h"
#include "agent/state/completed_requests.h"
#include "agent/state/operation/apply_operations.h"
#include "agent/state/values/features.h"
#include "agent/state/values/result.h"
#include "agent/state/values/stamp.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Result;

constexpr size_t kMaxRequestIdBytes = 128;
constexpr size_t kMaxRequestDigestBytes = 64;

absl::Status CheckEnvelope(const ClusterState& state, const Command& command) {
  if (command.format() == 0 || command.format() > kCommandFormat) {
    return CommandMalformed("format-unknown");
  }
  RETURN_IF_ERROR(
      CheckText("request-id", command.request_id(), kMaxRequestIdBytes));
  // No leader stamps so.
  if (command.clock_seconds() < 0 || command.clock_seconds() > kMaxSeconds) {
    return CommandMalformed("out-of-range", "clock");
  }
  if (command.request_digest().size() > kMaxRequestDigestBytes) {
    return CommandMalformed("too-long", "request-digest");
  }
  RETURN_IF_ERROR(CheckAsker(command));
  // To agents that do not know the command it is the same.
  if (command.body_case() == Command::BODY_NOT_SET ||
      !AllowsCommand(state, command.body_case())) {
    return CommandMalformed("kind-unknown");
  }
  if (!state.bootstrapped() && !command.has_bootstrap()) {
    return NotBootstrapped();
  }
  return absl::OkStatus();
}

// What is known of time before the command is applied.
struct Times {
  // For people: the leader's wall clock, which may go back.
  int64_t time;
  // What everything lives by: the cluster's clock, which no wall clock moves.
  int64_t clock;
};

Times AdvanceTimes(ClusterState& state, const Command& command) {
  const int64_t label =
      Bounded({command.clock_seconds(), command.time_seconds()}).time_seconds;
  if (!state.bootstrapped()) return {label, 0};
  const statepb::Cluster& known = state.cluster();
  const Times times = {
      label, AdvanceClock(known.clock_seconds(), command.clock_seconds())};
  if (times.time != known.time_seconds() ||
      times.clock != known.clock_seconds()) {
    statepb::Cluster cluster = known;
    cluster.set_time_seconds(times.time);
    cluster.set_clock_seconds(times.clock);
    state.cluster_record.Put(kClusterKey, cluster);
  }
  return times;
}

Applied Dispatch(ApplyContext& context, const Command& command) {
  switch (command.body_case()) {
    case Command::kBootstrap:
      return ApplyBootstrap(context, command.bootstrap());
    case Command::kCreateToken:
      return ApplyCreateToken(context, command.create_token());
    case Command::kDeleteToken:
      return ApplyDeleteToken(context, command.delete_token());
    case Command::kAdmitMember:
      return ApplyAdmit(context, command.admit_member());
    case Command::kConfirmMember:
      return ApplyConfirm(context, command.confirm_member());
    case Command::kPutOutMember:
      return ApplyPutOut(context, command.put_out_member());
    case Command::kTakeBackMember:
      return ApplyTakeBack(context, command.take_back_member());
    case Command::kWithdrawMember:
      return ApplyWithdraw(context, command.withdraw_member());
    case Command::kStartOperation:
      return ApplyStart(context, command.start_operation(), Operations());
    case Command::kUpdateOperation:
      return ApplyUpdate(context, command.update_operation(), Operations());
    case Command::kCancelOperation:
      return ApplyCancel(context, command.cancel_operation(), Operations());
    case Command::kRemoveMember:
      return ApplyRemove(context, command.remove_member());
    case Command::kObserveCluster:
      return ApplyObserve(context, command.observe_cluster());
    case Command::kSetConfig:
      return ApplySetConfig(context, command.set_config());
    case Command::kDeleteConfig:
      return ApplyDeleteConfig(context, command.delete_config());
    case Command::kReportMember:
      return ApplyReport(context, command.report_member());
    case Command::kRecordCertificates:
      return ApplyRecordCertificates(context, command.record_certificates());
    case Command::kSetAuthority:
      return ApplySetAuthority(context, command.set_authority());
    case Command::kAdvanceRotation:
      return ApplyAdvanceRotation(context, command.advance_rotation());
    case Command::kRequestAuthority:
      return ApplyRequestAuthority(context, command.request_authority());
    case Command::kCountTokenFailure:
      return ApplyTokenFailure(context, command.count_token_failure());
    case Command::kRenewMember:
      return ApplyRenew(context, command.renew_member());
    case Command::kSetSealingCertificate:
      return ApplySealingCertificate(context,
                                     command.set_sealing_certificate());
    case Command::kSetMemberServices:
      return ApplySetServices(context, command.set_member_services());
    case Command::kSetEncapIp:
      return ApplySetEncapIp(context, command.set_encap_ip());
    case Command::kRecordRecovery:
      return ApplyRecovery(context, command.record_recovery());
    case Command::kAddUser:
      return ApplyAddUser(context, command.add_user());
    case Command::kRevokeUser:
      return ApplyRevokeUser(context, command.revoke_user());
    case Command::BODY_NOT_SET:
      break;
  }
  return CommandMalformed("kind-unknown");
}

Result Refusal(const ClusterState& state, const absl::Status& status) {
  Result result = ResultOf(status);
  result.set_revision(state.revision());
  return result;
}

Result ApplyOnce(ClusterState& state, const Times& times,
                 const Command& command) {
  ApplyContext context(&state, times.time, times.clock, command);
  Applied applied = Dispatch(context, command);
  if (!applied.ok()) return Refusal(state, applied.status());
  applied->set_revision(state.revision());
  return *std::move(applied);
}

}  // namespace

Result Apply(ClusterState& state, const Command& command) {
  const absl::Status envelope = CheckEnvelope(state, command);
  if (!envelope.ok()) return Refusal(state, envelope);
  const Times times = AdvanceTimes(state, command);
  if (command.request_id().empty()) {
    return ApplyOnce(state, times, command);
  }
  if (auto answer = FirstAnswer(
          state, times.clock, {command.request_id(), command.request_digest()},
          command.body_case())) {
    return *std::move(answer);
  }
  const absl::Status room = MakeRoomForRequest(state, times.clock);
  if (!room.ok()) return Refusal(state, room);
  Result result = ApplyOnce(state, times, command);
  RememberRequest(state, times.clock, command, result);
  return result;
}

}  // namespace microovn::agent
