// The certificates published on this node, read and verified.
#ifndef MICROOVN_AGENT_SERVICE_CERTIFICATE_LISTING_H_
#define MICROOVN_AGENT_SERVICE_CERTIFICATE_LISTING_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/v1/certificate.pb.h"

namespace microovn::agent {

// In documented order: ca, ovnnb, ovnsb, ovn-northd, ovn-controller, client.
std::vector<v1::Certificate> ListPublished(const std::string& pki_directory,
                                           const statepb::Member& member,
                                           bool user_supplied_ca,
                                           absl::Time now);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_CERTIFICATE_LISTING_H_
