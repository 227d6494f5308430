#include "agent/cluster/peer_client.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "base/grpc_status.h"
#include "base/mutex.h"
#include "grpcpp/client_context.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "microovn/v1/certificate.grpc.pb.h"

namespace microovn::agent {
namespace {

namespace pb = internal::peer::v1;

void SetDeadline(grpc::ClientContext& context, absl::Duration timeout) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
}

absl::Status NoIdentity() {
  return MakeError(absl::StatusCode::kUnavailable,
                   "this node is not a member of a cluster",
                   {"NOT_INITIALIZED", "run 'microovn cluster bootstrap'"});
}

absl::Status Explain(const grpc::Status& status, const Peer& peer) {
  absl::Status plain = FromGrpcStatus(status);
  // A peer's own refusal says enough; a failure to reach it must name it.
  if (plain.ok() || !ReasonOf(plain).empty()) return plain;
  return MakeError(
      plain.code(),
      absl::StrCat("member ", peer.name, " at ", peer.address,
                   " does not answer: ", plain.message()),
      {"MEMBER_UNREACHABLE", absl::StrCat("check the agent on ", peer.name)});
}

// One unary call of `method` on a fresh stub of `Stub`.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(PeerChannels& channels, const Peer& peer,
                              grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*),
                              const Request& request, absl::Duration timeout,
                              ChannelUse use = ChannelUse::kCalls) {
  const auto channel = channels.To(peer.member_id, peer.address, use);
  if (channel == nullptr) return NoIdentity();
  Stub stub(channel);
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return Explain(status, peer);
  return response;
}

using ProbeAnswer = absl::StatusOr<pb::GetLocalStatusResponse>;

// One probe under way; lives until its callback has run.
struct ProbeCall {
  explicit ProbeCall(const std::shared_ptr<grpc::Channel>& channel)
      : stub(channel) {}

  pb::PeerService::Stub stub;
  grpc::ClientContext context;
  pb::GetLocalStatusRequest request;
  pb::GetLocalStatusResponse response;
};

struct ProbeResults {
  Mutex mu;
  CondVar done;
  size_t pending ABSL_GUARDED_BY(mu) = 0;
  std::map<std::string, ProbeAnswer> answers ABSL_GUARDED_BY(mu);
};

}  // namespace

bool IsRenewal(const pb::IssueCertificatesRequest& request) {
  return request.demands_size() == 1 &&
         request.demands(0).service() == kMemberCertificate;
}

absl::StatusOr<pb::AdmitResponse> PeerClient::Admit(
    const Peer& peer, const pb::AdmitRequest& request, absl::Duration timeout) {
  return Call(*channels_, peer, &pb::PeerService::Stub::Admit, request,
              timeout);
}

absl::Status PeerClient::Withdraw(const Peer& peer,
                                  const pb::WithdrawRequest& request,
                                  absl::Duration timeout) {
  return Call(*channels_, peer, &pb::PeerService::Stub::Withdraw, request,
              timeout)
      .status();
}

absl::StatusOr<pb::IssueCertificatesResponse> PeerClient::IssueCertificates(
    const Peer& peer, const pb::IssueCertificatesRequest& request,
    absl::Duration timeout) {
  return Call(*channels_, peer, &pb::PeerService::Stub::IssueCertificates,
              request, timeout,
              IsRenewal(request) ? ChannelUse::kRenewal : ChannelUse::kCalls);
}

absl::StatusOr<pb::IssueTokenResponse> PeerClient::IssueToken(
    const Peer& peer, const pb::IssueTokenRequest& request,
    absl::Duration timeout) {
  return Call(*channels_, peer, &pb::PeerService::Stub::IssueToken, request,
              timeout);
}

absl::StatusOr<v1::ListCertificatesResponse> PeerClient::ListCertificates(
    const Peer& peer, const v1::ListCertificatesRequest& request,
    absl::Duration timeout) {
  return Call(*channels_, peer, &v1::CertificateService::Stub::ListCertificates,
              request, timeout);
}

absl::StatusOr<v1::ReissueCertificatesResponse> PeerClient::ReissueCertificates(
    const Peer& peer, const v1::ReissueCertificatesRequest& request,
    absl::Duration timeout) {
  return Call(*channels_, peer,
              &v1::CertificateService::Stub::ReissueCertificates, request,
              timeout);
}

std::map<std::string, ProbeAnswer> PeerClient::Probe(
    const std::vector<Peer>& peers, absl::Duration timeout) {
  ProbeResults results;
  std::vector<std::unique_ptr<ProbeCall>> calls;
  for (const Peer& peer : peers) {
    const auto channel = channels_->To(peer.member_id, peer.address);
    if (channel == nullptr) {
      MutexLock lock(&results.mu);
      results.answers.emplace(peer.member_id, NoIdentity());
      continue;
    }
    calls.push_back(std::make_unique<ProbeCall>(channel));
    ProbeCall* const call = calls.back().get();
    SetDeadline(call->context, timeout);
    {
      MutexLock lock(&results.mu);
      ++results.pending;
    }
    call->stub.async()->GetLocalStatus(
        &call->context, &call->request, &call->response,
        [&results, call, peer](const grpc::Status& status) {
          MutexLock lock(&results.mu);
          results.answers.emplace(
              peer.member_id, status.ok() ? ProbeAnswer(call->response)
                                          : ProbeAnswer(Explain(status, peer)));
          --results.pending;
          results.done.Signal();
        });
  }
  MutexLock lock(&results.mu);
  while (results.pending > 0) results.done.Wait(&results.mu);
  return std::move(results.answers);
}

}  // namespace microovn::agent
