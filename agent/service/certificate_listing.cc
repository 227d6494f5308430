#include "agent/service/certificate_listing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/api/converters.h"
#include "agent/state/values/certificate_needs.h"
#include "base/file.h"
#include "base/status_macros.h"
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

absl::Status VerifyPair(const pki::Certificate& certificate,
                        const std::string& key_path, const std::string& ca_path,
                        absl::Time now) {
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
  return pki::VerifyChain(bundle,
                          {certificate, {}, pki::Purpose::kAny, now, ""});
}

absl::Status FillLeaf(const std::string& ca_path, absl::Time now,
                      v1::Certificate& row) {
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(row.certificate_path()));
  ASSIGN_OR_RETURN(const pki::Certificate certificate,
                   pki::Certificate::FromPem(pem));
  Describe(certificate, row);
  return VerifyPair(certificate, row.key_path(), ca_path, now);
}

absl::Status FillCa(absl::Time now, v1::Certificate& row) {
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(row.certificate_path()));
  ASSIGN_OR_RETURN(const std::vector<pki::Certificate> bundle,
                   pki::Certificate::BundleFromPem(pem));
  Describe(bundle.front(), row);
  if (bundle.front().not_after() < now) {
    return absl::FailedPreconditionError("the CA certificate has expired");
  }
  return absl::OkStatus();
}

void SetVerdict(const absl::Status& status, v1::Certificate& row) {
  row.set_verified(status.ok());
  if (!status.ok()) row.set_problem(std::string(status.message()));
}

}  // namespace

std::vector<v1::Certificate> ListPublished(const std::string& pki_directory,
                                           const statepb::Member& member,
                                           bool user_supplied_ca,
                                           absl::Time now) {
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
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace microovn::agent
