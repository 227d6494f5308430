// SPDX-License-Identifier: Apache-2.0
#include "base/status/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace microovn {
namespace {

constexpr absl::string_view kErrorInfoUrl =
    "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kDomain[] = "microovn";
constexpr char kRemedyKey[] = "remedy";

}  // namespace

absl::Status MakeError(absl::StatusCode code, absl::string_view message,
                       const ErrorDetail& detail) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(detail.reason);
  info.set_domain(kDomain);
  for (const auto& [key, value] : detail.metadata) {
    (*info.mutable_metadata())[key] = value;
  }
  if (!detail.remedy.empty()) {
    (*info.mutable_metadata())[kRemedyKey] = detail.remedy;
  }
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

ErrorDetail DetailOf(const absl::Status& status) {
  ErrorDetail detail;
  const auto payload = status.GetPayload(kErrorInfoUrl);
  if (!payload.has_value()) return detail;
  google::rpc::ErrorInfo info;
  if (!info.ParseFromString(std::string(*payload))) return detail;
  detail.reason = info.reason();
  for (const auto& [key, value] : info.metadata()) {
    if (key == kRemedyKey) {
      detail.remedy = value;
    } else {
      detail.metadata[key] = value;
    }
  }
  return detail;
}

std::string ReasonOf(const absl::Status& status) {
  return DetailOf(status).reason;
}

absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(),
                         absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload(
      [&annotated](absl::string_view url, const absl::Cord& payload) {
        annotated.SetPayload(url, payload);
      });
  return annotated;
}

}  // namespace microovn
