// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/fake_transport.h"

#include <utility>

#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

std::pair<MemberId, MemberId> LinkOf(const MemberId& a, const MemberId& b) {
  return a < b ? std::make_pair(a, b) : std::make_pair(b, a);
}

}  // namespace

void FakeNetwork::Cut(const MemberId& a, const MemberId& b) {
  MutexLock lock(&mu_);
  cut_.insert(LinkOf(a, b));
}

void FakeNetwork::Heal(const MemberId& a, const MemberId& b) {
  MutexLock lock(&mu_);
  cut_.erase(LinkOf(a, b));
}

void FakeNetwork::Isolate(const MemberId& member) {
  MutexLock lock(&mu_);
  isolated_.insert(member);
}

void FakeNetwork::HealAll() {
  MutexLock lock(&mu_);
  cut_.clear();
  isolated_.clear();
}

void FakeNetwork::SetTap(std::function<bool(const Message&)> tap) {
  MutexLock lock(&mu_);
  tap_ = std::move(tap);
}

bool FakeNetwork::Passes(const Message& message) {
  // Called without the lock: a tap may cut links.
  std::function<bool(const Message&)> tap;
  {
    MutexLock lock(&mu_);
    tap = tap_;
  }
  return !tap || tap(message);
}

void FakeNetwork::Add(const MemberId& member, Receiver* receiver) {
  {
    MutexLock lock(&mu_);
    receivers_[member] = receiver;
  }
  Report(member, true);
}

void FakeNetwork::Remove(const MemberId& member) {
  {
    MutexLock lock(&mu_);
    if (receivers_.erase(member) == 0) return;
    // Not to be called from inside the receiver, which would wait for itself.
    while (inside_[member] > 0) left_.Wait(&mu_);
  }
  Report(member, false);
}

Receiver* FakeNetwork::Enter(const MemberId& from, const MemberId& to) {
  MutexLock lock(&mu_);
  const auto at = receivers_.find(to);
  if (at == receivers_.end() || receivers_.count(from) == 0 ||
      cut_.count(LinkOf(from, to)) > 0 || isolated_.count(from) > 0 ||
      isolated_.count(to) > 0) {
    return nullptr;
  }
  ++inside_[to];
  return at->second;
}

void FakeNetwork::Leave(const MemberId& to) {
  MutexLock lock(&mu_);
  --inside_[to];
  left_.SignalAll();
}

void FakeNetwork::Report(const MemberId& member, bool up) {
  std::vector<MemberId> others;
  {
    MutexLock lock(&mu_);
    for (const auto& [other, receiver] : receivers_) {
      if (other != member) others.push_back(other);
    }
  }
  for (const MemberId& other : others) {
    Receiver* receiver = nullptr;
    {
      MutexLock lock(&mu_);
      const auto at = receivers_.find(other);
      if (at == receivers_.end()) continue;
      receiver = at->second;
      ++inside_[other];
    }
    // Without the lock, and one at a time: it may lead to messages.
    receiver->ReportPeer(member, up);
    Leave(other);
  }
}

void FakeTransport::Start(const ClusterId&, const MemberId& self,
                          Receiver* receiver) {
  self_ = self;
  network_->Add(self, receiver);
}

void FakeTransport::Stop() { network_->Remove(self_); }

void FakeTransport::Send(std::vector<Message> messages) {
  for (Message& message : messages) {
    if (!network_->Passes(message)) continue;
    const MemberId to = message.header.to;
    Receiver* const receiver = network_->Enter(self_, to);
    if (receiver == nullptr) continue;
    // All of them tell the truth.
    receiver->Deliver({std::move(message)}, LogIndex(kGreatestNumber));
    network_->Leave(to);
  }
}

void FakeTransport::ForwardPropose(const MemberId& to,
                                   const std::string& command,
                                   absl::Duration timeout,
                                   Receiver::ProposalDone done) {
  Receiver* const receiver = network_->Enter(self_, to);
  if (receiver == nullptr) {
    done(NoLeaderError("the leader cannot be reached"));
    return;
  }
  receiver->ProposeForPeer(self_, command, timeout, std::move(done));
  network_->Leave(to);
}

}  // namespace microovn::raft
