// SPDX-License-Identifier: Apache-2.0
#include "pki/name/peer_identity.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/crypto/random.h"
#include "glog/logging.h"
#include "pki/errors.h"
#include "pki/name/member_name.h"

namespace microovn::pki {
namespace {

constexpr absl::string_view kScheme = "spiffe://";

// The path segment of each kind.
absl::string_view Segment(PeerKind kind) {
  return kind == PeerKind::kJoiner ? "token" : PeerKindName(kind);
}

bool IsIdOf(PeerKind kind, absl::string_view id) {
  return kind == PeerKind::kOperator ? IsMemberName(id) : IsId(id);
}

}  // namespace

absl::string_view PeerKindName(PeerKind kind) {
  switch (kind) {
    case PeerKind::kMember:
      return "member";
    case PeerKind::kJoiner:
      return "joiner";
    case PeerKind::kOperator:
      return "operator";
  }
  LOG(FATAL) << "no such kind";
}

std::string ToUri(const PeerIdentity& identity) {
  return absl::StrCat(kScheme, identity.cluster_id, "/", Segment(identity.kind),
                      "/", identity.id);
}

absl::StatusOr<PeerIdentity> ParsePeerIdentity(
    const std::vector<std::string>& uris) {
  if (uris.size() != 1) {
    return PeerIdentityRefused(
        absl::StrCat("it has ", uris.size(), " URI names instead of one"));
  }
  absl::string_view rest = uris.front();
  if (!absl::ConsumePrefix(&rest, kScheme)) {
    return PeerIdentityRefused("its URI name is not a SPIFFE id");
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(rest, '/');
  // A query or a fragment stays in the last part, where IsIdOf refuses it.
  if (parts.size() != 3 || !IsId(parts[0])) {
    return PeerIdentityRefused("its SPIFFE id has another form");
  }
  for (const PeerKind kind :
       {PeerKind::kMember, PeerKind::kJoiner, PeerKind::kOperator}) {
    if (parts[1] == Segment(kind) && IsIdOf(kind, parts[2])) {
      return PeerIdentity{kind, std::string(parts[0]), std::string(parts[2])};
    }
  }
  return PeerIdentityRefused("its SPIFFE id names no known kind of peer");
}

}  // namespace microovn::pki
