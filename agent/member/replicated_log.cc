// SPDX-License-Identifier: Apache-2.0
#include "agent/member/replicated_log.h"

#include <utility>

#include "agent/member/log_timing.h"
#include "agent/server/command_rules.h"
#include "agent/state/apply.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/result.h"
#include "agent/state/values/stamp.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::agent {
namespace {

// Tells who gave the request an id that asking again is safe.
absl::Status ForRequest(const absl::Status& status,
                        const statepb::Command& command) {
  if (ReasonOf(status) != raft::kOutcomeUnknownReason ||
      command.request_id().empty()) {
    return status;
  }
  return MakeError(status.code(), status.message(),
                   {raft::kOutcomeUnknownReason,
                    "send the same request with the same request_id again",
                    {{"request_id", command.request_id()}}});
}

}  // namespace

raft::MemberId MemberIdOf(const std::string& hex) {
  const auto id = raft::MemberId::FromHex(hex);
  CHECK(id.has_value()) << "not a member id: " << hex;
  return *id;
}

raft::ClusterId ClusterIdOf(const std::string& hex) {
  const auto id = raft::ClusterId::FromHex(hex);
  CHECK(id.has_value()) << "not a cluster id: " << hex;
  return *id;
}

absl::StatusOr<std::unique_ptr<ReplicatedLog>> ReplicatedLog::Open(
    Options options) {
  std::unique_ptr<ReplicatedLog> log(new ReplicatedLog(std::move(options)));
  raft::NodeOptions node;
  node.directory = log->options_.directory;
  node.core = WithAgentTiming(node.core);
  node.stamp = [raw = log.get()](const std::optional<raft::MemberId>& from,
                                 const std::string& command) {
    return raw->Stamped(from, command);
  };
  node.admit = [raw = log.get()](const raft::MemberId& from,
                                 const std::string& command) {
    return raw->Admit(from, command);
  };
  ASSIGN_OR_RETURN(log->node_,
                   raft::RaftNode::Open(
                       std::move(node), &log->machine_, log->transport_.get(),
                       *log->options_.clock, *log->options_.random));
  return log;
}

ReplicatedLog::ReplicatedLog(Options options)
    : options_(std::move(options)),
      cluster_clock_(options_.clock),
      directory_(options_.store, options_.tls, options_.identity),
      machine_(options_.store),
      transport_(std::make_unique<raft::GrpcTransport>(
          options_.service, &directory_, options_.channels)),
      // The clock counts from when each state was applied here, not from when
      // this member came to lead.
      subscription_(options_.store->Subscribe(
          [this] { cluster_clock_.Seconds(*options_.store->Current()); })) {}

absl::Status ReplicatedLog::Admit(const raft::MemberId& from,
                                  const std::string& bytes) {
  statepb::Command command;
  // Bytes that are no command are of no kind.
  if (!command.ParseFromString(bytes)) command.Clear();
  absl::Status admitted = AuthorizeCommand(command, from.ToHex());
  if (admitted.ok() || from.ToHex() == options_.identity.member_id()) {
    return admitted;
  }
  const std::string name =
      NameOfMember(*options_.store->Current(), from.ToHex());
  // Who is refused may ask again many times a second.
  LOG_EVERY_T(WARNING, 5) << "refused " << CommandName(command)
                          << " that member " << name
                          << " passed on: " << admitted.message();
  if (options_.refused) {
    options_.refused(name, CommandName(command), ReasonOf(admitted));
  }
  return admitted;
}

std::string ReplicatedLog::Stamped(const std::optional<raft::MemberId>& from,
                                   const std::string& command) {
  return StampCommand(command,
                      {cluster_clock_.Seconds(*options_.store->Current()),
                       absl::ToUnixSeconds(options_.clock->Now()),
                       from.has_value() ? from->ToHex() : ""});
}

ReplicatedLog::~ReplicatedLog() { Stop(); }

absl::StatusOr<statepb::Result> ReplicatedLog::Propose(statepb::Command command,
                                                       absl::Duration timeout) {
  command.set_format(kCommandFormat);
  const auto proposed = node_->Propose(command.SerializeAsString(), timeout);
  if (!proposed.ok()) return ForRequest(proposed.status(), command);
  statepb::Result result;
  if (!result.ParseFromString(proposed->result)) {
    return absl::InternalError("the result of a command cannot be read");
  }
  RETURN_IF_ERROR(StatusOfResult(result));
  return result;
}

absl::Status ReplicatedLog::Barrier(absl::Duration timeout) {
  return node_->ReadBarrier(timeout).status();
}

void ReplicatedLog::Stop() {
  if (node_ != nullptr) node_->Stop();
}

}  // namespace microovn::agent
