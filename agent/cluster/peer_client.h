// SPDX-License-Identifier: Apache-2.0
// Calls to other agents, with a deadline on each.
//
// Addresses come from the replicated state; the channel proves that the member
// at the other end is the one that is meant. Thread-safe.
#ifndef MICROOVN_AGENT_CLUSTER_PEER_CLIENT_H_
#define MICROOVN_AGENT_CLUSTER_PEER_CLIENT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/server/peer_channels.h"
#include "base/text/host_port.h"
#include "google/protobuf/message.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/internal/state/v1/state.pb.h"
#include "microovn/v1/certificate.pb.h"

namespace microovn::agent {

struct Peer {
  std::string member_id;
  // For people.
  std::string name;
  HostPort address;
};

Peer PeerOf(const internal::state::v1::Member& member);

// Whether a member asks for its own certificate of the cluster plane and for
// nothing else: the one request that an expired certificate is good for.
bool IsRenewal(const internal::peer::v1::IssueCertificatesRequest& request);

// A person's request that another member has to do, as it is.
struct PassedRequest {
  // "microovn.v1.ConfigService/UpdateConfig"
  std::string method;
  // Borrowed for the call.
  const google::protobuf::Message* request = nullptr;
  // See agent/server/passed_caller.h; the certificate may be empty.
  internal::state::v1::Asker asker;
  std::string asker_certificate_pem;
};

// What such a request's only demand names.
inline constexpr char kMemberCertificate[] = "member";

class PeerClient {
 public:
  // Borrowed.
  explicit PeerClient(PeerChannels* channels) : channels_(channels) {}

  absl::StatusOr<internal::peer::v1::AdmitResponse> Admit(
      const Peer& peer, const internal::peer::v1::AdmitRequest& request,
      absl::Duration timeout);
  absl::Status Withdraw(const Peer& peer,
                        const internal::peer::v1::WithdrawRequest& request,
                        absl::Duration timeout);
  absl::StatusOr<internal::peer::v1::IssueCertificatesResponse>
  IssueCertificates(const Peer& peer,
                    const internal::peer::v1::IssueCertificatesRequest& request,
                    absl::Duration timeout);

  absl::StatusOr<v1::ListCertificatesResponse> ListCertificates(
      const Peer& peer, const v1::ListCertificatesRequest& request,
      absl::Duration timeout);
  // The peer's refusals come back as they are. `response` is of the type that
  // the method answers with.
  absl::Status PassOn(const Peer& peer, const PassedRequest& passed,
                      absl::Duration timeout,
                      google::protobuf::Message* response);

  // Asks all at once; every peer has an answer, an error included, after
  // `timeout` at the latest. By member id.
  std::map<std::string,
           absl::StatusOr<internal::peer::v1::GetLocalStatusResponse>>
  Probe(const std::vector<Peer>& peers, absl::Duration timeout);

 private:
  PeerChannels* const channels_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_CLUSTER_PEER_CLIENT_H_
