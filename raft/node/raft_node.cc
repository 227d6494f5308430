#include "raft/node/raft_node.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/status_macros.h"
#include "glog/logging.h"
#include "raft/transport/answer.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

// Between two tries of a request that certainly did not take effect.
constexpr absl::Duration kRetryPause = absl::Milliseconds(10);
// The raft thread answers at the deadline; this is for its way back.
constexpr absl::Duration kAnswerSlack = absl::Seconds(1);
constexpr absl::Duration kStatusTimeout = absl::Seconds(1);

bool IsDefinitelyUndone(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == kNoLeaderReason || reason == kStoppedReason;
}

void EndProcess(const absl::Status& status) {
  LOG(ERROR) << "raft: this member cannot go on and ends, so that a restart "
                "recovers what is safely stored: "
             << status;
  google::FlushLogFiles(google::INFO);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace

// Of a caller that may wait: Stop ends its waiting and then waits for it.
class RaftNode::Call {
 public:
  explicit Call(const RaftNode* node) : node_(node) {
    MutexLock lock(&node_->mu_);
    allowed_ = !node_->stopping_;
    ++node_->calls_;
  }
  ~Call() {
    MutexLock lock(&node_->mu_);
    --node_->calls_;
    node_->changed_.SignalAll();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  bool allowed() const { return allowed_; }

 private:
  const RaftNode* const node_;
  bool allowed_ = false;
};

RaftNode::RaftNode(std::unique_ptr<LogStorage> storage,
                   const Identity& identity, NodeOptions options,
                   Transport* transport, const Clock& clock)
    : identity_(identity),
      options_(std::move(options)),
      transport_(transport),
      clock_(clock),
      storage_(std::move(storage)),
      inbox_(options_.inbox) {}

RaftNode::~RaftNode() { Stop(); }

void RaftNode::Begin(const StoredMember& stored, StateMachine* machine,
                     uint64_t seed) {
  writer_ = std::make_unique<LogWriter>(
      storage_.get(),
      [this](StorageToken token) { inbox_.Add(Input(Stored{token})); },
      [this](const absl::Status& status) { Fail(status); });
  applier_ = std::make_unique<Applier>(
      options_.applier, MakeApplierContext(machine),
      AppliedState{stored.recovered.applied, stored.running_hash});
  loop_ = std::make_unique<RaftLoop>(identity_, options_.core, stored.recovered,
                                     seed, MakeLoopContext());
  transport_->Start(identity_.cluster, identity_.member, this);
  loop_->Start();
}

ApplierContext RaftNode::MakeApplierContext(StateMachine* machine) {
  ApplierContext context;
  context.storage = storage_.get();
  context.machine = machine;
  context.writer = writer_.get();
  context.proposals = &proposals_;
  context.report = [this](Input input) { inbox_.Add(std::move(input)); };
  context.give_piece = [this](SnapshotPiece piece) {
    inbox_.Add(std::move(piece));
  };
  context.failed = [this](const absl::Status& status) { Fail(status); };
  return context;
}

RaftLoopContext RaftNode::MakeLoopContext() {
  RaftLoopContext context;
  context.clock = &clock_;
  context.inbox = &inbox_;
  context.proposals = &proposals_;
  context.actions.persist = [this](Persist persist) {
    writer_->Write(std::move(persist));
  };
  context.actions.send = [this](Message message) {
    transport_->Send(std::move(message));
  };
  context.actions.apply = [this](ApplierTask task) {
    applier_->Add(std::move(task));
  };
  context.applied = [this] { return applier_->applied(); };
  context.set_peers = [this](const std::vector<MemberId>& peers) {
    transport_->SetPeers(peers);
  };
  context.notify = [this](NodeStatus status) {
    observers_.Notify(std::move(status));
  };
  context.failed = [this](const absl::Status& status) { Fail(status); };
  return context;
}

template <typename T>
absl::StatusOr<T> RaftNode::Retry(
    absl::Duration timeout,
    const std::function<absl::StatusOr<T>(absl::Duration)>& once) {
  const Call call(this);
  if (!call.allowed()) return StoppedError();
  const absl::Duration end = Clock::Real().Monotonic() + timeout;
  absl::Status last = NoLeaderError("none was elected in time");
  for (;;) {
    absl::Duration left = end - Clock::Real().Monotonic();
    if (inbox_.closed()) return StoppedError();
    if (left <= absl::ZeroDuration()) return last;
    if (!loop_->WaitForLeader(left).has_value()) {
      if (!Pause()) return StoppedError();
      continue;
    }
    left = std::max(end - Clock::Real().Monotonic(), absl::Milliseconds(1));
    absl::StatusOr<T> result = once(left);
    if (result.ok() || !IsDefinitelyUndone(result.status())) return result;
    if (!Pause()) return StoppedError();
    last = result.status();
  }
}

absl::StatusOr<Proposed> RaftNode::Propose(std::string command,
                                           absl::Duration timeout) {
  return Retry<Proposed>(timeout, [this, &command](absl::Duration left) {
    return ProposeOnce(command, left);
  });
}

absl::StatusOr<LogIndex> RaftNode::ReadBarrier(absl::Duration timeout) {
  return Retry<LogIndex>(
      timeout, [this](absl::Duration left) { return ReadOnce(left); });
}

absl::StatusOr<Proposed> RaftNode::ProposeOnce(const std::string& command,
                                               absl::Duration timeout) {
  const absl::Duration end = Clock::Real().Monotonic() + timeout;
  const std::optional<MemberId> leader = loop_->leader();
  if (!leader.has_value()) return NoLeaderError("none is known");
  if (*leader == identity_.member) return ProposeHere(command, timeout);
  ASSIGN_OR_RETURN(Proposed proposed,
                   transport_->ForwardPropose(*leader, command, timeout));
  if (!applier_->WaitFor(proposed.index, end - Clock::Real().Monotonic())) {
    return OutcomeUnknownError("it is committed, but not applied here yet");
  }
  return proposed;
}

absl::StatusOr<Proposed> RaftNode::ProposeHere(std::string command,
                                               absl::Duration timeout) {
  const auto answer = std::make_shared<Answer<absl::StatusOr<Proposed>>>();
  const bool added =
      inbox_.Add(ProposalItem{std::move(command), clock_.Monotonic() + timeout,
                              [answer](absl::StatusOr<Proposed> proposed) {
                                answer->Set(std::move(proposed));
                              }});
  if (!added) return inbox_.closed() ? StoppedError() : OverloadedError();
  auto proposed = answer->Wait(timeout + kAnswerSlack);
  if (!proposed.has_value()) return OutcomeUnknownError("no answer in time");
  return *std::move(proposed);
}

absl::StatusOr<LogIndex> RaftNode::ReadOnce(absl::Duration timeout) {
  const absl::Duration end = Clock::Real().Monotonic() + timeout;
  const auto answer = std::make_shared<Answer<absl::StatusOr<LogIndex>>>();
  if (!inbox_.Add(ReadItem{[answer](absl::StatusOr<LogIndex> index) {
        answer->Set(std::move(index));
      }})) {
    return StoppedError();
  }
  const auto index = answer->Wait(timeout);
  if (!index.has_value()) return NoLeaderError("no answer in time");
  RETURN_IF_ERROR(index->status());
  if (!applier_->WaitFor(**index, end - Clock::Real().Monotonic())) {
    return NoLeaderError("this member is behind");
  }
  return **index;
}

absl::Status RaftNode::ChangeMembership(const Configuration& target,
                                        LogIndex expected_configuration,
                                        absl::Duration timeout) {
  return AskLoop(
      [this, &target, expected_configuration,
       timeout](std::function<void(absl::Status)> done) {
        return ChangeItem{{target.voters, target.learners, target.incarnations},
                          expected_configuration,
                          clock_.Monotonic() + timeout,
                          std::move(done)};
      },
      timeout);
}

absl::Status RaftNode::TransferLeadership(std::optional<MemberId> to,
                                          absl::Duration timeout) {
  return AskLoop(
      [to](std::function<void(absl::Status)> done) {
        return TransferItem{to.value_or(MemberId()), std::move(done)};
      },
      timeout);
}

absl::Status RaftNode::AskLoop(
    std::function<InboxItem(std::function<void(absl::Status)> done)> make,
    absl::Duration timeout) {
  const Call call(this);
  const auto answer = std::make_shared<Answer<absl::Status>>();
  if (!inbox_.Add(make(
          [answer](absl::Status status) { answer->Set(std::move(status)); }))) {
    return StoppedError();
  }
  const auto status = answer->Wait(timeout + kAnswerSlack);
  return status.has_value() ? *status
                            : OutcomeUnknownError("no answer in time");
}

NodeStatus RaftNode::Status() const {
  const Call call(this);
  const auto answer = std::make_shared<Answer<NodeStatus>>();
  if (!inbox_.Add(StatusItem{
          [answer](NodeStatus status) { answer->Set(std::move(status)); }})) {
    return loop_->last_status();
  }
  auto status = answer->Wait(kStatusTimeout);
  return status.has_value() ? *std::move(status) : loop_->last_status();
}

void RaftNode::Observe(Observer observer) {
  observers_.Add(std::move(observer), Status());
}

void RaftNode::Deliver(Message message) {
  inbox_.Add(Input(Received{std::move(message)}));
}

void RaftNode::ReportPeer(MemberId peer, bool up) {
  inbox_.Add(Input(PeerConnection{peer, up}));
}

void RaftNode::ProposeForPeer(std::string command, absl::Duration timeout,
                              ProposalDone done) {
  if (loop_->leader() != identity_.member) {
    done(NoLeaderError("this member does not lead"));
    return;
  }
  ProposalItem item{std::move(command), clock_.Monotonic() + timeout,
                    std::move(done)};
  InboxItem boxed = std::move(item);
  if (inbox_.Add(std::move(boxed))) return;
  std::get<ProposalItem>(boxed).done(inbox_.closed() ? StoppedError()
                                                     : OverloadedError());
}

void RaftNode::Stop() {
  {
    MutexLock lock(&mu_);
    if (stopping_) {
      while (!stopped_) changed_.Wait(&mu_);
      return;
    }
    stopping_ = true;
    changed_.SignalAll();
  }
  HandOver();
  transport_->Stop();
  inbox_.Close();
  loop_->Join();
  writer_->Stop();
  applier_->Stop();
  observers_.Stop();
  MutexLock lock(&mu_);
  while (calls_ > 0) changed_.Wait(&mu_);
  stopped_ = true;
  changed_.SignalAll();
}

void RaftNode::HandOver() {
  if (options_.hand_over <= absl::ZeroDuration()) return;
  const absl::Duration end = Clock::Real().Monotonic() + options_.hand_over;
  const NodeStatus status = Status();
  if (status.role != Role::kLeader || status.configuration.voters.size() < 2) {
    return;
  }
  const absl::Status handed =
      TransferLeadership(std::nullopt, options_.hand_over);
  LOG_IF(WARNING, !handed.ok()) << "raft: " << handed.message();
  // What was accepted is committed by the next leader, and answered here.
  while (!proposals_.empty() && Clock::Real().Monotonic() < end) {
    MutexLock lock(&mu_);
    changed_.WaitWithTimeout(&mu_, kRetryPause);
  }
}

// False when the node stops.
bool RaftNode::Pause() {
  MutexLock lock(&mu_);
  if (!stopping_) changed_.WaitWithTimeout(&mu_, kRetryPause);
  return !stopping_;
}

void RaftNode::Fail(const absl::Status& status) {
  inbox_.Close();
  if (options_.failed) {
    options_.failed(status);
  } else {
    EndProcess(status);
  }
}

}  // namespace microovn::raft
