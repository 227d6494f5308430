// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/identity_store.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "agent/identity/recovery_store.h"
#include "agent/identity/state_files.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "pki/key/private_file.h"
#include "pki/name/member_name.h"

namespace microovn::agent {
namespace {

using internal::node::v1::NodeIdentity;

constexpr char kIdentity[] = "identity.json";
constexpr char kKey[] = "member.key";
constexpr char kCertificate[] = "member.crt";
constexpr char kClusterCa[] = "cluster-ca.crt";
// A renewed set, until the files above are its.
constexpr char kRenewed[] = "member.new";
constexpr char kFounding[] = "bootstrap.pb";
constexpr char kRemovedAs[] = "removed-as";
// The backup to which an Erase moves that has begun.
constexpr char kLeavingTo[] = "leaving-to";
// In that backup.
constexpr char kKeptState[] = "state";
constexpr char kSealing[] = "sealing";
constexpr char kLog[] = "raft";
constexpr uint32_t kFormat = 1;
// In no PEM.
constexpr char kSeparator[] = "\n%\n";

absl::Status Damaged(const std::string& path, absl::string_view why) {
  return MakeError(
      absl::StatusCode::kDataLoss, absl::StrCat(path, " ", why),
      {"IDENTITY_DAMAGED",
       "restore the file, or remove the state directory and join again"});
}

// Who could write any of these files could be this member, or make it another.
absl::StatusOr<std::string> ReadOwn(const std::string& path) {
  ASSIGN_OR_RETURN(const SecretString content, pki::ReadPrivateFile(path));
  return std::string(content.Reveal());
}

bool IsReadable(const NodeIdentity& identity) {
  return pki::IsMemberName(identity.name()) &&
         ParseHostPort(identity.address()).ok() &&
         std::all_of(identity.seeds().begin(), identity.seeds().end(),
                     [](const internal::node::v1::Seed& seed) {
                       return ParseHostPort(seed.address()).ok();
                     });
}

}  // namespace

absl::StatusOr<std::optional<NodeIdentity>> IdentityStore::Load() const {
  RETURN_IF_ERROR(pki::EnsurePrivateDirectory(directory_));
  RETURN_IF_ERROR(CheckStateFiles(directory_, geteuid()));
  const std::string path = Path(kIdentity);
  const auto text = ReadOwn(path);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  if (!text.ok()) return text.status();
  NodeIdentity identity;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(*text, &identity, options)
           .ok()) {
    return Damaged(path, "is not an identity");
  }
  // Refused, not guessed at: what a newer build means by it may matter.
  if (identity.format() > kFormat) {
    return Damaged(path, "was written by a newer version");
  }
  if (!IsId(identity.cluster_id()) || !IsId(identity.member_id())) {
    return Damaged(path, "is incomplete");
  }
  if (!IsReadable(identity)) {
    return Damaged(path, "has a name or an address that is none");
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
  RETURN_IF_ERROR(WriteFile(Path(kIdentity), text, 0600));
  return RemoveTree(Path(kRemovedAs));
}

absl::Status IdentityStore::NoteRemoval(absl::string_view name) const {
  return WriteFile(Path(kRemovedAs), name, 0600);
}

std::string IdentityStore::RemovedAs() const {
  constexpr size_t kLongestName = 255;
  return ReadFile(Path(kRemovedAs), kLongestName).value_or("");
}

absl::StatusOr<ClusterCredentials> IdentityStore::LoadCredentials() const {
  // The new set counts from the moment that its one file is there.
  RETURN_IF_ERROR(CompleteRenewal());
  ClusterCredentials credentials;
  ASSIGN_OR_RETURN(credentials.certificate_pem, ReadOwn(Path(kCertificate)));
  ASSIGN_OR_RETURN(credentials.cluster_ca_pem, ReadOwn(Path(kClusterCa)));
  ASSIGN_OR_RETURN(credentials.key_pem, pki::ReadPrivateFile(Path(kKey)));
  return credentials;
}

absl::Status IdentityStore::SaveCredentials(
    const ClusterCredentials& credentials) const {
  const SecretString all(absl::StrCat(credentials.key_pem.Reveal(), kSeparator,
                                      credentials.certificate_pem, kSeparator,
                                      credentials.cluster_ca_pem));
  // From here on the new set is what there is.
  RETURN_IF_ERROR(WriteFile(Path(kRenewed), all.Reveal(), 0600));
  return CompleteRenewal();
}

absl::Status IdentityStore::CompleteRenewal() const {
  const auto read = pki::ReadPrivateFile(Path(kRenewed));
  if (absl::IsNotFound(read.status())) return absl::OkStatus();
  if (!read.ok()) return read.status();
  const SecretString& all = *read;
  const std::vector<absl::string_view> parts =
      absl::StrSplit(all.Reveal(), kSeparator);
  if (parts.size() != 3) {
    return Damaged(Path(kRenewed), "is not a key and its certificates");
  }
  // In any order: repeated from the file until that is removed.
  RETURN_IF_ERROR(WriteFile(Path(kKey), parts[0], 0600));
  RETURN_IF_ERROR(WriteFile(Path(kCertificate), parts[1], 0600));
  RETURN_IF_ERROR(WriteFile(Path(kClusterCa), parts[2], 0600));
  RETURN_IF_ERROR(RemoveTree(Path(kRenewed)));
  return SyncDirectory(directory_);
}

absl::Status IdentityStore::SaveFounding(absl::string_view command) const {
  return WriteFile(Path(kFounding), command, 0600);
}

absl::StatusOr<std::string> IdentityStore::LoadFounding() const {
  return ReadOwn(Path(kFounding));
}

absl::Status IdentityStore::ClearFounding() const {
  return RemoveTree(Path(kFounding));
}

absl::Status IdentityStore::Erase(absl::string_view backup) const {
  ASSIGN_OR_RETURN(const std::string kept, KeptIn(backup));
  // Each step is durable before the next, so that what a power cut leaves is
  // never an identity without its log.
  RETURN_IF_ERROR(Retire(kIdentity, kept));
  for (const char* secret : {kRenewed, kKey, kSealing}) {
    RETURN_IF_ERROR(Retire(secret, ""));
  }
  for (const char* name :
       {kCertificate, kClusterCa, kFounding, kLog, RecoveryStore::kFile}) {
    RETURN_IF_ERROR(Retire(name, kept));
  }
  return Retire(kLeavingTo, "");
}

absl::Status IdentityStore::FinishErasing() const {
  const bool begun =
      FileExists(Path(kLeavingTo)) && !FileExists(Path(kIdentity));
  return begun ? Erase() : absl::OkStatus();
}

absl::StatusOr<std::string> IdentityStore::KeptIn(
    absl::string_view backup) const {
  const auto begun = ReadOwn(Path(kLeavingTo));
  if (!begun.ok() && !absl::IsNotFound(begun.status())) return begun.status();
  const std::string name(begun.ok() ? absl::string_view(*begun) : backup);
  if (name.empty()) return name;
  if (absl::StrContains(name, '/')) {
    return Damaged(Path(kLeavingTo), "names no directory beside this one");
  }
  const std::string beside =
      JoinPath(directory_.substr(0, directory_.rfind('/')), name);
  std::string kept = JoinPath(beside, kKeptState);
  RETURN_IF_ERROR(MakeDirectories(kept, 0700));
  RETURN_IF_ERROR(SyncDirectory(beside));
  if (!begun.ok()) RETURN_IF_ERROR(WriteFile(Path(kLeavingTo), name, 0600));
  return kept;
}

absl::Status IdentityStore::Retire(absl::string_view name,
                                   const std::string& kept) const {
  const std::string path = Path(name);
  if (kept.empty()) {
    RETURN_IF_ERROR(RemoveTree(path));
  } else if (FileExists(path)) {
    RETURN_IF_ERROR(Rename(path, JoinPath(kept, name)));
    RETURN_IF_ERROR(SyncDirectory(kept));
  }
  return SyncDirectory(directory_);
}

std::string IdentityStore::sealing_key_directory() const {
  return Path(kSealing);
}

std::string IdentityStore::log_directory() const { return Path(kLog); }

HostPort AddressOf(const NodeIdentity& identity) {
  return MustParseHostPort(identity.address());
}

HostPort AddressOf(const internal::node::v1::Seed& seed) {
  return MustParseHostPort(seed.address());
}

std::string IdentityStore::Path(absl::string_view name) const {
  return JoinPath(directory_, name);
}

}  // namespace microovn::agent
