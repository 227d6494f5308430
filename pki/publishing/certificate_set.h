// SPDX-License-Identifier: Apache-2.0
// What a node's OVN daemons run with: the trusted CAs, and a certificate and
// key for each service that is enabled there.
//
// Values, thread-compatible. A set is published as a whole or not at all; see
// generation_publisher.h.
#ifndef MICROOVN_PKI_PUBLISHING_CERTIFICATE_SET_H_
#define MICROOVN_PKI_PUBLISHING_CERTIFICATE_SET_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/crypto/secret_string.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/key/private_key.h"
#include "pki/name/ovn_service.h"

namespace microovn::pki {

struct ServiceCertificate {
  OvnService service = OvnService::kClient;
  Certificate certificate;
  PrivateKey key;
  // As in the published set: its dates are no reason to keep others from
  // changing.
  bool kept = false;
};

// Movable. Holds private keys.
struct CertificateSet {
  TrustBundle bundle;
  std::vector<ServiceCertificate> services;
};

// Null when there is none for `service`.
const ServiceCertificate* Find(const CertificateSet& set, OvnService service);

// CERTIFICATE_SET_INVALID unless every service is there once, its key is an EC
// key and belongs to its certificate, and the certificate is good for a TLS
// server and client under `set.bundle` at `now`; one that is kept, in its time.
// Both directions, because the OVSDB servers dial each other. A set that fails
// is not published and the old one stays: a daemon with yesterday's certificate
// serves, one with a mismatched key does not start.
absl::Status CheckCertificateSet(const CertificateSet& set, absl::Time now);

// One file of a published set.
struct CertificateFileContent {
  std::string name;
  SecretString content;
};

// cacert.pem first, then two files for each service.
absl::StatusOr<std::vector<CertificateFileContent>> ToFiles(
    const CertificateSet& set);

// The set that a directory holds; nothing is said about its validity. Files
// with keys must be private (ReadPrivateFile).
// An error for a certificate without its key; a key alone is not looked at.
absl::StatusOr<CertificateSet> LoadCertificateSet(const std::string& directory);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_PUBLISHING_CERTIFICATE_SET_H_
