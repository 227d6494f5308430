#include "raft/node/raft_loop.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "raft/node/node_words.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

// The core is told of time at least so often: it takes a longer silence for a
// process that was stopped (raft.md 5b.22).
constexpr Micros kLongestSleep = 50'000;

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
      handler_(context_.actions),
      last_tick_(Now()) {}

RaftLoop::~RaftLoop() { Join(); }

void RaftLoop::Start() {
  const NodeStatus status = Describe();
  {
    MutexLock lock(&mu_);
    last_status_ = status;
  }
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

std::optional<MemberId> RaftLoop::WaitForLeader(absl::Duration timeout) const {
  const absl::Duration end = Clock::Real().Monotonic() + timeout;
  MutexLock lock(&mu_);
  while (!leader_.has_value() && !ended_) {
    const absl::Duration left = end - Clock::Real().Monotonic();
    if (left <= absl::ZeroDuration()) break;
    leader_changed_.WaitWithTimeout(&mu_, left);
  }
  return leader_;
}

void RaftLoop::Run() {
  while (!context_.inbox->closed() && !faulted_) RunOnce();
  context_.inbox->Close();
  EndAll();
  NodeStatus status = Describe();
  status.leader.reset();
  MutexLock lock(&mu_);
  last_status_ = std::move(status);
  ended_ = true;
  leader_.reset();
  leader_changed_.SignalAll();
}

void RaftLoop::RunOnce() {
  const Time wake = std::min(core_.NextWakeup(), last_tick_ + kLongestSleep);
  const Time now = Now();
  const absl::Duration sleep =
      wake <= now ? absl::ZeroDuration()
                  : absl::Microseconds(wake.value() - now.value());
  for (InboxItem& item : context_.inbox->Take(sleep)) {
    std::visit([this](auto& typed) { Handle(typed); }, item);
  }
  ProposeCollected();
  TickIfDue();
}

void RaftLoop::Handle(Input& input) {
  const auto* stored = std::get_if<Stored>(&input);
  const StorageToken token = stored == nullptr ? StorageToken() : stored->token;
  Step(std::move(input));
  if (token != StorageToken()) handler_.Stored(token);
}

void RaftLoop::Handle(ProposalItem& item) {
  const RequestId id = NextId();
  context_.proposals->Add(id, item.deadline, std::move(item.done));
  collected_.push_back({id, Payload(std::move(item.command))});
}

void RaftLoop::Handle(ReadItem& item) {
  const RequestId id = NextId();
  reads_[id] = std::move(item.done);
  Step(ReadRequest{id});
}

void RaftLoop::Handle(ChangeItem& item) {
  const RequestId id = NextId();
  changes_[id] = {item.deadline, std::move(item.done), std::nullopt};
  Step(ProposeConfiguration{id, item.expected, std::move(item.target)});
}

void RaftLoop::Handle(TransferItem& item) {
  const RequestId id = NextId();
  transfers_[id] = std::move(item.done);
  Step(Transfer{id, item.to});
}

void RaftLoop::Handle(StatusItem& item) { item.done(Describe()); }

void RaftLoop::Handle(SnapshotPiece& piece) {
  SnapshotMetadata& metadata = sending_[piece.to];
  if (metadata.index != piece.index) {
    std::optional<SnapshotMetadata> described =
        core_.DescribeSnapshot(piece.index);
    // The log has moved on meanwhile; the core asks again.
    if (!described.has_value()) return;
    metadata = *std::move(described);
  }
  Step(SnapshotReady{piece.to, metadata, piece.offset, std::move(piece.bytes),
                     piece.last});
}

void RaftLoop::ProposeCollected() {
  if (collected_.empty()) return;
  Step(Propose{std::exchange(collected_, {})});
}

void RaftLoop::TickIfDue() {
  const Time now = Now();
  if (now < core_.NextWakeup() && now < last_tick_ + kLongestSleep) return;
  last_tick_ = now;
  Step(Tick{});
  context_.proposals->Expire(context_.clock->Monotonic());
  if (!changes_.empty()) CheckChanges();
}

void RaftLoop::Step(Input input) {
  if (faulted_) return;
  Act(core_.Step(Now(), std::move(input)));
}

void RaftLoop::Act(Output output) {
  if (output.fault.has_value()) {
    faulted_ = true;
    context_.failed(absl::InternalError(
        absl::StrCat("Raft stops: ", NameOf(output.fault->kind), ": ",
                     output.fault->detail)));
    return;
  }
  // Before anything can be applied.
  for (const Accepted& accepted : output.accepted) Accept(accepted);
  handler_.Handle(&output);
  for (const Refused& refused : output.refused) Answer(refused);
  for (const ReadReady& ready : output.reads) {
    const auto at = reads_.find(ready.id);
    if (at == reads_.end()) continue;
    const auto done = std::move(at->second);
    reads_.erase(at);
    done(ready.index);
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
    at->second(status);
    reads_.erase(at);
  } else if (const auto change = changes_.find(refused.id);
             change != changes_.end()) {
    change->second.done(status);
    changes_.erase(change);
  } else if (const auto transfer = transfers_.find(refused.id);
             transfer != transfers_.end()) {
    transfer->second(status);
    transfers_.erase(transfer);
  } else {
    context_.proposals->Refuse(refused.id, status);
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
    for (const auto& [id, done] : transfers_) done(absl::OkStatus());
    transfers_.clear();
    sending_.clear();
    for (const auto& [id, change] : changes_) {
      change.done(OutcomeUnknownError("leadership was lost"));
    }
    changes_.clear();
  }
  NodeStatus status = Describe();
  {
    MutexLock lock(&mu_);
    leader_ = status.leader;
    last_status_ = status;
    leader_changed_.SignalAll();
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
  for (InboxItem& item : context_.inbox->Take(absl::ZeroDuration())) {
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
  for (const auto& [id, done] : reads_) done(StoppedError());
  for (const auto& [id, change] : changes_) {
    change.done(OutcomeUnknownError("this member is stopping"));
  }
  for (const auto& [id, done] : transfers_) done(StoppedError());
  context_.proposals->Abandon();
}

Time RaftLoop::Now() const { return TimeOf(context_.clock->Monotonic()); }

NodeStatus RaftLoop::Describe() const {
  const Status status = core_.Describe();
  const AppliedState applied = context_.applied();
  NodeStatus out;
  out.cluster = identity_.cluster;
  out.self = identity_.member;
  out.role = status.role;
  out.term = status.term;
  if (!status.leader.is_none()) out.leader = status.leader;
  out.commit = status.commit;
  out.applied = applied.index;
  out.running_hash = absl::BytesToHexString(applied.hash);
  out.last_log = status.last_index;
  out.snapshot = status.base;
  out.configuration = status.configuration;
  out.configuration_index = status.configuration_index;
  out.configuration_committed = status.configuration_committed;
  out.last_role_change = last_reason_;
  for (const PeerStatus& peer : status.peers) {
    PeerProgress row;
    row.member = peer.member;
    row.voter = peer.voter;
    row.match = peer.match;
    if (peer.receiving_snapshot) row.state = PeerProgress::State::kSnapshot;
    if (peer.last_contact != Time()) {
      row.last_contact_ago =
          absl::Microseconds(Now().value() - peer.last_contact.value());
    }
    out.peers.push_back(row);
  }
  return out;
}

}  // namespace microovn::raft
