// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/lane.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/status/refused_handshake.h"
#include "base/time/backoff.h"
#include "base/time/clock.h"
#include "grpcpp/client_context.h"
#include "microovn/internal/raft/v1/raft.pb.h"
#include "raft/core/values/entry.h"
#include "raft/transport/message_codec.h"
#include "raft/transport/protocol_version.h"

namespace microovn::raft {
namespace {

// A round number for ids, header and framing: small messages cost memory too.
constexpr size_t kMessageOverhead = 128;
// A peer that starts is found within this, so that fail-over stays quick.
constexpr BackoffPolicy kRetry{absl::Milliseconds(20), absl::Milliseconds(200),
                               2.0};
// How long a call waits before one asks what is wrong: seldom beside the
// attempts that gRPC makes meanwhile, soon for a peer that has just begun to
// refuse them.
constexpr absl::Duration kLongWait = absl::Seconds(3);

}  // namespace

size_t SizeOf(const Message& message) {
  size_t size = kMessageOverhead;
  if (const auto* append = std::get_if<Append>(&message.body)) {
    for (const Entry& entry : append->entries) size += SizeOf(entry);
  } else if (const auto* chunk = std::get_if<SnapshotChunk>(&message.body)) {
    size += chunk->bytes.size();
  }
  return size;
}

// gRPC calls its On* functions; it lives until OnDone.
class Lane::Call final
    : public grpc::ClientBidiReactor<proto::DeliverRequest,
                                     proto::DeliverResponse> {
 public:
  Call(Lane* lane, std::shared_ptr<grpc::Channel> channel)
      : lane_(lane), stub_(proto::RaftService::NewStub(std::move(channel))) {}

  // A call that waits for its channel is up as soon as the peer is, without
  // the pause between two tries.
  void Begin(bool waits) {
    context_.set_wait_for_ready(waits);
    context_.AddMetadata(kProtocolsKey, EncodeProtocols(kOwnProtocols));
    stub_->async()->Deliver(&context_, this);
    // For the writes, which begin outside of reactions, until OnReadDone.
    AddHold();
    StartRead(&response_);
    StartCall();
  }

  void Cancel() { context_.TryCancel(); }

  void OnReadInitialMetadataDone(bool ok) override {
    if (ok) lane_->OnUp();
  }
  // The peer never sends, so the stream is at its end.
  void OnReadDone(bool) override {
    // The only word that the stream ended while nothing is being written.
    // OnDone, where the next call can begin, comes after all other callbacks.
    lane_->OnBroken();
    Cancel();
    RemoveHold();
  }
  void OnWriteDone(bool ok) override { lane_->OnWritten(ok); }
  void OnDone(const grpc::Status& status) override {
    // Last: the lane may be gone when this returns.
    lane_->OnEnd(status);
    delete this;
  }

  // The write under way.
  proto::DeliverRequest request;
  // What the peer was shown last in this call.
  std::shared_ptr<const std::string> shown;

 private:
  Lane* const lane_;
  const std::unique_ptr<proto::RaftService::Stub> stub_;
  grpc::ClientContext context_;
  proto::DeliverResponse response_;
};

Lane::Lane(const LaneLimits& limits, std::function<void(Event)> listener,
           const ShownProof* proof)
    : limits_(limits), listener_(std::move(listener)), proof_(proof) {}

Lane::~Lane() { Close(); }

void Lane::Send(std::vector<Message> messages) {
  MutexLock lock(&mu_);
  for (Message& message : messages) Enqueue(std::move(message));
  WriteMore();
}

void Lane::Enqueue(Message message) {
  const size_t size = SizeOf(message);
  // Full while it is up: the peer reads slowly. The newest goes; without one
  // from the middle all that follow it would be refused.
  if (closed_ || queue_.size() >= limits_.max_messages ||
      queued_bytes_ + size > limits_.max_bytes) {
    return;
  }
  queue_.push_back(std::move(message));
  queued_bytes_ += size;
  // Not up: the oldest go, which are the first to be out of date.
  while (!up_ && queue_.size() > 1 &&
         (queue_.size() > limits_.max_waiting ||
          queued_bytes_ > limits_.max_waiting_bytes)) {
    queued_bytes_ -= SizeOf(queue_.front());
    queue_.pop_front();
  }
}

absl::Duration Lane::UntilDue(absl::Duration now) {
  MutexLock lock(&mu_);
  if (closed_ || call_ != nullptr) return absl::InfiniteDuration();
  return std::max(next_try_ - now, absl::ZeroDuration());
}

void Lane::Begin(std::shared_ptr<grpc::Channel> channel, absl::Duration now) {
  MutexLock lock(&mu_);
  if (closed_ || call_ != nullptr) return;
  // No address. What waits would be old when there is one.
  if (channel == nullptr) {
    Clear();
    Delay();
    return;
  }
  broken_ = false;
  was_up_ = false;
  waits_ = !waits_;
  begun_ = now;
  call_ = new Call(this, std::move(channel));
  call_->Begin(waits_);
}

bool Lane::WaitsLong(absl::Duration now) {
  MutexLock lock(&mu_);
  return call_ != nullptr && !was_up_ && now - begun_ >= kLongWait;
}

void Lane::Interrupt() {
  MutexLock lock(&mu_);
  if (call_ != nullptr) call_->Cancel();
}

void Lane::Close() {
  MutexLock lock(&mu_);
  closed_ = true;
  if (call_ != nullptr) call_->Cancel();
  while (call_ != nullptr) ended_.Wait(&mu_);
}

void Lane::OnUp() {
  MutexLock lock(&mu_);
  // Its callbacks come from several threads: the metadata may be told after the
  // end. Up would then stay for ever.
  if (broken_ || closed_) return;
  up_ = true;
  was_up_ = true;
  failures_ = 0;
  listener_(Event::kUp);
  WriteMore();
}

void Lane::OnWritten(bool ok) {
  MutexLock lock(&mu_);
  writing_ = false;
  // If not, the stream has ended and OnReadDone says so.
  if (ok) WriteMore();
}

void Lane::OnBroken() {
  MutexLock lock(&mu_);
  broken_ = true;
  Lose();
}

void Lane::OnEnd(const grpc::Status& status) {
  MutexLock lock(&mu_);
  Lose();
  Delay();
  call_ = nullptr;
  writing_ = false;
  if (!was_up_ && IsRefusedHandshake(status)) {
    Clear();
    // The next one asks again.
    waits_ = true;
    listener_(Event::kRefused);
  }
  // The first call after a connection asks, too.
  if (was_up_) waits_ = true;
  listener_(Event::kEnded);
  ended_.SignalAll();
}

void Lane::WriteMore() {
  // gRPC takes one write at a time. What comes during it leaves with the next:
  // a busy lane makes fewer and larger ones by itself.
  if (!up_ || writing_ || queue_.empty()) return;
  proto::DeliverRequest& request = call_->request;
  request.Clear();
  auto proof = proof_->Current();
  if (proof != nullptr && proof != call_->shown) {
    request.set_voter_proof(*proof);
    call_->shown = std::move(proof);
  }
  size_t size = 0;
  // At least one, however large: the limits of the core keep a message below
  // what gRPC takes.
  do {
    size += SizeOf(queue_.front());
    *request.add_messages() = EncodeMessage(queue_.front());
    queue_.pop_front();
  } while (!queue_.empty() &&
           size + SizeOf(queue_.front()) <= limits_.max_write_bytes);
  queued_bytes_ -= size;
  writing_ = true;
  call_->StartWrite(&request);
}

void Lane::Lose() {
  if (!up_) return;
  up_ = false;
  Clear();
  listener_(Event::kLost);
}

void Lane::Clear() {
  queue_.clear();
  queued_bytes_ = 0;
}

void Lane::Delay() {
  // Also after a call that was up for long: OnUp has set the count back, so the
  // first pause is the shortest.
  next_try_ = Clock::Real().Monotonic() + BackoffDelay(kRetry, ++failures_);
}

}  // namespace microovn::raft
