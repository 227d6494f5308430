#include "agent/member/identity_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "google/protobuf/util/json_util.h"

namespace microovn::agent {
namespace {

using internal::node::v1::NodeIdentity;

constexpr char kIdentity[] = "identity.json";
constexpr char kKey[] = "member.key";
constexpr char kCertificate[] = "member.crt";
constexpr char kClusterCa[] = "cluster-ca.crt";
constexpr char kFounding[] = "bootstrap.pb";
constexpr char kSealing[] = "sealing";
constexpr char kLog[] = "raft";
constexpr uint32_t kFormat = 1;

absl::Status Damaged(const std::string& path, absl::string_view why) {
  return MakeError(
      absl::StatusCode::kDataLoss, absl::StrCat(path, " ", why),
      {"IDENTITY_DAMAGED",
       "restore the file, or remove the state directory and join again"});
}

}  // namespace

absl::StatusOr<std::optional<NodeIdentity>> IdentityStore::Load() const {
  const std::string path = Path(kIdentity);
  const auto text = ReadFile(path);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  if (!text.ok()) return text.status();
  NodeIdentity identity;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(*text, &identity, options)
           .ok()) {
    return Damaged(path, "is not an identity");
  }
  if (identity.format() > kFormat) {
    return Damaged(path, "was written by a newer version");
  }
  if (!IsId(identity.cluster_id()) || !IsId(identity.member_id()) ||
      identity.name().empty() || identity.address().empty()) {
    return Damaged(path, "is incomplete");
  }
  return identity;
}

absl::Status IdentityStore::Save(const NodeIdentity& identity) const {
  NodeIdentity stored = identity;
  stored.set_format(kFormat);
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(stored, &text, options)
           .ok()) {
    return absl::InternalError("cannot write the identity as JSON");
  }
  return WriteFile(Path(kIdentity), text, 0600);
}

absl::StatusOr<ClusterCredentials> IdentityStore::LoadCredentials() const {
  ClusterCredentials credentials;
  ASSIGN_OR_RETURN(credentials.certificate_pem, ReadFile(Path(kCertificate)));
  ASSIGN_OR_RETURN(credentials.cluster_ca_pem, ReadFile(Path(kClusterCa)));
  ASSIGN_OR_RETURN(std::string key, ReadFile(Path(kKey)));
  credentials.key_pem = SecretString(std::move(key));
  return credentials;
}

absl::Status IdentityStore::SaveCredentials(
    const ClusterCredentials& credentials) const {
  // The key first: a certificate without its key is of no use to anybody.
  RETURN_IF_ERROR(WriteFile(Path(kKey), credentials.key_pem.Reveal(), 0600));
  RETURN_IF_ERROR(
      WriteFile(Path(kCertificate), credentials.certificate_pem, 0600));
  return WriteFile(Path(kClusterCa), credentials.cluster_ca_pem, 0600);
}

absl::Status IdentityStore::SaveFounding(absl::string_view command) const {
  return WriteFile(Path(kFounding), command, 0600);
}

absl::StatusOr<std::string> IdentityStore::LoadFounding() const {
  return ReadFile(Path(kFounding));
}

absl::Status IdentityStore::ClearFounding() const {
  return RemoveTree(Path(kFounding));
}

absl::Status IdentityStore::Erase() const {
  for (const char* name :
       {kIdentity, kKey, kCertificate, kClusterCa, kFounding, kSealing, kLog}) {
    RETURN_IF_ERROR(RemoveTree(Path(name)));
    // Each removal is durable before the next, so that what a power cut leaves
    // is never an identity without its log.
    RETURN_IF_ERROR(SyncDirectory(directory_));
  }
  return absl::OkStatus();
}

std::string IdentityStore::sealing_key_directory() const {
  return Path(kSealing);
}

std::string IdentityStore::log_directory() const { return Path(kLog); }

std::string IdentityStore::Path(absl::string_view name) const {
  return JoinPath(directory_, name);
}

}  // namespace microovn::agent
