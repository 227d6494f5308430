#include "agent/state/apply.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply_context.h"
#include "agent/state/result.h"
#include "agent/state/validate.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Result;

constexpr size_t kMaxRequestIdBytes = 128;
// The end of the year 9999; sums of times cannot overflow below it.
constexpr int64_t kMaxTimeSeconds = 253402300799;

absl::Status CheckEnvelope(const ClusterState& state, const Command& command) {
  if (command.format() == 0 || command.format() > kCommandFormat) {
    return CommandMalformed("its format is not known");
  }
  if (command.time_seconds() < 0 || command.time_seconds() > kMaxTimeSeconds) {
    return CommandMalformed("its time is out of range");
  }
  RETURN_IF_ERROR(
      CheckText("the request id", command.request_id(), kMaxRequestIdBytes));
  if (command.body_case() == Command::BODY_NOT_SET) {
    return CommandMalformed("its kind is not known");
  }
  if (!state.bootstrapped() && !command.has_bootstrap()) {
    return NotBootstrapped();
  }
  return absl::OkStatus();
}

int64_t AdvanceClock(ClusterState& state, int64_t time) {
  if (!state.bootstrapped()) return time;
  statepb::Cluster cluster = state.cluster();
  if (time <= cluster.time_seconds()) return cluster.time_seconds();
  cluster.set_time_seconds(time);
  state.cluster_record.Put(kClusterKey, cluster);
  return time;
}

bool Expired(const statepb::CompletedRequest& request, int64_t now) {
  return request.applied_seconds() + kRequestLifeSeconds <= now;
}

// Drops what is too old, and the oldest when there are too many.
void MakeRoomForRequest(ClusterState& state, int64_t now) {
  std::vector<std::pair<int64_t, std::string>> kept;
  std::vector<std::string> dropped;
  for (const auto& [id, request] : state.requests.records()) {
    if (Expired(*request, now)) {
      dropped.push_back(id);
    } else {
      kept.emplace_back(request->applied_seconds(), id);
    }
  }
  if (kept.size() >= kMaxRequests) {
    const auto oldest = std::min_element(kept.begin(), kept.end());
    dropped.push_back(oldest->second);
  }
  for (const std::string& id : dropped) state.requests.Erase(id);
}

void Remember(ClusterState& state, int64_t now, const Command& command,
              const Result& result) {
  if (command.request_id().empty()) return;
  MakeRoomForRequest(state, now);
  statepb::CompletedRequest request;
  request.set_request_id(command.request_id());
  request.set_result(result.SerializeAsString());
  request.set_applied_seconds(now);
  request.set_body(static_cast<uint32_t>(command.body_case()));
  state.requests.Put(command.request_id(), request);
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
    case Command::kTakeBackMember:
      return ApplyTakeBack(context, command.take_back_member());
    case Command::kStartOperation:
      return ApplyStart(context, command.start_operation());
    case Command::kUpdateOperation:
      return ApplyUpdate(context, command.update_operation());
    case Command::kRemoveMember:
      return ApplyRemove(context, command.remove_member());
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
    case Command::kCountTokenFailure:
      return ApplyTokenFailure(context, command.count_token_failure());
    case Command::kLeaveDatabase:
      return ApplyLeaveDatabase(context, command.leave_database());
    case Command::kRenewMember:
      return ApplyRenew(context, command.renew_member());
    case Command::kSetMemberServices:
      return ApplySetServices(context, command.set_member_services());
    case Command::BODY_NOT_SET:
      break;
  }
  return CommandMalformed("its kind is not known");
}

Result Refusal(const ClusterState& state, const absl::Status& status) {
  Result result = ResultOf(status);
  result.set_revision(state.revision());
  return result;
}

// The first result of a request that is repeated; nothing when it is new.
std::optional<Result> FirstAnswer(const ClusterState& state, int64_t now,
                                  const Command& command) {
  if (command.request_id().empty()) return std::nullopt;
  const statepb::CompletedRequest* request =
      state.requests.Find(command.request_id());
  if (request == nullptr || Expired(*request, now)) return std::nullopt;
  Result answer;
  if (request->body() != static_cast<uint32_t>(command.body_case()) ||
      !answer.ParseFromString(request->result())) {
    return Refusal(state, RequestIdReused(command.request_id()));
  }
  return answer;
}

}  // namespace

Result Apply(ClusterState& state, const Command& command) {
  const absl::Status envelope = CheckEnvelope(state, command);
  if (!envelope.ok()) return Refusal(state, envelope);
  const int64_t now = AdvanceClock(state, command.time_seconds());
  if (auto answer = FirstAnswer(state, now, command)) return *answer;

  ApplyContext context(&state, now);
  Applied applied = Dispatch(context, command);
  if (!applied.ok()) return Refusal(state, applied.status());
  applied->set_revision(state.revision());
  Remember(state, now, command, *applied);
  return *std::move(applied);
}

}  // namespace microovn::agent
