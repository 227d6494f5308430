// SPDX-License-Identifier: Apache-2.0
#include "agent/server/passed_caller.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "agent/server/caller_context.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "microovn/internal/state/v1/state.pb.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"

namespace microovn::agent {
namespace {

absl::string_view Metadata(const grpc::ServerContextBase& context,
                           const char* key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return {};
  return absl::string_view(found->second.data(), found->second.size());
}

absl::Status NotAPerson(absl::string_view why) {
  return MakeError(absl::StatusCode::kUnauthenticated,
                   absl::StrCat("it is not said who asks: ", why),
                   {"BAD_PEER_CERTIFICATE", ""});
}

absl::StatusOr<Caller> WithCertificate(absl::string_view pem,
                                       const PassedTrust& trust) {
  ASSIGN_OR_RETURN(const pki::Certificate certificate,
                   pki::Certificate::FromPem(pem));
  ASSIGN_OR_RETURN(const pki::TrustBundle roots,
                   pki::TrustBundle::FromPem(trust.roots_pem));
  RETURN_IF_ERROR(pki::VerifyChain(
      roots, {certificate, {}, pki::Purpose::kTlsClient, trust.now, ""}));
  return CallerWith(certificate, trust.cluster_id, trust.now);
}

}  // namespace

bool IsPassedOn(const grpc::ServerContextBase& context) {
  return !Metadata(context, kAskerMetadata).empty();
}

absl::StatusOr<Caller> PassedCaller(const grpc::ServerContextBase& context,
                                    const Caller& member,
                                    const PassedTrust& trust) {
  const absl::string_view bytes = Metadata(context, kAskerMetadata);
  internal::state::v1::Asker asker;
  if (!asker.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return NotAPerson("it cannot be read");
  }
  const absl::string_view pem = Metadata(context, kAskerCertificateMetadata);
  if (asker.has_uid() || (pem.empty() && asker.operator_().empty())) {
    // Its socket has admitted root and administrators only; it may not know
    // the number of one of very many.
    Caller user{Role::kAdmin, "", "", false, std::nullopt};
    if (asker.has_uid()) user.uid = asker.uid();
    user.via = member.id;
    return user;
  }
  auto person = WithCertificate(pem, trust);
  if (!person.ok()) return NotAPerson(person.status().message());
  // Members and joiners speak for themselves.
  if (person->role == Role::kMember || person->role == Role::kJoiner) {
    return NotAPerson("its certificate is not a person's");
  }
  person->via = member.id;
  return person;
}

}  // namespace microovn::agent
