// SPDX-License-Identifier: Apache-2.0
#include "agent/server/socket_users.h"

#include <sys/socket.h>

#include <atomic>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/server/caller_context.h"
#include "grpcpp/security/auth_metadata_processor.h"
#include "grpcpp/security/server_credentials.h"

namespace microovn::agent {
namespace {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
using ConnectionType =
    grpc::ServerBuilder::experimental_type::ExternalConnectionType;

constexpr int64_t kNobody = -1;

}  // namespace

// Runs for every call of its connections, on any thread.
//
// All calls of a connection have one context, which gRPC does not lock, and
// whose values a handler walks through. So the number is added once, by the
// first call, and under a lock: nobody adds to what a handler may read.
class SocketUsers::Stamp final : public grpc::AuthMetadataProcessor {
 public:
  explicit Stamp(const std::atomic<int64_t>* uid) : uid_(uid) {}

  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata&, grpc::AuthContext* context,
                       OutputMetadata*, OutputMetadata*) override {
    const int64_t uid = *uid_;
    if (uid == kNobody) return grpc::Status::OK;
    MutexLock lock(&mu_);
    if (context->FindPropertyValues(kUidProperty).empty()) {
      context->AddProperty(kUidProperty, absl::StrCat(uid));
    }
    return grpc::Status::OK;
  }

 private:
  const std::atomic<int64_t>* const uid_;
  // Guards the contexts of all connections of this user.
  Mutex mu_;
};

struct SocketUsers::Slot {
  // Set once, before the slot's first connection.
  std::atomic<int64_t> uid{kNobody};
  std::unique_ptr<Acceptor> acceptor;
};

SocketUsers::SocketUsers(grpc::ServerBuilder& builder) {
  for (size_t i = 0; i <= kMaxUsers; ++i) {
    auto slot = std::make_unique<Slot>();
    const auto credentials = grpc::experimental::LocalServerCredentials(UDS);
    credentials->SetAuthMetadataProcessor(std::make_shared<Stamp>(&slot->uid));
    slot->acceptor = builder.experimental().AddExternalConnectionAcceptor(
        ConnectionType::FROM_FD, credentials);
    slots_.push_back(std::move(slot));
  }
}

SocketUsers::~SocketUsers() = default;

SocketUsers::Slot& SocketUsers::SlotFor(uint32_t uid) {
  MutexLock lock(&mu_);
  for (size_t i = 0; i < used_; ++i) {
    if (slots_[i]->uid == uid) return *slots_[i];
  }
  if (used_ == kMaxUsers) return *slots_.back();
  Slot& slot = *slots_[used_++];
  slot.uid = uid;
  return slot;
}

void SocketUsers::Take(UniqueFd connection) {
  ucred peer = {};
  socklen_t size = sizeof(peer);
  const bool known =
      getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  Slot& slot = known ? SlotFor(peer.uid) : *slots_.back();
  Acceptor::NewConnectionParameters parameters;
  parameters.fd = connection.Release();
  parameters.listener_fd = -1;
  slot.acceptor->HandleNewConnection(&parameters);
}

}  // namespace microovn::agent
