// SPDX-License-Identifier: Apache-2.0
// A network in memory: messages and proposals go straight to the receivers, but
// over links that a test has cut. Keeps the contract of transport.h.
#ifndef MICROOVN_RAFT_TRANSPORT_FAKE_TRANSPORT_H_
#define MICROOVN_RAFT_TRANSPORT_FAKE_TRANSPORT_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "raft/core/values/message.h"
#include "raft/core/values/types.h"
#include "raft/transport/transport.h"

namespace microovn::raft {

// Thread-safe. Outlives the transports on it.
// Delivers on the sender's thread, in order, before Send returns.
class FakeNetwork {
 public:
  // Both directions. What would cross a cut link is lost and no end is told, as
  // when a cable is pulled.
  void Cut(const MemberId& a, const MemberId& b);
  void Heal(const MemberId& a, const MemberId& b);
  void Isolate(const MemberId& member);
  void HealAll();

  // Sees every message that is sent; false: it is lost. Runs on the threads of
  // the senders.
  void SetTap(std::function<bool(const Message&)> tap);

 private:
  friend class FakeTransport;

  void Add(const MemberId& member, Receiver* receiver);
  // The others see their connections break.
  void Remove(const MemberId& member);
  // None if there is no way; otherwise Leave must follow.
  // Remove waits for who is inside, as RaftService::Detach does: a receiver
  // that was removed is not called any more.
  Receiver* Enter(const MemberId& from, const MemberId& to);
  void Leave(const MemberId& to);
  // To all others, whether a link is cut or not: what a cut hides is messages,
  // and a test that wants a report stops a member.
  void Report(const MemberId& member, bool up);
  bool Passes(const Message& message);

  Mutex mu_;
  CondVar left_;
  std::map<MemberId, Receiver*> receivers_ ABSL_GUARDED_BY(mu_);
  std::map<MemberId, int> inside_ ABSL_GUARDED_BY(mu_);
  std::set<std::pair<MemberId, MemberId>> cut_ ABSL_GUARDED_BY(mu_);
  std::set<MemberId> isolated_ ABSL_GUARDED_BY(mu_);
  std::function<bool(const Message&)> tap_ ABSL_GUARDED_BY(mu_);
};

class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(FakeNetwork* network) : network_(network) {}
  ~FakeTransport() override { Stop(); }

  void Start(const ClusterId& cluster, const MemberId& self,
             Receiver* receiver) override;
  void Stop() override;
  void SetPeers(const std::vector<MemberId>&) override {}
  void Send(std::vector<Message> messages) override;
  void ForwardPropose(const MemberId& to, const std::string& command,
                      absl::Duration timeout,
                      Receiver::ProposalDone done) override;

 private:
  FakeNetwork* const network_;
  MemberId self_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_FAKE_TRANSPORT_H_
