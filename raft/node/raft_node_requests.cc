// SPDX-License-Identifier: Apache-2.0
// Proposals and reads: each is tried until it is done or it is not certain any
// more that nothing happened.
#include <algorithm>
#include <memory>
#include <utility>

#include "base/status/error.h"
#include "raft/node/raft_node.h"
#include "raft/transport/answer.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

// Between two tries while there is a leader.
constexpr absl::Duration kRetryPause = absl::Milliseconds(10);

// Only these are worth another try: other definite errors (too large, no space)
// would come again at once, or make it worse (overload).
bool IsDefinitelyUndone(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == kNoLeaderReason || reason == kStoppedReason;
}

// An answer always comes: at the latest when the node stops.
template <typename T>
absl::StatusOr<T> Await(Answer<absl::StatusOr<T>>* answer) {
  for (;;) {
    auto result = answer->Wait(absl::InfiniteDuration());
    if (result.has_value()) return *std::move(result);
  }
}

}  // namespace

template <typename T>
struct RaftNode::Request {
  using Done = std::function<void(absl::StatusOr<T>)>;

  explicit Request(const RaftNode* node) : call(node) {}

  // Keeps Stop waiting until the request is answered and gone.
  const Call call;
  std::function<void(absl::Duration left, Done done)> once;
  absl::Duration end;
  Done done;
  // Why the last try did not take effect.
  absl::Status last;
};

absl::StatusOr<Proposed> RaftNode::Propose(std::string command,
                                           absl::Duration timeout) {
  const Call call(this);
  const auto answer = std::make_shared<Answer<absl::StatusOr<Proposed>>>();
  ProposeAsync(std::move(command), timeout,
               [answer](absl::StatusOr<Proposed> proposed) {
                 answer->Set(std::move(proposed));
               });
  return Await(answer.get());
}

absl::StatusOr<LogIndex> RaftNode::ReadBarrier(absl::Duration timeout) {
  const Call call(this);
  const auto answer = std::make_shared<Answer<absl::StatusOr<LogIndex>>>();
  ReadBarrierAsync(timeout, [answer](absl::StatusOr<LogIndex> index) {
    answer->Set(std::move(index));
  });
  return Await(answer.get());
}

void RaftNode::ProposeAsync(std::string command, absl::Duration timeout,
                            ProposalDone done) {
  auto request = std::make_shared<Request<Proposed>>(this);
  request->once = [this, command = std::move(command)](absl::Duration left,
                                                       ProposalDone then) {
    Once(command, left, std::move(then));
  };
  request->end = Clock::Real().Monotonic() + timeout;
  request->done = std::move(done);
  Begin(request);
}

void RaftNode::ReadBarrierAsync(absl::Duration timeout, ReadDone done) {
  auto request = std::make_shared<Request<LogIndex>>(this);
  request->once = [this](absl::Duration left, const ReadDone& then) {
    Once(left, then);
  };
  request->end = Clock::Real().Monotonic() + timeout;
  request->done = std::move(done);
  Begin(request);
}

template <typename T>
void RaftNode::Begin(const std::shared_ptr<Request<T>>& request) {
  if (request->call.allowed()) {
    Try(request);
  } else {
    request->done(StoppedError());
  }
}

template <typename T>
void RaftNode::Try(const std::shared_ptr<Request<T>>& request) {
  // At the latest here a request ends that waits for a leader: Stop tries all
  // of them once more.
  if (inbox_.closed()) {
    request->done(StoppedError());
    return;
  }
  // In real time, as the caller counts it; deadlines of the core go by the
  // node's clock, which a test may hold.
  const absl::Duration left = request->end - Clock::Real().Monotonic();
  if (left <= absl::ZeroDuration()) {
    // The reason of the last try says more than that the time is over.
    request->done(request->last.ok() ? NoLeaderError("none was elected in time")
                                     : request->last);
    return;
  }
  if (!loop_->leader().has_value()) {
    retries_.Add(request->end, [this, request] { Try(request); });
    // It may have come meanwhile.
    if (loop_->leader().has_value()) retries_.Wake();
    return;
  }
  // From here on it may take effect: only an answer that says that it did not
  // leads to another try, or the command could be applied twice.
  request->once(left, [this, request](absl::StatusOr<T> result) {
    if (result.ok() || !IsDefinitelyUndone(result.status())) {
      request->done(std::move(result));
      return;
    }
    // A leader that refuses is most likely being replaced; at once it would
    // refuse again.
    request->last = result.status();
    retries_.Add(Clock::Real().Monotonic() + kRetryPause,
                 [this, request] { Try(request); });
  });
}

void RaftNode::Once(const std::string& command, absl::Duration left,
                    ProposalDone done) {
  // May have changed since Try looked: then it is tried again, which costs a
  // pause.
  const std::optional<MemberId> leader = loop_->leader();
  if (!leader.has_value()) {
    done(NoLeaderError("none is known"));
    return;
  }
  if (*leader == identity_.member) {
    ProposeHere(std::nullopt, command, left, std::move(done));
    return;
  }
  if (options_.admit && !options_.admit(identity_.member, command).ok()) {
    done(NotLeaderError());
    return;
  }
  const absl::Duration deadline = clock_.Monotonic() + left;
  transport_->ForwardPropose(
      *leader, command, left,
      [this, deadline,
       done = std::move(done)](absl::StatusOr<Proposed> proposed) {
        if (!proposed.ok()) {
          done(std::move(proposed));
          return;
        }
        // The leader answers when it has applied it. The caller is promised
        // that it is applied here, so that its next local read sees it.
        const LogIndex index = proposed->index;
        applier_->Await(index, deadline, [done, proposed](bool applied) {
          if (applied) {
            done(proposed);
          } else {
            done(OutcomeUnknownError("it is committed, but not applied here"));
          }
        });
      });
}

void RaftNode::ProposeHere(const std::optional<MemberId>& from,
                           const std::string& command, absl::Duration left,
                           ProposalDone done) {
  InboxItem item =
      ProposalItem{options_.stamp ? options_.stamp(from, command) : command,
                   clock_.Monotonic() + left, std::move(done)};
  if (Give(std::move(item))) return;
  // Refused items come back untouched (Inbox::Add), with their `done`.
  std::get<ProposalItem>(item).done(inbox_.closed() ? StoppedError()
                                                    : OverloadedError());
}

void RaftNode::Once(absl::Duration left, const ReadDone& done) {
  const absl::Duration deadline = clock_.Monotonic() + left;
  InboxItem item = ReadItem{
      deadline, [this, deadline, done](absl::StatusOr<LogIndex> index) {
        if (!index.ok()) {
          done(std::move(index));
          return;
        }
        // The index is committed; this member serves the read once it has come
        // so far (thesis 6.4).
        applier_->Await(*index, deadline, [done, index](bool applied) {
          if (applied) {
            done(index);
          } else {
            done(NoLeaderError("this member is behind"));
          }
        });
      }};
  if (Give(std::move(item))) return;
  done(StoppedError());
}

void RaftNode::ProposeForPeer(const MemberId& from, std::string command,
                              absl::Duration timeout, ProposalDone done) {
  // Not passed on: two members that take each other for the leader would send
  // it to and fro.
  if (loop_->leader() != identity_.member) {
    done(NoLeaderError("this member does not lead"));
    return;
  }
  if (options_.admit) {
    absl::Status admitted = options_.admit(from, command);
    if (!admitted.ok()) {
      done(std::move(admitted));
      return;
    }
  }
  ProposeHere(from, command, timeout, std::move(done));
}

}  // namespace microovn::raft
