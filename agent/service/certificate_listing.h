// SPDX-License-Identifier: Apache-2.0
// The certificates published on this node, read and verified.
#ifndef MICROOVN_AGENT_SERVICE_CERTIFICATE_LISTING_H_
#define MICROOVN_AGENT_SERVICE_CERTIFICATE_LISTING_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/v1/certificate.pb.h"
#include "pki/name/ovn_service.h"

namespace microovn::agent {

// The fingerprint of the certificate that the service's port serves.
using ServedCertificate =
    std::function<absl::StatusOr<std::string>(pki::OvnService service)>;

// In documented order: ca, ovnnb, ovnsb, ovn-northd, ovn-controller, client.
// `served` is asked of the databases' servers; null: nobody is.
std::vector<v1::Certificate> ListPublished(const std::string& pki_directory,
                                           const statepb::Member& member,
                                           bool user_supplied_ca,
                                           absl::Time now,
                                           const ServedCertificate& served);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_CERTIFICATE_LISTING_H_
