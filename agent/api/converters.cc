// SPDX-License-Identifier: Apache-2.0
#include "agent/api/converters.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/api/words.h"
#include "agent/state/operation/operation_table.h"
#include "agent/state/values/arguments.h"
#include "base/status/error.h"
#include "base/text/text.h"
#include "google/rpc/error_details.pb.h"

namespace microovn::agent {
namespace {

constexpr size_t kMaxNameLength = 512;

v1::Member::Status StatusOf(statepb::Member::State state) {
  switch (state) {
    case statepb::Member::STATE_JOINING:
      return v1::Member::STATUS_JOINING;
    case statepb::Member::STATE_LEAVING:
      return v1::Member::STATUS_LEAVING;
    default:
      return v1::Member::STATUS_UNSPECIFIED;
  }
}

google::rpc::Status ErrorOf(const statepb::Operation& operation) {
  google::rpc::Status status;
  status.set_code(operation.error_code());
  status.set_message(operation.error_message());
  google::rpc::ErrorInfo info;
  info.set_reason(operation.error_reason());
  info.set_domain("microovn");
  status.add_details()->PackFrom(info);
  return status;
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(int64_t seconds) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  return timestamp;
}

v1::Service ToApi(statepb::Service service) {
  switch (service) {
    case statepb::SERVICE_CENTRAL:
      return v1::SERVICE_CENTRAL;
    case statepb::SERVICE_CHASSIS:
      return v1::SERVICE_CHASSIS;
    case statepb::SERVICE_SWITCH:
      return v1::SERVICE_SWITCH;
    default:
      return v1::SERVICE_UNSPECIFIED;
  }
}

absl::StatusOr<statepb::Service> FromApi(v1::Service service) {
  switch (service) {
    case v1::SERVICE_CENTRAL:
      return statepb::SERVICE_CENTRAL;
    case v1::SERVICE_CHASSIS:
      return statepb::SERVICE_CHASSIS;
    case v1::SERVICE_SWITCH:
      return statepb::SERVICE_SWITCH;
    default:
      return MakeError(absl::StatusCode::kInvalidArgument,
                       "this build runs the services central, chassis and "
                       "switch",
                       {"UNKNOWN_SERVICE", ""});
  }
}

v1::Member ToApi(const statepb::Member& member) {
  v1::Member api;
  api.set_name(absl::StrCat("members/", member.name()));
  api.set_member_id(member.member_id());
  api.set_address(member.address());
  api.set_status(StatusOf(member.state()));
  for (const int service : member.services()) {
    api.add_services(ToApi(static_cast<statepb::Service>(service)));
  }
  api.set_certificate_pem(member.certificate_pem());
  api.set_version(member.version());
  api.set_encap_ip(member.encap_ip());
  api.set_ordinal(member.ordinal());
  api.set_worker(member.worker());
  return api;
}

v1::JoinToken ToApi(const statepb::JoinToken& token) {
  v1::JoinToken api;
  api.set_name(absl::StrCat("joinTokens/", token.token_id()));
  api.set_member(token.member_name());
  *api.mutable_create_time() = ToTimestamp(token.created_seconds());
  *api.mutable_expire_time() = ToTimestamp(token.expire_seconds());
  api.set_failed_attempts(token.failed_attempts());
  api.set_locked(token.state() == statepb::JoinToken::STATE_LOCKED);
  api.set_worker(token.worker());
  return api;
}

v1::Asker ToApi(const statepb::EventAsker& asker) {
  v1::Asker api;
  if (asker.has_uid()) {
    api.set_uid(asker.uid());
    api.set_user(asker.user().empty() ? absl::StrCat("uid ", asker.uid())
                                      : asker.user());
  }
  api.set_operator_(asker.operator_());
  api.set_member(asker.member());
  api.set_via(asker.via());
  return api;
}

v1::Event ToApi(const statepb::Event& event) {
  v1::Event api;
  api.set_revision(event.revision());
  *api.mutable_time() = ToTimestamp(event.time_seconds());
  api.set_type(event.type());
  api.set_resource(event.resource());
  api.set_message(EventSentence(event.type(), FromList(event.arguments())));
  if (event.has_asker()) *api.mutable_asker() = ToApi(event.asker());
  api.set_count(std::max(event.count(), 1U));
  if (event.count() > 1) {
    *api.mutable_first_time() = ToTimestamp(event.first_seconds());
  }
  return api;
}

v1::Step ToApi(const statepb::OperationStep& step) {
  v1::Step api;
  api.set_description(StepSentence(step.id(), FromList(step.arguments())));
  // The two enums have the same numbers; a test keeps them so.
  api.set_state(static_cast<v1::Step::State>(step.state()));
  api.set_detail(step.detail());
  for (const std::string& member : step.member_ids()) api.add_members(member);
  return api;
}

google::longrunning::Operation ToApi(const statepb::Operation& operation) {
  google::longrunning::Operation api;
  api.set_name(absl::StrCat("operations/", operation.operation_id()));
  v1::OperationMetadata metadata;
  const OperationKind* kind = Operations().Find(operation);
  metadata.set_kind(kind == nullptr ? "unknown" : std::string(kind->name));
  if (kind != nullptr) metadata.set_target(kind->target(operation));
  for (const auto& step : operation.steps()) {
    *metadata.mutable_plan()->add_steps() = ToApi(step);
  }
  *metadata.mutable_create_time() = ToTimestamp(operation.created_seconds());
  if (operation.done()) {
    *metadata.mutable_end_time() = ToTimestamp(operation.ended_seconds());
  }
  api.mutable_metadata()->PackFrom(metadata);
  api.set_done(operation.done());
  if (operation.done() && operation.error_code() != 0) {
    *api.mutable_error() = ErrorOf(operation);
  }
  return api;
}

absl::StatusOr<std::string> ResourceId(absl::string_view name,
                                       absl::string_view collection) {
  const std::string prefix = absl::StrCat(collection, "/");
  const absl::string_view id =
      absl::StartsWith(name, prefix) ? name.substr(prefix.size()) : "";
  if (id.empty() || name.size() > kMaxNameLength ||
      absl::StrContains(id, '/')) {
    return MakeError(absl::StatusCode::kInvalidArgument,
                     absl::StrCat("\"", Shown(name, 80),
                                  "\" is not a name "
                                  "of the form ",
                                  prefix, "ID"),
                     {"BAD_RESOURCE_NAME", ""});
  }
  return std::string(id);
}

}  // namespace microovn::agent
