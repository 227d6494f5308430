// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/joining.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/entry/asked_admission.h"
#include "agent/server/peer_channels.h"
#include "agent/server/tls_identity.h"
#include "agent/state/values/admission_statement.h"
#include "agent/state/values/features.h"
#include "agent/state/values/member_view.h"
#include "base/crypto/random.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/channel_arguments.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "pki/certificate/certificate_request.h"
#include "pki/join/join_statement.h"
#include "pki/join/pin_fetcher.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "raft/core/values/configuration.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using internal::node::v1::NodeIdentity;

constexpr absl::Duration kFetchTimeout = absl::Seconds(5);
constexpr absl::Duration kAdmitTimeout = absl::Seconds(20);
// Long enough for the cluster to choose another leader.
constexpr absl::Duration kAskPatience = absl::Seconds(30);
constexpr absl::Duration kAskPause = absl::Milliseconds(500);

absl::StatusOr<peerpb::AdmitResponse> AskOverNetwork(
    const pki::JoinToken& token, const Clock& clock, const PinnedMember& member,
    const peerpb::AdmitRequest& request) {
  TlsMaterial material;
  material.chain_pem = token.certificate.ToPem();
  ASSIGN_OR_RETURN(material.key_pem,
                   token.key.ToPem(pki::KeyAccess::Granted()));
  material.roots_pem = member.cluster_ca_pem;
  peerpb::PeerService::Stub stub(
      MutualTlsChannel(material, member.address, member.member_id,
                       {&clock, nullptr, ""}, grpc::ChannelArguments()));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kAdmitTimeout));
  peerpb::AdmitResponse response;
  RETURN_IF_ERROR(FromGrpcStatus(stub.Admit(&context, request, &response)));
  return response;
}

// Whether another member, or the same one later, may do better: no answer
// came, or it has no leader just now. The request has an id, so that asking
// again is safe when it was granted and the answer lost.
bool WorthAnotherTry(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         ReasonOf(status) == "PROPOSAL_OUTCOME_UNKNOWN";
}

// One way through a token's addresses after another, until a member grants or
// refuses.
class Search {
 public:
  Search(const pki::JoinToken& token, const JoinPorts& ports,
         const peerpb::AdmitRequest& request)
      : token_(token), ports_(ports), request_(request) {}

  absl::StatusOr<peerpb::AdmitResponse> Run() {
    const absl::Duration end = ports_.clock->Monotonic() + kAskPatience;
    for (;;) {
      if (auto answer = AskEach()) return *std::move(answer);
      if (!asked_ || ports_.clock->Monotonic() >= end) {
        return Annotate(last_,
                        "no member of the cluster could admit this node");
      }
      ports_.sleep(kAskPause);
    }
  }

 private:
  std::optional<absl::StatusOr<peerpb::AdmitResponse>> AskEach() {
    for (const HostPort& address : token_.join_addresses) {
      const auto member = ports_.fetch(address);
      if (!member.ok()) {
        // What a member has said that was asked says more.
        if (!asked_) last_ = member.status();
        continue;
      }
      auto response = ports_.ask(*member, request_);
      if (response.ok() || !WorthAnotherTry(response.status())) return response;
      asked_ = true;
      last_ = response.status();
    }
    return std::nullopt;
  }

  const pki::JoinToken& token_;
  const JoinPorts& ports_;
  const peerpb::AdmitRequest& request_;
  // A member has got the request: it may be granted though no answer came.
  bool asked_ = false;
  absl::Status last_ = absl::InvalidArgumentError("the token has no addresses");
};

peerpb::AdmitRequest MakeRequest(const JoinRequest& request,
                                 const pki::JoinToken& token,
                                 const pki::SealingKey& sealing_key) {
  peerpb::AdmitRequest admit;
  admit.set_token_id(pki::TokenId(token.key.public_key()));
  admit.set_name(request.node.name.text());
  admit.set_address(FormatHostPort(request.node.address));
  admit.set_encap_ip(request.node.encap_ip);
  for (const statepb::Service service : request.node.services) {
    admit.add_services(service);
  }
  admit.set_default_services(request.node.services.empty());
  admit.set_sealing_certificate_pem(sealing_key.certificate().ToPem());
  admit.set_version(request.version);
  *admit.mutable_features() = AnnouncedFeatures();
  admit.set_incarnation(request.incarnation);
  admit.set_request_id(RandomSource::Real().Id());
  return admit;
}

