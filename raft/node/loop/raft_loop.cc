// SPDX-License-Identifier: Apache-2.0
#include "raft/node/loop/raft_loop.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "raft/node/flight/node_words.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

// More than this does not wait for the batch before it.
constexpr size_t kFullBatch = 512;
constexpr size_t kFullBatchBytes = size_t{256} << 10;

// What comes while a thread works is done by it too, so that the raft thread
// need not be woken; after so many rounds it is.
constexpr int kMostRounds = 4;

Time TimeOf(absl::Duration monotonic) {
  return Time(static_cast<uint64_t>(absl::ToInt64Microseconds(monotonic)));
}

}  // namespace

RaftLoop::RaftLoop(const Identity& identity, const Options& options,
                   Recovered recovered, uint64_t seed, RaftLoopContext context)
    : identity_(identity),
      context_(std::move(context)),
      core_(identity, options, std::move(recovered), seed,
            TimeOf(context_.clock->Monotonic())),
      schedule_(options),
      recorder_(context_.flight, core_),
      pacer_(context_.snapshot_bytes_per_second),
      handler_(Actions()),
      last_tick_(Now()) {}

RaftLoop::~RaftLoop() { Join(); }

void RaftLoop::Start() {
  const NodeStatus status = Describe();
  {
    MutexLock lock(&mu_);
    last_status_ = status;
  }
  LOG_IF(WARNING, status.quarantine.has_value())
      << "raft: " << WordsOf(*status.quarantine);
  // The core tells of changes only, and this is where they begin.
  context_.set_peers(status.configuration.Members());
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "raft");
}

void RaftLoop::Join() {
  if (thread_.joinable()) thread_.join();
}

std::optional<MemberId> RaftLoop::leader() const {
  MutexLock lock(&mu_);
  return leader_;
}

NodeStatus RaftLoop::last_status() const {
  MutexLock lock(&mu_);
  return last_status_;
}

void RaftLoop::Work() {
  if (context_.inbox->Claim()) RunAndRelease();
}

void RaftLoop::Run() {
  // The inbox is claimed from the beginning, and again from the end on.
  for (;;) {
    RunAndRelease();
    context_.inbox->WaitAndClaim();
    if (context_.inbox->closed() || faulted_) break;
  }
  context_.inbox->Close();
  EndAll();
  NodeStatus status = Describe();
  status.leader.reset();
  MutexLock lock(&mu_);
  last_status_ = std::move(status);
  leader_.reset();
}

void RaftLoop::RunAndRelease() {
  for (int round = 0; round < kMostRounds && RunRound(); ++round) {
  }
  const Answers answers = std::exchange(answers_, {});
  // Before what may take long: others go on with the core meanwhile.
  context_.inbox->Release(NextWake());
  context_.apply_waiting();
  for (const auto& [done, index] : answers) done(index);
}

// Whether there was anything.
bool RaftLoop::RunRound() {
  std::vector<InboxItem> items = context_.inbox->Take();
  for (InboxItem& item : items) {
    std::visit([this](auto& typed) { Handle(typed); }, item);
  }
  // After the inbox is empty: a heartbeat that waits in it counts (raft.md
  // 5b.22).
  TickIfDue();
  ReadSnapshots();
  ProposeCollected();
  if (!outbox_.empty()) context_.send(std::exchange(outbox_, {}));
  return !items.empty();
}

void RaftLoop::ReadSnapshots() {
  for (SnapshotWanted& wanted : pacer_.Take(Now())) {
    context_.apply(std::move(wanted));
  }
}

absl::Duration RaftLoop::NextWake() const {
  const bool somebody_waits = !reads_.empty() || !changes_.empty() ||
                              !transfers_.empty() ||
                              !context_.proposals->empty();
  Time wake =
      schedule_.NextWake(core_.NextWakeup(), last_tick_, somebody_waits);
  wake = std::min(wake, pacer_.NextAt().value_or(wake));
  return absl::Microseconds(wake.value());
}

ReadyActions RaftLoop::Actions() {
  ReadyActions actions;
  actions.persist = context_.persist;
  actions.send = [this](Message message) {
    outbox_.push_back(std::move(message));
  };
  actions.apply = context_.apply;
  return actions;
}

void RaftLoop::Handle(Input& input) {
  const auto* stored = std::get_if<Stored>(&input);
  const StorageToken token = stored == nullptr ? StorageToken() : stored->token;
  const auto* received = std::get_if<Received>(&input);
  if (received != nullptr) heard_[received->message.header.from] = Now();
  Step(std::move(input));
  if (token != StorageToken()) handler_.Stored(token);
}

