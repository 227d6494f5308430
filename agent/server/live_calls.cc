// SPDX-License-Identifier: Apache-2.0
#include "agent/server/live_calls.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/server/caller.h"
#include "agent/server/caller_context.h"
#include "base/status/error.h"
#include "grpc/grpc_security_constants.h"

namespace microovn::agent {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

constexpr absl::string_view kLogService =
    "/microovn.internal.raft.v1.RaftService/";

// All names of the certificate, which the handshake has verified.
std::vector<std::string> UrisOf(const grpc::ServerContextBase& context) {
  std::vector<std::string> uris;
  for (const grpc::string_ref& uri : context.auth_context()->FindPropertyValues(
           GRPC_PEER_URI_PROPERTY_NAME)) {
    uris.emplace_back(uri.data(), uri.size());
  }
  return uris;
}

// Of members no more is asked here: their keys come and go while they are
// members.
LiveCalls::Peer PeerOf(const grpc::ServerContextBase& context,
                       const pki::PeerIdentity& identity) {
  LiveCalls::Peer peer{identity.kind, identity.id};
  if (identity.kind != pki::PeerKind::kOperator) return peer;
  const auto certificate = CertificateOf(context);
  if (!certificate.ok()) return peer;
  peer.spki_sha256 = certificate->public_key().Fingerprint();
  peer.not_after = certificate->not_after();
  return peer;
}

}  // namespace

// One for each call, from its beginning to the end of its context.
class LiveCalls::Interceptor final : public grpc::experimental::Interceptor {
 public:
  Interceptor(LiveCalls* table, ServerRpcInfo* call)
      : table_(table), call_(call), context_(call->server_context()) {}
  ~Interceptor() override { table_->Leave(context_); }

  void Intercept(InterceptorBatchMethods* methods) override {
    // Nothing is known of the caller before. A cancellation comes through here
    // as well, with the table's lock held.
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      const absl::string_view method =
          call_->method() == nullptr ? "" : call_->method();
      if (table_->Enter(context_, method) && !ChecksCallers(method)) {
        context_->TryCancel();
      }
    }
    methods->Proceed();
  }

 private:
  // Services of our own ask Check, whose answer says more than an end.
  static bool ChecksCallers(absl::string_view method) {
    return !method.empty() && HasRule(method.substr(1));
  }

  LiveCalls* const table_;
  ServerRpcInfo* const call_;
  grpc::ServerContextBase* const context_;
};

class LiveCalls::Factory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(LiveCalls* table) : table_(table) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      ServerRpcInfo* call) override {
    return new Interceptor(table_, call);  // gRPC takes it over
  }

 private:
  LiveCalls* const table_;
};

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
LiveCalls::Counter() {
  return std::make_unique<Factory>(this);
}

bool LiveCalls::Enter(const grpc::ServerContextBase* context,
                      absl::string_view method) {
  Call call;
  call.of_log = absl::StartsWith(method, kLogService);
  const std::vector<std::string> uris = UrisOf(*context);
  const auto identity = pki::ParsePeerIdentity(uris);
  if (identity.ok()) call.peer = PeerOf(*context, *identity);
  call.share =
      absl::StrCat(call.of_log ? "log " : "", uris.empty() ? "" : uris.front());
  MutexLock lock(&mu_);
  size_t& at_once = shares_[call.share];
  call.beyond = ++at_once > (call.of_log ? kMostOfLog : kMost);
  const bool beyond = call.beyond;
  calls_.insert_or_assign(context, std::move(call));
  return beyond;
}

void LiveCalls::Leave(const grpc::ServerContextBase* context) {
  MutexLock lock(&mu_);
  const auto call = calls_.find(context);
  if (call == calls_.end()) return;
  const auto share = shares_.find(call->second.share);
  if (--share->second == 0) shares_.erase(share);
  calls_.erase(call);
}

absl::Status LiveCalls::Check(const grpc::ServerContextBase& context) const {
  MutexLock lock(&mu_);
  const auto call = calls_.find(&context);
  if (call == calls_.end() || !call->second.beyond) return absl::OkStatus();
  return MakeError(absl::StatusCode::kResourceExhausted,
                   "the caller has too many calls under way",
                   {"TOO_MANY_CALLS", "let some of them end, and try again"});
}

void LiveCalls::EndWhere(const std::function<bool(const Peer& peer)>& gone) {
  MutexLock lock(&mu_);
  for (const auto& [context, call] : calls_) {
    // The lock keeps the context: its interceptor has to leave first.
    if (!call.of_log && gone(call.peer)) context->TryCancel();
  }
}

size_t LiveCalls::size() const {
  MutexLock lock(&mu_);
  return calls_.size();
}

}  // namespace microovn::agent
