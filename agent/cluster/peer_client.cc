// SPDX-License-Identifier: Apache-2.0
#include "agent/cluster/peer_client.h"

#include <memory>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/server/passed_caller.h"
#include "agent/state/values/member_view.h"
#include "base/mutex.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "glog/logging.h"
#include "grpcpp/client_context.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "grpcpp/impl/codegen/rpc_method.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "microovn/v1/certificate.grpc.pb.h"

namespace microovn::agent {
namespace {

namespace pb = internal::peer::v1;

// Above what a refusal of this program has to say.
constexpr size_t kLongestMessage = 1000;
// OpenSSL's words, which gRPC passes on; there is no code for it.
constexpr char kNotVerified[] = "certificate verify failed";

void SetDeadline(grpc::ClientContext& context, absl::Duration timeout) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
}

absl::Status NoIdentity() {
  return MakeError(absl::StatusCode::kUnavailable,
                   "this node is not a member of a cluster",
                   {"NOT_BOOTSTRAPPED", "run 'microovn cluster bootstrap'"});
}

// Another machine's words, fit for a terminal and a log.
absl::Status Fit(const absl::Status& status) {
  absl::Status fit(status.code(), Shown(status.message(), kLongestMessage));
  status.ForEachPayload(
      [&fit](absl::string_view url, const absl::Cord& payload) {
        fit.SetPayload(url, payload);
      });
  return fit;
}

absl::Status Explain(const absl::Status& status, const Peer& peer) {
  absl::Status plain = Fit(status);
  // A peer's own refusal says enough; a failure to reach it must name it.
  if (plain.ok() || !ReasonOf(plain).empty()) return plain;
  if (absl::StrContains(plain.message(), kNotVerified)) {
    return MakeError(
        plain.code(),
        absl::StrCat("member ", peer.name, " at ", FormatHostPort(peer.address),
                     " has a certificate of another cluster CA"),
        {"MEMBER_NOT_TRUSTED",
         absl::StrCat("see whether it is a member: microovn cluster list on ",
                      peer.name, " and here")});
  }
  return MakeError(
      plain.code(),
      absl::StrCat("member ", peer.name, " at ", FormatHostPort(peer.address),
                   " does not answer: ", plain.message()),
      {"MEMBER_UNREACHABLE", absl::StrCat("check the agent on ", peer.name)});
}

// How a call has ended, for whoever made it; what that says of the connection
// is logged when it is news.
absl::Status Ended(PeerChannels& channels, const ChannelKey& key,
                   const Peer& peer, const grpc::Status& status) {
  absl::Status explained =
      status.ok() ? absl::OkStatus() : Explain(FromGrpcStatus(status), peer);
  switch (channels.Report(key, status)) {
    case PeerChannels::Turn::kNone:
      break;
    case PeerChannels::Turn::kRefused:
      LOG(WARNING) << explained.message()
                   << "; it is tried again ever more rarely, at last once in a "
                      "minute";
      break;
    case PeerChannels::Turn::kAnswers:
      LOG(INFO) << "member " << peer.name << " at "
                << FormatHostPort(peer.address) << " answers again";
      break;
  }
  return explained;
}

// One unary call of `method` on a fresh stub of `Stub`.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(PeerChannels& channels, const Peer& peer,
                              grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*),
                              const Request& request, absl::Duration timeout,
                              ChannelUse use = ChannelUse::kCalls) {
  const ChannelKey key = {peer.member_id, peer.address, use};
  const auto channel = channels.To(key);
  if (!channel.ok()) return Explain(channel.status(), peer);
  if (*channel == nullptr) return NoIdentity();
  Stub stub(*channel);
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  RETURN_IF_ERROR(Ended(channels, key, peer, status));
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

Peer PeerOf(const internal::state::v1::Member& member) {
  return {member.member_id(), member.name(), AddressOf(member)};
}

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

absl::StatusOr<v1::ListCertificatesResponse> PeerClient::ListCertificates(
    const Peer& peer, const v1::ListCertificatesRequest& request,
    absl::Duration timeout) {
  return Call(*channels_, peer, &v1::CertificateService::Stub::ListCertificates,
              request, timeout);
}

absl::Status PeerClient::PassOn(const Peer& peer, const PassedRequest& passed,
                                absl::Duration timeout,
                                google::protobuf::Message* response) {
  const ChannelKey key = {peer.member_id, peer.address};
  const auto channel = channels_->To(key);
  if (!channel.ok()) return Explain(channel.status(), peer);
  if (*channel == nullptr) return NoIdentity();
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  context.AddMetadata(kAskerMetadata, passed.asker.SerializeAsString());
  if (!passed.asker_certificate_pem.empty()) {
    context.AddMetadata(kAskerCertificateMetadata,
                        passed.asker_certificate_pem);
  }
  // As a stub does that is made for the method.
  const std::string path = absl::StrCat("/", passed.method);
  const grpc::internal::RpcMethod method(path.c_str(),
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::protobuf::MessageLite& request = *passed.request;
  grpc::protobuf::MessageLite* const answer = response;
  return Ended(*channels_, key, peer,
               grpc::internal::BlockingUnaryCall(channel->get(), method,
                                                 &context, request, answer));
}

std::map<std::string, ProbeAnswer> PeerClient::Probe(
    const std::vector<Peer>& peers, absl::Duration timeout) {
  ProbeResults results;
  std::vector<std::unique_ptr<ProbeCall>> calls;
  for (const Peer& peer : peers) {
    const ChannelKey key = {peer.member_id, peer.address};
    const auto channel = channels_->To(key);
    if (!channel.ok() || *channel == nullptr) {
      MutexLock lock(&results.mu);
      results.answers.emplace(
          peer.member_id,
          channel.ok() ? NoIdentity() : Explain(channel.status(), peer));
      continue;
    }
    calls.push_back(std::make_unique<ProbeCall>(*channel));
    ProbeCall* const call = calls.back().get();
    SetDeadline(call->context, timeout);
    {
      MutexLock lock(&results.mu);
      ++results.pending;
    }
    call->stub.async()->GetLocalStatus(
        &call->context, &call->request, &call->response,
        [this, &results, call, key, peer](const grpc::Status& status) {
          const absl::Status ended = Ended(*channels_, key, peer, status);
          MutexLock lock(&results.mu);
          results.answers.emplace(
              peer.member_id,
              ended.ok() ? ProbeAnswer(call->response) : ProbeAnswer(ended));
          --results.pending;
          results.done.Signal();
        });
  }
  MutexLock lock(&results.mu);
  while (results.pending > 0) results.done.Wait(&results.mu);
  return std::move(results.answers);
}

}  // namespace microovn::agent
