// SPDX-License-Identifier: Apache-2.0
#include "agent/server/caller_context.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/server/peer_certificate.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"
#include "pki/certificate/profile.h"
#include "pki/certificate/tls_dates.h"
#include "pki/name/peer_identity.h"

namespace microovn::agent {
namespace {

// gRPC's name for LocalServerCredentials; it has no public constant.
constexpr char kLocalTransport[] = "local";

std::string Property(const grpc::AuthContext& context,
                     const std::string& name) {
  const std::vector<grpc::string_ref> values = context.FindPropertyValues(name);
  if (values.size() != 1) return "";
  return std::string(values[0].data(), values[0].size());
}

std::optional<uint32_t> UidOf(const grpc::AuthContext& context) {
  uint32_t uid = 0;
  if (!absl::SimpleAtoi(Property(context, kUidProperty), &uid)) {
    return std::nullopt;
  }
  return uid;
}

absl::Status BadPeer(absl::string_view why) {
  return MakeError(
      absl::StatusCode::kUnauthenticated,
      absl::StrCat("the peer's certificate is not accepted: ", why),
      {"BAD_PEER_CERTIFICATE", ""});
}

// An operator's role is in the OU of its certificate.
Role OperatorRole(const pki::Certificate& certificate) {
  const std::string& unit = certificate.subject().organizational_unit;
  if (unit == pki::OperatorRoleName(pki::OperatorRole::kAdmin)) {
    return Role::kAdmin;
  }
  if (unit == pki::OperatorRoleName(pki::OperatorRole::kOperator)) {
    return Role::kOperator;
  }
  return Role::kViewer;
}

Role RoleOf(pki::PeerKind kind, const pki::Certificate& certificate) {
  switch (kind) {
    case pki::PeerKind::kMember:
      return Role::kMember;
    case pki::PeerKind::kJoiner:
      return Role::kJoiner;
    case pki::PeerKind::kOperator:
      return OperatorRole(certificate);
  }
  return Role::kViewer;
}

}  // namespace

absl::StatusOr<Caller> CallerOf(const grpc::ServerContextBase& context,
                                const std::string& cluster_id, absl::Time now) {
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  const std::string transport =
      Property(*auth, GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME);
  // The listener of the local socket has admitted administrators only.
  if (transport == kLocalTransport) {
    Caller caller{Role::kAdmin, "", "", false, std::nullopt};
    caller.uid = UidOf(*auth);
    return caller;
  }
  if (transport != GRPC_SSL_TRANSPORT_SECURITY_TYPE) {
    return BadPeer("the connection is not secure");
  }
  const auto certificate = CertificateOf(context);
  if (!certificate.ok()) return BadPeer(certificate.status().message());
  ASSIGN_OR_RETURN(Caller caller, CallerWith(*certificate, cluster_id, now));
  if (!Property(*auth, kRetiredCaProperty).empty()) caller.expired = true;
  return caller;
}

absl::StatusOr<Caller> CallerWith(const pki::Certificate& certificate,
                                  const std::string& cluster_id,
                                  absl::Time now) {
  const auto identity = pki::ParsePeerIdentity(certificate.names().uri);
  if (!identity.ok()) return BadPeer(identity.status().message());
  if (!cluster_id.empty() && identity->cluster_id != cluster_id) {
    return BadPeer("it is of another cluster");
  }
  return Caller{RoleOf(identity->kind, certificate), identity->id,
                certificate.public_key().Fingerprint(),
                !pki::CheckDates(certificate, now).ok(), std::nullopt};
}

absl::StatusOr<pki::Certificate> CertificateOf(
    const grpc::ServerContextBase& context) {
  return PeerCertificate(
      Property(*context.auth_context(), GRPC_X509_PEM_CERT_PROPERTY_NAME));
}

}  // namespace microovn::agent
