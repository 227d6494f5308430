// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/peer_link.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "base/time/clock.h"

namespace microovn::raft {
namespace {

// One chunk is in flight at a time.
LaneLimits BulkLimits() {
  LaneLimits limits;
  limits.max_messages = 16;
  limits.max_bytes = 8 << 20;
  return limits;
}

// Also of one that was moved from: its kind stays.
bool IsChunk(const Message& message) {
  return std::holds_alternative<SnapshotChunk>(message.body);
}

}  // namespace

PeerLink::PeerLink(const MemberId& member, const PeerDirectory* directory,
                   ChannelFactory channels,
                   std::function<void(Lane::Event)> listener,
                   const ShownProof* proof)
    : member_(member),
      directory_(directory),
      channels_(std::move(channels)),
      listener_(std::move(listener)),
      messages_(
          LaneLimits(), [this](Lane::Event event) { OnEvent(event); }, proof),
      bulk_(
          BulkLimits(),
          [this](Lane::Event event) {
            OnEvent(event == Lane::Event::kRefused ? event
                                                   : Lane::Event::kEnded);
          },
          proof),
      last_used_(Clock::Real().Monotonic()) {}

void PeerLink::Send(std::vector<Message> messages) {
  {
    MutexLock lock(&mu_);
    last_used_ = Clock::Real().Monotonic();
  }
  std::vector<Message> chunks;
  for (Message& message : messages) {
    if (IsChunk(message)) chunks.push_back(std::move(message));
  }
  if (!chunks.empty()) {
    messages.erase(std::remove_if(messages.begin(), messages.end(), IsChunk),
                   messages.end());
    bulk_.Send(std::move(chunks));
  }
  if (!messages.empty()) messages_.Send(std::move(messages));
}

absl::Duration PeerLink::Maintain(absl::Duration now) {
  // The streams go over to the new address or credentials by ending: what they
  // lose is sent again.
  if (DropChannel()) {
    messages_.Interrupt();
    bulk_.Interrupt();
  }
  const absl::Duration pause = Pause(now);
  if (pause > absl::ZeroDuration()) return pause;
  absl::Duration next = absl::InfiniteDuration();
  for (Lane* lane : {&messages_, &bulk_}) {
    if (lane->WaitsLong(now) && !Connected()) lane->Interrupt();
    if (lane->UntilDue(now) <= absl::ZeroDuration()) {
      lane->Begin(Channel(), now);
    }
    next = std::min(next, lane->UntilDue(now));
  }
  return next;
}

std::shared_ptr<grpc::Channel> PeerLink::Channel() {
  const std::optional<HostPort> address = directory_->AddressOf(member_);
  const uint64_t generation = directory_->CredentialsGeneration();
  MutexLock lock(&mu_);
  if (!address.has_value()) return channel_ = nullptr;
  const bool changed = address != address_ || generation != generation_;
  if (!changed &&
      redial_.UntilDue(Clock::Real().Monotonic()) > absl::ZeroDuration()) {
    return nullptr;
  }
  if (channel_ == nullptr || changed) {
    address_ = *address;
    generation_ = generation;
    channel_ = channels_({member_, address_});
  }
  return channel_;
}

bool PeerLink::TrustAgain() {
  MutexLock lock(&mu_);
  if (!redial_.refused()) return false;
  redial_.Reset();
  return true;
}

void PeerLink::Close() {
  messages_.Close();
  bulk_.Close();
}

absl::Duration PeerLink::last_used() {
  MutexLock lock(&mu_);
  return last_used_;
}

void PeerLink::OnEvent(Lane::Event event) {
  {
    MutexLock lock(&mu_);
    if (event == Lane::Event::kRefused) {
      refused_ = true;
      redial_.Refuse(Clock::Real().Monotonic());
    } else if (event == Lane::Event::kUp) {
      redial_.Reset();
    }
  }
  listener_(event);
}

bool PeerLink::DropChannel() {
  const std::optional<HostPort> address = directory_->AddressOf(member_);
  const uint64_t generation = directory_->CredentialsGeneration();
  MutexLock lock(&mu_);
  const bool refused = std::exchange(refused_, false);
  const bool changed = address != address_ || generation != generation_;
  if (changed) redial_.Reset();
  if (channel_ == nullptr) return false;
  if (refused) channel_ = nullptr;
  return refused || changed;
}

bool PeerLink::Connected() {
  MutexLock lock(&mu_);
  return channel_ != nullptr &&
         channel_->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY;
}

absl::Duration PeerLink::Pause(absl::Duration now) {
  MutexLock lock(&mu_);
  return redial_.UntilDue(now);
}

}  // namespace microovn::raft