void RaftLoop::Handle(ProposalItem& item) {
  const RequestId id = NextId();
  context_.proposals->Add(id, item.deadline, std::move(item.done));
  collected_bytes_ += item.command.size();
  collected_.push_back({id, Payload(std::move(item.command))});
}

void RaftLoop::Handle(ReadItem& item) {
  const RequestId id = NextId();
  reads_[id] = {item.deadline, std::move(item.done)};
  Step(ReadRequest{id});
}

void RaftLoop::Handle(ChangeItem& item) {
  const RequestId id = NextId();
  changes_[id] = {item.deadline, std::move(item.done), std::nullopt};
  Step(ProposeConfiguration{id, item.expected, std::move(item.target)});
}

void RaftLoop::Handle(TransferItem& item) {
  const RequestId id = NextId();
  transfers_[id] = {item.to, std::move(item.done)};
  Step(Transfer{id, item.to});
}

void RaftLoop::Handle(StatusItem& item) { item.done(Describe()); }

void RaftLoop::Handle(SnapshotPiece& piece) {
  if (piece.term != core_.hard_state().term) return;
  SnapshotMetadata& metadata = sending_[piece.to];
  if (metadata.index != piece.index) {
    std::optional<SnapshotMetadata> described =
        core_.DescribeSnapshot(piece.index);
    // The log has moved on meanwhile; the core asks again.
    if (!described.has_value()) return;
    // Once per snapshot: later pieces need no entry that is compacted by then.
    metadata = *std::move(described);
  }
  Step(SnapshotReady{piece.to, metadata, piece.offset, std::move(piece.bytes),
                     piece.last});
}

// While a batch is on its way to a majority the next one gathers: the busier
// the node, the more a sync, a message and an answer stand for.
void RaftLoop::ProposeCollected() {
  if (collected_.empty()) return;
  // Who does not lead proposes at once: it is refused, and its caller goes to
  // the leader.
  const bool waits = core_.role() == Role::kLeader &&
                     core_.commit() < core_.log().last_index();
  const bool full =
      collected_.size() >= kFullBatch || collected_bytes_ >= kFullBatchBytes;
  if (waits && !full) return;
  collected_bytes_ = 0;
  Step(Propose{std::exchange(collected_, {})});
}

void RaftLoop::TickIfDue() {
  const Time now = Now();
  if (!TickSchedule::IsDue(now, core_.NextWakeup(), last_tick_)) return;
  last_tick_ = now;
  Step(Tick{});
  const absl::Duration monotonic = context_.clock->Monotonic();
  context_.proposals->Expire(monotonic);
  context_.expire(monotonic);
  ExpireReads(monotonic);
  if (!changes_.empty()) CheckChanges();
}

void RaftLoop::ExpireReads(absl::Duration now) {
  for (auto at = reads_.begin(); at != reads_.end();) {
    const auto here = at++;
    if (here->second.deadline > now) continue;
    // Taken out first: a read that is answered must not be found again.
    const auto done = std::move(here->second.done);
    reads_.erase(here);
    done(NoLeaderError("no answer in time"));
  }
}

void RaftLoop::Step(Input input) {
  if (faulted_) return;
  const Time now = Now();
  recorder_.Record(core_, now, input);
  metrics_.Told(input);
  Output output = core_.Step(now, std::move(input));
  metrics_.Gave(output, now, core_.commit());
  Act(std::move(output));
}

void RaftLoop::Act(Output output) {
  if (output.fault.has_value()) {
    faulted_ = true;
    recorder_.RecordFault(*output.fault);
    context_.failed(absl::InternalError(
        absl::StrCat("Raft stops: ", NameOf(output.fault->kind), ": ",
                     output.fault->detail)));
    return;
  }
  for (SnapshotWanted& wanted : output.snapshots_wanted) {
    pacer_.Add(std::move(wanted));
  }
  output.snapshots_wanted.clear();
  // Before anything can be applied.
  for (const Accepted& accepted : output.accepted) Accept(accepted);
  handler_.Handle(&output);
  for (const Refused& refused : output.refused) Answer(refused);
  for (const ReadReady& ready : output.reads) {
    const auto at = reads_.find(ready.id);
    if (at == reads_.end()) continue;
    answers_.emplace_back(std::move(at->second.done), ready.index);
    reads_.erase(at);
  }
  if (output.configuration.has_value()) {
    context_.set_peers(output.configuration->Members());
  }
  for (const RejectedSender& each : output.rejected) ReportRejected(each);
  if (!output.role_changes.empty()) ChangeRole(output.role_changes);
}

