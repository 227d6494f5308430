// SPDX-License-Identifier: Apache-2.0
// One stream of messages to one peer: a bounded queue and the gRPC call that
// drains it, begun again by its owner when it ended. What is sent while the
// peer cannot be reached is lost, but for a few messages that wait for an
// attempt under way.
#ifndef MICROOVN_RAFT_TRANSPORT_LANE_H_
#define MICROOVN_RAFT_TRANSPORT_LANE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "grpcpp/channel.h"
#include "microovn/internal/raft/v1/raft.grpc.pb.h"
#include "raft/core/values/message.h"
#include "raft/transport/shown_proof.h"

namespace microovn::raft {

// Messages and bytes by SizeOf. They bound the memory that a peer costs which
// does not read; what is beyond them is lost.
struct LaneLimits {
  size_t max_messages = 4096;
  size_t max_bytes = 16 << 20;
  // Kept for a peer that is not connected yet.
  // Few, since only the newest heartbeats and requests for votes still mean
  // something when the peer is there, and a vote must not wait for the next
  // try.
  size_t max_waiting = 32;
  size_t max_waiting_bytes = 1 << 20;
  // One write to the stream; a single message may be larger.
  size_t max_write_bytes = 512 << 10;
};

// Thread-safe. Close before it dies.
// Without a call, with one that is not up yet, up, or broken: the last until
// the call has had its last callback. Up is what the peer's service has
// confirmed by its initial metadata; that a channel is connected proves only
// that somebody listens there.
//
// What is queued when the way breaks is dropped. The core sends again what
// still matters, and behind a queue of old messages the new ones would come
// late.
class Lane {
 public:
  enum class Event {
    kUp,       // the peer became reachable
    kLost,     // it is not any more
    kRefused,  // it answers, and the handshake has failed; kEnded follows
    kEnded,    // the call is over; UntilDue has an answer
  };

  // `listener` is called from gRPC's threads, in order, which takes a lock: it
  // must not block nor call back. What `proof` holds goes with the messages
  // whenever it is new in a call; it is borrowed.
  Lane(const LaneLimits& limits, std::function<void(Event)> listener,
       const ShownProof* proof);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Never waits. In order, but for what is lost.
  void Send(std::vector<Message> messages);

  // In how long a call should begin: zero when it is due, InfiniteDuration
  // while there is one.
  absl::Duration UntilDue(absl::Duration now);

  // Begins a call over `channel`; without one, only waits for the next time.
  // One call at a time: with one under way it does nothing. Every other one
  // waits for its channel; the ones between ask why there is no connection.
  void Begin(std::shared_ptr<grpc::Channel> channel, absl::Duration now);

  // Whether a call has waited for so long that another one should ask.
  bool WaitsLong(absl::Duration now);

  // Ends the call, if any; the owner begins it again.
  // For a new address or certificate. The listener hears kLost, if it was up,
  // and kEnded.
  void Interrupt();

  // Ends the call for good and waits until it is over.
  // Not from the listener: it waits for the callbacks that call it.
  void Close();

 private:
  class Call;

  void OnUp();
  void OnWritten(bool ok);
  void OnBroken();
  void OnEnd(const grpc::Status& status);
  // Drops a message, this one or an older one, when there are too many.
  void Enqueue(Message message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void WriteMore() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Says so, once for each time that it was up, and drops what is queued. What
  // waits for a peer that was not up yet goes on waiting.
  void Lose() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Clear() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Delay() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const LaneLimits limits_;
  const std::function<void(Event)> listener_;
  const ShownProof* const proof_;

  Mutex mu_;
  CondVar ended_;
  std::deque<Message> queue_ ABSL_GUARDED_BY(mu_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  // Deletes itself after OnEnd.
  Call* call_ ABSL_GUARDED_BY(mu_) = nullptr;
  bool up_ ABSL_GUARDED_BY(mu_) = false;
  // A call that waits for its channel never hears why there is none.
  bool waits_ ABSL_GUARDED_BY(mu_) = true;
  absl::Duration begun_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
  // The call was up once.
  bool was_up_ ABSL_GUARDED_BY(mu_) = false;
  // The call is over but for its last callbacks, whose order is open.
  bool broken_ ABSL_GUARDED_BY(mu_) = false;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  // Calls that ended since the last that came up: with them the pause grows.
  int failures_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Duration next_try_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
};

// What a message counts against the limits.
// Payloads and chunks, with an allowance for the rest; not the bytes on the
// wire, which would have to be encoded to be known.
size_t SizeOf(const Message& message);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_LANE_H_
