// Transport over gRPC: one channel per peer with a stream for messages, one for
// snapshot chunks, and unary calls for forwarded proposals. It knows nothing of
// certificates: channels and callers' identities come from the agent.
#ifndef MICROOVN_RAFT_TRANSPORT_GRPC_TRANSPORT_H_
#define MICROOVN_RAFT_TRANSPORT_GRPC_TRANSPORT_H_

#include <deque>
#include <functional>
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
#include "raft/transport/peer_directory.h"
#include "raft/transport/transport.h"

namespace grpc {
class Channel;
class ChannelArguments;
class ServerBuilder;
}  // namespace grpc

namespace microovn::raft {

class RaftService;

// A new channel with proof of both ends; null if there can be none now. Runs on
// the transport's thread and on the callers' of ForwardPropose; must not block.
// Channels are kept while address and credentials stay the same.
using ChannelFactory =
    std::function<std::shared_ptr<grpc::Channel>(const PeerEndpoint&)>;

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

 private:
  class Peer;
  class Forwarded;

  // Made when it is first needed; null after Stop. Who holds it may go on to
  // use it after it was let go: what is sent then may be lost.
  std::shared_ptr<Peer> PeerOf(const MemberId& member);
  std::vector<std::shared_ptr<Peer>> Peers();
  void Run();
  void ReportChanges();
  // Of peers that are no members and were not sent to lately.
  void LetGo(absl::Duration now);
  // False after Stop. A registered one keeps Stop waiting until it is answered.
  bool Register(Forwarded* forwarded);
  void Unregister(Forwarded* forwarded);

  RaftService* const service_;
  const PeerDirectory* const directory_;
  const ChannelFactory channels_;
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
  std::map<MemberId, std::shared_ptr<Peer>> peers_ ABSL_GUARDED_BY(mu_);
  // Empty until the first SetPeers: nobody is let go before.
  std::set<MemberId> wanted_ ABSL_GUARDED_BY(mu_);
  // Each deletes itself, but only after it has left this set.
  std::set<Forwarded*> forwarded_ ABSL_GUARDED_BY(mu_);
  // Peers that became reachable or were lost, in order.
  std::deque<std::pair<MemberId, bool>> changes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_GRPC_TRANSPORT_H_
