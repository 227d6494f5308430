// SPDX-License-Identifier: Apache-2.0
// Transport over gRPC: one channel per peer with a stream for messages, one for
// snapshot chunks, and unary calls for forwarded proposals. It knows nothing of
// certificates: channels and callers' identities come from the agent.
#ifndef MICROOVN_RAFT_TRANSPORT_GRPC_TRANSPORT_H_
#define MICROOVN_RAFT_TRANSPORT_GRPC_TRANSPORT_H_

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "raft/core/values/types.h"
#include "raft/transport/lane.h"
#include "raft/transport/peer_directory.h"
#include "raft/transport/peer_link.h"
#include "raft/transport/shown_proof.h"
#include "raft/transport/transport.h"

namespace grpc {
class ChannelArguments;
class ServerBuilder;
}  // namespace grpc

namespace microovn::raft {

class RaftService;

// What the agent sets on its channels to members and on its server, so that a
// lost peer is noticed within seconds and found again within 200 ms.
void SetChannelArguments(grpc::ChannelArguments* arguments);
void SetServerArguments(grpc::ServerBuilder* builder);

// Thread-safe. `service` and `directory` are borrowed.
// Who works: a thread of its own begins calls, looks for new addresses and
// reports peers; Send and ForwardPropose run on their callers' threads,
// everything else on gRPC's. Reports leave through that one thread, since a
// lane tells of changes under its lock, where nobody may be called.
class GrpcTransport final : public Transport {
 public:
  GrpcTransport(RaftService* service, const PeerDirectory* directory,
                ChannelFactory channels);
  ~GrpcTransport() override;

  void Start(const ClusterId& cluster, const MemberId& self,
             Receiver* receiver) override;
  void Stop() override;
  void SetPeers(const std::vector<MemberId>& peers) override;
  void Send(std::vector<Message> messages) override;
  void ForwardPropose(const MemberId& to, const std::string& command,
                      absl::Duration timeout,
                      Receiver::ProposalDone done) override;

  // From now on peers are shown this with what is sent to them; empty: nothing.
  // It proves to a VoterProofCheck that this member votes.
  void ShowProof(std::string proof) { proof_.Set(std::move(proof)); }

 private:
  class Forwarded;

  // Made when it is first needed; null after Stop. Who holds it may go on to
  // use it after it was let go: what is sent then may be lost.
  std::shared_ptr<PeerLink> PeerOf(const MemberId& member);
  std::vector<std::shared_ptr<PeerLink>> Peers();
  void Run();
  // Of a peer's streams; called under their locks.
  void Change(const MemberId& member, Lane::Event event);
  // It has called this member.
  void HearFrom(const MemberId& member);
  void ReportChanges();
  // Of peers that are no members and were not sent to lately, in both
  // directions.
  void LetGo(absl::Duration now);
  // False after Stop. A registered one keeps Stop waiting until it is answered.
  bool Register(Forwarded* forwarded);
  void Unregister(Forwarded* forwarded);

  RaftService* const service_;
  const PeerDirectory* const directory_;
  const ChannelFactory channels_;
  ShownProof proof_;
  // Set by Start, before there is any thread.
  ClusterId cluster_;
  MemberId self_;
  Receiver* receiver_ = nullptr;
  std::thread thread_;  // begins and ends calls, reports peers

  // Taken under the lanes' locks, never the other way round.
  Mutex mu_;
  CondVar wake_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  // There is something to do before the thread sleeps.
  bool dirty_ ABSL_GUARDED_BY(mu_) = false;
  std::map<MemberId, std::shared_ptr<PeerLink>> peers_ ABSL_GUARDED_BY(mu_);
  // Empty until the first SetPeers: nobody is let go before.
  std::set<MemberId> wanted_ ABSL_GUARDED_BY(mu_);
  // Each deletes itself, but only after it has left this set.
  std::set<Forwarded*> forwarded_ ABSL_GUARDED_BY(mu_);
  // Peers that became reachable or were lost, in order.
  std::deque<std::pair<MemberId, bool>> changes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_GRPC_TRANSPORT_H_
