// SPDX-License-Identifier: Apache-2.0
#include "agent/server/server_check.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/server/retired_ca.h"
#include "base/status/status_macros.h"
#include "pki/certificate/tls_dates.h"
#include "pki/errors.h"
#include "pki/name/distinguished_name.h"
#include "pki/name/peer_identity.h"

namespace microovn::agent {
namespace {

class Verifier final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  Verifier(std::string member_id, ServerCheck check)
      : member_id_(std::move(member_id)), check_(std::move(check)) {}

  // Answers at once.
  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)>,
              grpc::Status* sync_status) override {
    const grpc::string_ref pem = request->peer_cert();
    const absl::Status checked = CheckServer(
        absl::string_view(pem.data(), pem.size()), member_id_, check_);
    if (!checked.ok()) {
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                  std::string(checked.message()));
    }
    return true;
  }

  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest*) override {
  }

 private:
  const std::string member_id_;
  const ServerCheck check_;
};

}  // namespace

absl::Status CheckServer(absl::string_view certificate_pem,
                         const std::string& member_id,
                         const ServerCheck& check) {
  ASSIGN_OR_RETURN(const pki::Certificate certificate,
                   pki::Certificate::FromPem(certificate_pem));
  const auto identity = pki::ParsePeerIdentity(certificate.names().uri);
  if (!identity.ok() || identity->kind != pki::PeerKind::kMember ||
      identity->id != member_id) {
    return pki::CertificateRefused(
        pki::ToText(certificate.subject()),
        absl::StrCat("it does not name the member ", member_id));
  }
  absl::Status current = pki::CheckDates(certificate, check.clock->Now());
  if (IsOfRetired(check.retired_pem, certificate)) {
    current = RetiredCa(certificate);
  }
  if (current.ok() || (check.accepts_expired != nullptr &&
                       check.accepts_expired(member_id, certificate))) {
    return absl::OkStatus();
  }
  return current;
}

std::shared_ptr<grpc::experimental::CertificateVerifier> ServerVerifier(
    const std::string& member_id, ServerCheck check) {
  return grpc::experimental::ExternalCertificateVerifier::Create<Verifier>(
      member_id, std::move(check));
}

}  // namespace microovn::agent
