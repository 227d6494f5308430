// SPDX-License-Identifier: Apache-2.0
#include "raft/node/raft_node.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "raft/transport/answer.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

// The raft thread answers at the deadline; this is for its way back.
constexpr absl::Duration kAnswerSlack = absl::Seconds(1);
constexpr absl::Duration kStatusTimeout = absl::Seconds(1);

}  // namespace

RaftNode::Call::Call(const RaftNode* node) : node_(node) {
  MutexLock lock(&node_->mu_);
  allowed_ = !node_->stopping_;
  ++node_->calls_;
}

RaftNode::Call::~Call() {
  MutexLock lock(&node_->mu_);
  if (--node_->calls_ == 0) node_->changed_.SignalAll();
}

RaftNode::RaftNode(std::unique_ptr<LogStorage> storage,
                   std::unique_ptr<SpaceWatch> space, const Identity& identity,
                   NodeOptions options, Transport* transport,
                   const Clock& clock)
    : identity_(identity),
      options_(std::move(options)),
      transport_(transport),
      clock_(clock),
      storage_(std::move(storage)),
      inbox_(options_.inbox),
      space_(std::move(space)) {}

RaftNode::~RaftNode() { Stop(); }

void RaftNode::Begin(const StoredMember& stored, StateMachine* machine,
                     uint64_t seed) {
  // In this order: the loop may call all others as soon as it runs. The inbox
  // is claimed until it does, so what the transport brings before waits.
  writer_ = std::make_unique<LogWriter>(
      storage_.get(),
      [this](StorageToken token) { Give(Input(Stored{token})); },
      [this](const absl::Status& status) { Fail(status); });
  // Marks are made where the core compares them.
  ApplierOptions applying = options_.applier;
  applying.mark_interval =
      std::max<uint64_t>(options_.core.state_mark_interval, 1);
  applier_ = std::make_unique<Applier>(
      applying, MakeApplierContext(machine),
      AppliedState{stored.recovered.applied, stored.running_hash});
  loop_ = std::make_unique<RaftLoop>(identity_, options_.core, stored.recovered,
                                     seed, MakeLoopContext());
  transport_->Start(identity_.cluster, identity_.member, this);
  loop_->Start();
  space_->Start([this](SpaceLevel level) {
    Give(Input(SpaceChanged{level == SpaceLevel::kReadOnly}));
  });
}

ApplierContext RaftNode::MakeApplierContext(StateMachine* machine) {
  ApplierContext context;
  context.storage = storage_.get();
  context.machine = machine;
  context.writer = writer_.get();
  context.proposals = &proposals_;
  context.report = [this](Input input) { Give(std::move(input)); };
  context.give_piece = [this](SnapshotPiece piece) { Give(std::move(piece)); };
  context.failed = [this](const absl::Status& status) { Fail(status); };
  return context;
}

RaftLoopContext RaftNode::MakeLoopContext() {
  RaftLoopContext context;
  context.clock = &clock_;
  context.inbox = &inbox_;
  context.proposals = &proposals_;
  context.persist = [this](Persist persist) {
    writer_->Write(std::move(persist));
  };
  context.send = [this](std::vector<Message> messages) {
    transport_->Send(std::move(messages));
  };
  context.apply = [this](ApplierTask task) { applier_->Add(std::move(task)); };
  context.apply_waiting = [this] { applier_->Work(); };
  context.applied = [this] { return applier_->applied(); };
  context.space = [this] { return space_->report(); };
  context.expire = [this](absl::Duration now) { applier_->Expire(now); };
  context.set_peers = [this](const std::vector<MemberId>& peers) {
    transport_->SetPeers(peers);
  };
  // With the claim: observers are told on their own thread, and waiting
  // requests are tried again on theirs.
  context.notify = [this](NodeStatus status) {
    const bool led = status.leader.has_value();
    observers_.Notify(std::move(status));
    if (led) retries_.Wake();
  };
  context.measure = [this](NodeMetrics& metrics) {
    metrics.sync = writer_->times();
    metrics.batches_to_write = writer_->waiting();
    metrics.apply = applier_->times();
    metrics.tasks_to_apply = applier_->waiting();
    MutexLock lock(&mu_);
    metrics.incompatible.assign(incompatible_.begin(), incompatible_.end());
  };
  context.flight = options_.flight;
  context.snapshot_bytes_per_second = options_.snapshot_bytes_per_second;
  context.failed = [this](const absl::Status& status) { Fail(status); };
  return context;
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

// Also after Stop has begun, which hands leadership over through this.
absl::Status RaftNode::AskLoop(
    const std::function<InboxItem(std::function<void(absl::Status)> done)>&
        make,
    absl::Duration timeout) {
  const Call call(this);
  // Shared with the request: this caller may give up before it is answered.
  const auto answer = std::make_shared<Answer<absl::Status>>();
  if (!Give(make(
          [answer](absl::Status status) { answer->Set(std::move(status)); }))) {
    return StoppedError();
  }
  const auto status = answer->Wait(timeout + kAnswerSlack);
  // The loop answers at the deadline. Should it be stuck, nobody knows.
  return status.has_value() ? *status
                            : OutcomeUnknownError("no answer in time");
}

NodeStatus RaftNode::Status() const {
  const Call call(this);
  const auto answer = std::make_shared<Answer<NodeStatus>>();
  if (!Give(StatusItem{
          [answer](NodeStatus status) { answer->Set(std::move(status)); }})) {
    return loop_->last_status();
  }
  auto status = answer->Wait(kStatusTimeout);
  return status.has_value() ? *std::move(status) : loop_->last_status();
}

// Under the claim, like every change that is told: one that comes between the
// question how things are and the observer's place in the list would be told to
// nobody.
void RaftNode::Observe(Observer observer) {
  const Call call(this);
  const auto add = [this, observer = std::move(observer)](NodeStatus now) {
    observers_.Add(observer, std::move(now));
  };
  if (!Give(StatusItem{add})) add(loop_->last_status());
}

void RaftNode::Deliver(std::vector<Message> messages, LogIndex voter_at) {
  for (Message& message : messages) {
    // All first and the work after: what came together is worked on in one
    // round, and its answers leave together.
    inbox_.Add(Input(Received{std::move(message), voter_at}));
  }
  loop_->Work();
}

void RaftNode::ReportPeer(MemberId peer, bool up) {
  Give(Input(PeerConnection{peer, up}));
}

void RaftNode::ReportIncompatible(MemberId peer, const absl::Status& why) {
  MutexLock lock(&mu_);
  // Kept until the node ends: an operator looks for it when a member is
  // missing, maybe long after its last call.
  LOG_IF(WARNING, incompatible_.insert(peer).second)
      << "raft: refusing " << peer << ": " << why.message();
}

bool RaftNode::Give(InboxItem&& item) const {
  if (!inbox_.Add(std::move(item))) return false;
  loop_->Work();
  return true;
}

}  // namespace microovn::raft
