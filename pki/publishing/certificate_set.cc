// SPDX-License-Identifier: Apache-2.0
#include "pki/publishing/certificate_set.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/errors.h"
#include "pki/key/key_access.h"
#include "pki/key/key_type.h"
#include "pki/key/private_file.h"

namespace microovn::pki {
namespace {

constexpr size_t kMaxBundleBytes = 1 << 20;
constexpr size_t kMaxCertificateBytes = 64 << 10;

absl::Status CheckService(const CertificateSet& set,
                          const ServiceCertificate& entry, absl::Time now) {
  const absl::string_view name = OvnServiceName(entry.service);
  if (Find(set, entry.service) != &entry) {
    return CertificateSetInvalid(absl::StrCat(name, " is there twice"));
  }
  if (entry.certificate.public_key() != entry.key.public_key()) {
    return CertificateSetInvalid(
        absl::StrCat("the key of ", name, " is not that of its certificate"));
  }
  if (!IsEc(entry.key.type())) {
    return CertificateSetInvalid(absl::StrCat("the key of ", name, " is ",
                                              KeyTypeName(entry.key.type()),
                                              " instead of EC"));
  }
  const absl::Time at = entry.kept ? WithinLife(entry.certificate, now) : now;
  // The leaf alone is published: what links it to a root is in the bundle.
  for (const Purpose purpose : {Purpose::kTlsServer, Purpose::kTlsClient}) {
    const absl::Status verified = VerifyChain(
        set.bundle, {entry.certificate, {}, purpose, at, /*name=*/""});
    if (!verified.ok()) {
      return CertificateSetInvalid(
          absl::StrCat(name, ": ", verified.message()));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ServiceCertificate> LoadService(const std::string& directory,
                                               OvnService service) {
  ASSIGN_OR_RETURN(const std::string pem,
                   ReadFile(JoinPath(directory, CertificateFile(service)),
                            kMaxCertificateBytes));
  ASSIGN_OR_RETURN(Certificate certificate, Certificate::FromPem(pem));
  ASSIGN_OR_RETURN(
      const SecretString key_pem,
      ReadPrivateFile(JoinPath(directory, PrivateKeyFile(service))));
  ASSIGN_OR_RETURN(PrivateKey key,
                   PrivateKey::FromPem(key_pem.Reveal(), KeyAccess::Granted()));
  return ServiceCertificate{service, std::move(certificate), std::move(key)};
}

}  // namespace

const ServiceCertificate* Find(const CertificateSet& set, OvnService service) {
  const auto found = std::find_if(set.services.begin(), set.services.end(),
                                  [service](const ServiceCertificate& entry) {
                                    return entry.service == service;
                                  });
  return found == set.services.end() ? nullptr : &*found;
}

absl::Status CheckCertificateSet(const CertificateSet& set, absl::Time now) {
  if (set.bundle.empty()) {
    return CertificateSetInvalid("there is no CA certificate");
  }
  for (const ServiceCertificate& entry : set.services) {
    RETURN_IF_ERROR(CheckService(set, entry, now));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<CertificateFileContent>> ToFiles(
    const CertificateSet& set) {
  std::vector<CertificateFileContent> files;
  files.push_back({kCaCertificateFile, SecretString(set.bundle.ToPem())});
  for (const ServiceCertificate& entry : set.services) {
    files.push_back({CertificateFile(entry.service),
                     SecretString(entry.certificate.ToPem())});
    ASSIGN_OR_RETURN(SecretString key, entry.key.ToPem(KeyAccess::Granted()));
    files.push_back({PrivateKeyFile(entry.service), std::move(key)});
  }
  return files;
}

absl::StatusOr<CertificateSet> LoadCertificateSet(
    const std::string& directory) {
  CertificateSet set;
  ASSIGN_OR_RETURN(
      const std::string pem,
      ReadFile(JoinPath(directory, kCaCertificateFile), kMaxBundleBytes));
  ASSIGN_OR_RETURN(set.bundle, TrustBundle::FromPem(pem));
  for (const OvnService service : kOvnServices) {
    if (!FileExists(JoinPath(directory, CertificateFile(service)))) continue;
    ASSIGN_OR_RETURN(ServiceCertificate entry, LoadService(directory, service));
    set.services.push_back(std::move(entry));
  }
  return set;
}

}  // namespace microovn::pki
