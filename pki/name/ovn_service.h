// SPDX-License-Identifier: Apache-2.0
// The five holders of an OVN certificate on a member, under MicroOVN's names.
//
// Pure.
// They name files, subjects (OU) and arguments of `certificates reissue`, and
// consumers of MicroOVN know them; none may be renamed.
#ifndef MICROOVN_PKI_NAME_OVN_SERVICE_H_
#define MICROOVN_PKI_NAME_OVN_SERVICE_H_

#include <array>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::pki {

enum class OvnService { kClient, kOvnNb, kOvnSb, kOvnNorthd, kOvnController };

inline constexpr std::array<OvnService, 5> kOvnServices = {
    OvnService::kClient, OvnService::kOvnNb, OvnService::kOvnSb,
    OvnService::kOvnNorthd, OvnService::kOvnController};

// The CA bundle that all of them trust.
inline constexpr char kCaCertificateFile[] = "cacert.pem";

// "client", "ovnnb", "ovnsb", "ovn-northd", "ovn-controller".
absl::string_view OvnServiceName(OvnService service);
absl::StatusOr<OvnService> ParseOvnService(absl::string_view name);

// "ovnnb-cert.pem" and "ovnnb-privkey.pem".
std::string CertificateFile(OvnService service);
std::string PrivateKeyFile(OvnService service);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_NAME_OVN_SERVICE_H_
