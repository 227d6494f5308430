// SPDX-License-Identifier: Apache-2.0
#include "integration/harness/generic_call.h"

#include <vector>

#include "base/status/grpc_status.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"

namespace microovn::integration {
namespace {

grpc::ByteBuffer ToBuffer(absl::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToBytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// A completion queue with one operation at a time under way.
class Steps {
 public:
  ~Steps() {
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  grpc::CompletionQueue* queue() { return &queue_; }

  // Waits for the operation that was begun; whether it succeeded.
  bool Done() {
    void* tag;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

 private:
  grpc::CompletionQueue queue_;
};

}  // namespace

absl::Status GenericCall(const std::shared_ptr<grpc::Channel>& channel,
                         absl::string_view path, absl::string_view request,
                         absl::Duration timeout, const ReplyHandler& handler) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  grpc::GenericStub stub(channel);
  Steps steps;
  const auto call =
      stub.PrepareCall(&context, std::string(path), steps.queue());
  call->StartCall(nullptr);
  bool going = steps.Done();
  if (going) {
    call->WriteLast(ToBuffer(request), grpc::WriteOptions(), nullptr);
    going = steps.Done();
  }
  bool enough = false;
  while (going && !enough) {
    grpc::ByteBuffer reply;
    call->Read(&reply, nullptr);
    going = steps.Done();
    if (going) enough = !handler(ToBytes(reply));
  }
  if (enough) context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  steps.Done();
  return enough ? absl::OkStatus() : FromGrpcStatus(status);
}

}  // namespace microovn::integration
