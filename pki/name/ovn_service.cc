// SPDX-License-Identifier: Apache-2.0
#include "pki/name/ovn_service.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/text/text.h"
#include "glog/logging.h"

namespace microovn::pki {

absl::string_view OvnServiceName(OvnService service) {
  switch (service) {
    case OvnService::kClient:
      return "client";
    case OvnService::kOvnNb:
      return "ovnnb";
    case OvnService::kOvnSb:
      return "ovnsb";
    case OvnService::kOvnNorthd:
      return "ovn-northd";
    case OvnService::kOvnController:
      return "ovn-controller";
  }
  LOG(FATAL) << "no such service";
}

absl::StatusOr<OvnService> ParseOvnService(absl::string_view name) {
  for (const OvnService service : kOvnServices) {
    if (OvnServiceName(service) == name) return service;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", Shown(name, 64), "' is not a service with certificates"));
}

std::string CertificateFile(OvnService service) {
  return absl::StrCat(OvnServiceName(service), "-cert.pem");
}

std::string PrivateKeyFile(OvnService service) {
  return absl::StrCat(OvnServiceName(service), "-privkey.pem");
}

}  // namespace microovn::pki
