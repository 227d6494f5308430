// SPDX-License-Identifier: Apache-2.0
// Subjects and alternative names of certificates as plain data, and their
// OpenSSL forms.
// People read subjects and OVS logs them; who a peer is on the cluster plane is
// its URI name (peer_identity.h) and never its subject. Pure but for OpenSSL's
// error queue, thread-safe.
#ifndef MICROOVN_PKI_NAME_DISTINGUISHED_NAME_H_
#define MICROOVN_PKI_NAME_DISTINGUISHED_NAME_H_

#include <openssl/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {

// The attributes we set and read; empty when absent. Of a repeated attribute
// the first counts, as it does for OVS.
struct DistinguishedName {
  std::string common_name;
  std::string organization;
  std::string organizational_unit;

  friend bool operator==(const DistinguishedName& a,
                         const DistinguishedName& b) {
    return a.common_name == b.common_name && a.organization == b.organization &&
           a.organizational_unit == b.organizational_unit;
  }
};

// "CN=node1, OU=ovnnb, O=MicroOVN", for people.
std::string ToText(const DistinguishedName& name);

// The kinds of subjectAltName we set and read. IP addresses are text.
// RFC 5280 4.2.1.6. In the order in which the certificate has them.
struct AlternativeNames {
  std::vector<std::string> dns;
  std::vector<std::string> ip;
  std::vector<std::string> uri;

  bool empty() const { return dns.empty() && ip.empty() && uri.empty(); }
};

// CERTIFICATE_INVALID for text with a NUL or a control character: such names
// exist only to be read differently by different programs.
absl::StatusOr<DistinguishedName> ReadName(const X509_NAME* name);
absl::StatusOr<AlternativeNames> ReadAlternativeNames(const X509* certificate);

// Empty attributes are left out.
absl::StatusOr<X509NamePtr> MakeName(const DistinguishedName& name);
absl::StatusOr<GeneralNamesPtr> MakeAlternativeNames(
    const AlternativeNames& names);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_NAME_DISTINGUISHED_NAME_H_