// What it says is stored and read again: nothing in it that could not be.
absl::Status CheckReadable(const peerpb::AdmitResponse& response) {
  absl::string_view fault = UnreadableField(response.member());
  size_t voters = 0;
  for (const peerpb::Seed& seed : response.seeds()) {
    if (!ParseHostPort(seed.address()).ok()) fault = "address of a member";
    if (seed.votes()) ++voters;
  }
  if (voters > raft::kMaxVoters) fault = "list of voters";
  if (fault.empty()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      "the cluster's answer to the join cannot be read: its ", fault));
}

absl::StatusOr<Admission> ToAdmission(const peerpb::AdmitResponse& response,
                                      const pki::JoinToken& token,
                                      const pki::PrivateKey& key) {
  RETURN_IF_ERROR(CheckReadable(response));
  Admission admission;
  admission.member = response.member();
  NodeIdentity& identity = admission.identity;
  identity.set_phase(NodeIdentity::PHASE_JOINING);
  identity.set_cluster_id(token.cluster_id);
  identity.set_member_id(response.member().member_id());
  identity.set_name(response.member().name());
  identity.set_address(response.member().address());
  for (const peerpb::Seed& seed : response.seeds()) {
    auto* known = identity.add_seeds();
    known->set_member_id(seed.member_id());
    known->set_name(seed.name());
    known->set_address(seed.address());
    const auto id = raft::MemberId::FromHex(seed.member_id());
    if (seed.votes() && id.has_value()) admission.voters.push_back(*id);
  }
  admission.credentials.certificate_pem = response.certificate_pem();
  admission.credentials.cluster_ca_pem = response.cluster_ca_pem();
  ASSIGN_OR_RETURN(admission.credentials.key_pem,
                   key.ToPem(pki::KeyAccess::Granted()));
  return admission;
}

}  // namespace

JoinPorts NetworkJoinPorts(const pki::JoinToken* token, const Clock* clock) {
  JoinPorts ports;
  ports.clock = clock;
  ports.sleep = absl::SleepFor;
  ports.fetch =
      [token, clock](const HostPort& address) -> absl::StatusOr<PinnedMember> {
    ASSIGN_OR_RETURN(
        const pki::PinnedPeer peer,
        pki::FetchPinnedCa(address, *token, kFetchTimeout, *clock));
    return PinnedMember{address, peer.identity.id, peer.ca.ToPem()};
  };
  ports.ask = [token, clock](const PinnedMember& member,
                             const peerpb::AdmitRequest& request) {
    return AskOverNetwork(*token, *clock, member, request);
  };
  return ports;
}

absl::StatusOr<Admission> RequestAdmission(const JoinRequest& request,
                                           const pki::JoinToken& token,
                                           const pki::SealingKey& sealing_key,
                                           const JoinPorts& ports) {
  ASSIGN_OR_RETURN(const pki::PrivateKey key, pki::PrivateKey::Generate());
  ASSIGN_OR_RETURN(const pki::CertificateRequest certificate,
                   pki::CertificateRequest::Create(key));
  peerpb::AdmitRequest admit = MakeRequest(request, token, sealing_key);
  admit.set_certificate_request_pem(certificate.ToPem());
  ASSIGN_OR_RETURN(
      std::string signature,
      pki::SignJoinStatement(
          token.key,
          StatementOf(token.cluster_id,
                      AskedAdmission(admit, certificate.Fingerprint()))));
  admit.set_signature(std::move(signature));
  ASSIGN_OR_RETURN(const peerpb::AdmitResponse response,
                   Search(token, ports, admit).Run());
  return ToAdmission(response, token, key);
}

}  // namespace microovn::agent
