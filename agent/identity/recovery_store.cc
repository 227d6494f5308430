// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/recovery_store.h"

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "google/protobuf/util/json_util.h"

namespace microovn::agent {
namespace {

using internal::node::v1::Recoveries;
using internal::node::v1::Recovery;

constexpr uint32_t kFormat = 1;

}  // namespace

absl::StatusOr<Recoveries> RecoveryStore::Load() const {
  const std::string path = JoinPath(directory_, kFile);
  const auto text = ReadFile(path);
  if (absl::IsNotFound(text.status())) return Recoveries();
  if (!text.ok()) return text.status();
  Recoveries recoveries;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(*text, &recoveries, options)
           .ok() ||
      recoveries.format() != kFormat) {
    return MakeError(absl::StatusCode::kDataLoss,
                     absl::StrCat(path, " cannot be read"),
                     {"IDENTITY_DAMAGED",
                      "keep it, for it says what may be lost, and move it out "
                      "of the state directory"});
  }
  return recoveries;
}

absl::Status RecoveryStore::Add(const Recovery& recovery) const {
  ASSIGN_OR_RETURN(Recoveries recoveries, Load());
  *recoveries.add_recoveries() = recovery;
  return Replace(recoveries);
}

absl::Status RecoveryStore::Replace(const Recoveries& rest) const {
  const std::string path = JoinPath(directory_, kFile);
  if (rest.recoveries().empty()) {
    RETURN_IF_ERROR(RemoveTree(path));
    return SyncDirectory(directory_);
  }
  Recoveries stored = rest;
  stored.set_format(kFormat);
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(stored, &text, options)
           .ok()) {
    return absl::InternalError("cannot write the recoveries as JSON");
  }
  return WriteFile(path, text, 0600);
}

}  // namespace microovn::agent
