// SPDX-License-Identifier: Apache-2.0
#include "agent/service/certificate_listing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/api/converters.h"
#include "agent/state/values/certificate_needs.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "pki/name/ovn_service.h"

namespace microovn::agent {
namespace {

v1::Certificate::FileState StateOf(const std::string& path) {
  // Follows links: one that leads nowhere is a missing file.
  return ReadFile(path).ok() ? v1::Certificate::FILE_STATE_PRESENT
                             : v1::Certificate::FILE_STATE_MISSING;
}

void Describe(const pki::Certificate& certificate, v1::Certificate& row) {
  *row.mutable_expire_time() =
      ToTimestamp(absl::ToUnixSeconds(certificate.not_after()));
  *row.mutable_not_before() =
      ToTimestamp(absl::ToUnixSeconds(certificate.not_before()));
  row.set_subject(pki::ToText(certificate.subject()));
  row.set_issuer(pki::ToText(certificate.issuer()));
  row.set_serial(certificate.serial());
  row.set_fingerprint(certificate.fingerprint());
}

void AddLink(const pki::Certificate& certificate, v1::Certificate& row) {
  v1::ChainLink* link = row.add_chain();
  link->set_subject(pki::ToText(certificate.subject()));
  link->set_fingerprint(certificate.fingerprint());
  *link->mutable_expire_time() =
      ToTimestamp(absl::ToUnixSeconds(certificate.not_after()));
}

// Of several with the issuer's name, as there are during a rotation, the one
// that verifies `certificate`.
const pki::Certificate* IssuerOf(const pki::Certificate& certificate,
                                 const pki::TrustBundle& bundle,
                                 absl::Time now) {
  const pki::Certificate* named = nullptr;
  for (const pki::Certificate& one : bundle.certificates()) {
    if (!(one.subject() == certificate.issuer())) continue;
    if (named == nullptr) named = &one;
    const auto alone = pki::TrustBundle::From({one});
    if (alone.ok() &&
        pki::VerifyChain(*alone, {certificate, {}, pki::Purpose::kAny, now, ""})
            .ok()) {
      return &one;
    }
  }
  return named;
}

// Up to the root, or as far as the bundle goes.
void FillChain(const pki::Certificate& leaf, const pki::TrustBundle& bundle,
               absl::Time now, v1::Certificate& row) {
  const pki::Certificate* below = &leaf;
  while (!below->is_self_issued() &&
         row.chain_size() <
             static_cast<int>(pki::TrustBundle::kMaxCertificates)) {
    below = IssuerOf(*below, bundle, now);
    if (below == nullptr) return;
    AddLink(*below, row);
  }
}

absl::Status VerifyPair(const pki::Certificate& certificate,
                        const std::string& key_path, const std::string& ca_path,
                        absl::Time now, v1::Certificate& row) {
  ASSIGN_OR_RETURN(const std::string key_pem, ReadFile(key_path));
  ASSIGN_OR_RETURN(
      const pki::PrivateKey key,
      pki::PrivateKey::FromPem(key_pem, pki::KeyAccess::Granted()));
  if (key.public_key() != certificate.public_key()) {
    return absl::FailedPreconditionError(
        "the private key does not belong to the certificate");
  }
  ASSIGN_OR_RETURN(const std::string ca_pem, ReadFile(ca_path));
  ASSIGN_OR_RETURN(const pki::TrustBundle bundle,
                   pki::TrustBundle::FromPem(ca_pem));
  FillChain(certificate, bundle, now, row);
  return pki::VerifyChain(bundle,
                          {certificate, {}, pki::Purpose::kAny, now, ""});
}

absl::Status FillLeaf(const std::string& ca_path, absl::Time now,
                      v1::Certificate& row) {
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(row.certificate_path()));
  ASSIGN_OR_RETURN(const pki::Certificate certificate,
                   pki::Certificate::FromPem(pem));
  Describe(certificate, row);
  return VerifyPair(certificate, row.key_path(), ca_path, now, row);
}

absl::Status FillCa(absl::Time now, v1::Certificate& row) {
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(row.certificate_path()));
  ASSIGN_OR_RETURN(const std::vector<pki::Certificate> bundle,
                   pki::Certificate::BundleFromPem(pem));
  Describe(bundle.front(), row);
  for (size_t i = 1; i < bundle.size(); ++i) AddLink(bundle[i], row);
  if (bundle.front().not_after() < now) {
    return absl::FailedPreconditionError("the CA certificate has expired");
  }
  return absl::OkStatus();
}

void FillServed(pki::OvnService service, const ServedCertificate& served,
                v1::Certificate& row) {
  if (served == nullptr || (service != pki::OvnService::kOvnNb &&
                            service != pki::OvnService::kOvnSb)) {
    return;
  }
  const absl::StatusOr<std::string> fingerprint = served(service);
  if (!fingerprint.ok()) {
    row.set_served_problem(std::string(fingerprint.status().message()));
    return;
  }
  row.set_served_fingerprint(*fingerprint);
  if (*fingerprint != row.fingerprint()) {
    row.set_served_problem("it serves another certificate than its file holds");
  }
}

void SetVerdict(const absl::Status& status, v1::Certificate& row) {
  row.set_verified(status.ok());
  if (!status.ok()) row.set_problem(std::string(status.message()));
}

}  // namespace

std::vector<v1::Certificate> ListPublished(const std::string& pki_directory,
                                           const statepb::Member& member,
                                           bool user_supplied_ca,
                                           absl::Time now,
                                           const ServedCertificate& served) {
  const std::string parent =
      absl::StrCat("members/", member.name(), "/certificates/");
  const std::string ca_path = JoinPath(pki_directory, pki::kCaCertificateFile);
  std::vector<v1::Certificate> rows;
  v1::Certificate ca;
  ca.set_name(absl::StrCat(parent, "ca"));
  ca.set_service("ca");
  ca.set_certificate_path(ca_path);
  ca.set_certificate_state(StateOf(ca_path));
  ca.set_auto_renew(!user_supplied_ca);
  SetVerdict(FillCa(now, ca), ca);
  rows.push_back(std::move(ca));

  for (const pki::OvnService service : EnabledCertificates(member)) {
    v1::Certificate row;
    row.set_name(absl::StrCat(parent, pki::OvnServiceName(service)));
    row.set_service(std::string(pki::OvnServiceName(service)));
    row.set_certificate_path(
        JoinPath(pki_directory, pki::CertificateFile(service)));
    row.set_key_path(JoinPath(pki_directory, pki::PrivateKeyFile(service)));
    row.set_certificate_state(StateOf(row.certificate_path()));
    row.set_key_state(StateOf(row.key_path()));
    SetVerdict(FillLeaf(ca_path, now, row), row);
    FillServed(service, served, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace microovn::agent