void RaftLoop::Accept(const Accepted& accepted) {
  const auto change = changes_.find(accepted.id);
  if (change != changes_.end()) {
    change->second.index = accepted.index;
  } else {
    context_.proposals->Accept(accepted.id, accepted.index, accepted.term);
  }
}

void RaftLoop::Answer(const Refused& refused) {
  const absl::Status status = StatusOf(refused);
  if (const auto at = reads_.find(refused.id); at != reads_.end()) {
    at->second.done(status);
    reads_.erase(at);
  } else if (const auto change = changes_.find(refused.id);
             change != changes_.end()) {
    change->second.done(status);
    changes_.erase(change);
  } else if (const auto transfer = transfers_.find(refused.id);
             transfer != transfers_.end()) {
    transfer->second.done(status);
    transfers_.erase(transfer);
  } else {
    context_.proposals->Refuse(refused.id, status);
  }
}

// To have ceased to lead is not to have handed over: it may have lost its
// majority or its disk, or another was elected meanwhile. What was asked for
// has happened when the one who was meant leads.
void RaftLoop::EndTransfers(const RoleChanged& now) {
  if (now.leader.is_none()) return;
  for (auto at = transfers_.begin(); at != transfers_.end();) {
    PendingTransfer& transfer = at->second;
    const bool meant = transfer.to.is_none() ? now.leader != identity_.member
                                             : now.leader == transfer.to;
    transfer.done(meant ? absl::OkStatus()
                        : TransferFailedError("another member leads now"));
    at = transfers_.erase(at);
  }
}

void RaftLoop::ChangeRole(const std::vector<RoleChanged>& changes) {
  for (const RoleChanged& change : changes) {
    LOG(INFO) << "raft: " << NameOf(change.role) << " in term " << change.term
              << " (" << NameOf(change.reason) << "), leader "
              << (change.leader.is_none() ? "unknown" : change.leader.ToHex());
  }
  const RoleChanged& last = changes.back();
  last_reason_ = last.reason;
  if (last.role != Role::kLeader) {
    // Of this leadership; the next one describes its snapshots anew.
    sending_.clear();
    pacer_.Clear();
    for (const auto& [id, change] : changes_) {
      change.done(OutcomeUnknownError("leadership was lost"));
    }
    changes_.clear();
  }
  EndTransfers(last);
  NodeStatus status = Describe();
  LOG(INFO) << "raft: log writes: " << status.metrics.sync.Describe()
            << "; commits: " << status.metrics.commit.Describe();
  {
    MutexLock lock(&mu_);
    leader_ = status.leader;
    last_status_ = status;
  }
  context_.notify(std::move(status));
}

void RaftLoop::CheckChanges() {
  const Status status = core_.Describe();
  for (auto at = changes_.begin(); at != changes_.end();) {
    const auto here = at++;
    Change& change = here->second;
    const bool finished = change.index.has_value() &&
                          status.configuration_index >= *change.index &&
                          status.configuration_committed &&
                          !status.configuration.is_joint();
    const bool late = change.deadline <= context_.clock->Monotonic();
    if (!finished && !late) continue;
    change.done(finished ? absl::OkStatus()
                         : OutcomeUnknownError("it was not committed in time"));
    changes_.erase(here);
  }
}

void RaftLoop::ReportRejected(const RejectedSender& rejected) {
  if (!rejected_.insert({rejected.sender, rejected.reason}).second) return;
  LOG(WARNING) << "raft: refusing messages of " << rejected.sender << ": "
               << NameOf(rejected.reason);
}

void RaftLoop::EndAll() {
  for (InboxItem& item : context_.inbox->Take()) {
    if (auto* proposal = std::get_if<ProposalItem>(&item)) {
      proposal->done(StoppedError());
    } else if (auto* read = std::get_if<ReadItem>(&item)) {
      read->done(StoppedError());
    } else if (auto* change = std::get_if<ChangeItem>(&item)) {
      change->done(StoppedError());
    } else if (auto* transfer = std::get_if<TransferItem>(&item)) {
      transfer->done(StoppedError());
    } else if (auto* status = std::get_if<StatusItem>(&item)) {
      status->done(Describe());
    }
  }
  for (const auto& [id, read] : reads_) read.done(StoppedError());
  for (const auto& [id, change] : changes_) {
    change.done(OutcomeUnknownError("this member is stopping"));
  }
  for (const auto& [id, transfer] : transfers_) transfer.done(StoppedError());
  context_.proposals->Abandon();
}

Time RaftLoop::Now() const { return TimeOf(context_.clock->Monotonic()); }

}  // namespace microovn::raft
