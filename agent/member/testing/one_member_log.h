// SPDX-License-Identifier: Apache-2.0
// A replicated log of one member, which has founded its cluster and leads:
// real keys, a real log on a disk, no network. Failures CHECK.
#ifndef MICROOVN_AGENT_MEMBER_TESTING_ONE_MEMBER_LOG_H_
#define MICROOVN_AGENT_MEMBER_TESTING_ONE_MEMBER_LOG_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "agent/cluster/peer_client.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/member/replicated_log.h"
#include "agent/server/peer_channels.h"
#include "agent/server/tls_identity.h"
#include "agent/state/store/state_store.h"
#include "base/crypto/random.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "pki/sealing/sealing_key.h"
#include "raft/transport/raft_service.h"

namespace microovn::agent {

class OneMemberLog {
 public:
  OneMemberLog();
  ~OneMemberLog() { log_->Stop(); }

  ReplicatedLog& log() { return *log_; }
  StateStore& store() { return *store_; }
  CertificateIssuer& issuer() { return *issuer_; }
  // Reaches nobody.
  PeerClient& peers() { return peers_; }
  const std::string& id() const { return identity_.member_id(); }

  absl::Status Propose(const statepb::Command& command);
  // As the member of this id would pass it to this leader.
  absl::Status ProposeAs(const std::string& member_id,
                         const statepb::Command& command);
  // What was refused so: "NAME KIND REASON".
  const std::vector<std::string>& refused() const { return refused_; }
  // Stops the log and opens it again from its disk, with a store and the view
  // of a node that has just started.
  void Reopen();
  // From now on peers() reaches who is at the members' addresses.
  void SpeakAs(TlsMaterial material) { nobody_.Set(std::move(material)); }
  // A member that is called so and has been admitted; it only exists.
  std::string Admit(const std::string& name);

 private:
  void Open();

  TempDir directory_;
  const Clock& clock_ = Clock::Real();
  RandomSource& random_ = RandomSource::Real();
  std::optional<pki::SealingKey> sealing_key_;
  std::unique_ptr<CertificateIssuer> issuer_;
  internal::node::v1::NodeIdentity identity_;
  TlsIdentity nobody_;
  PeerChannels channels_{&nobody_, &clock_};
  PeerClient peers_{&channels_};
  std::unique_ptr<StateStore> store_;
  raft::RaftService service_;
  std::vector<std::string> refused_;
  std::unique_ptr<ReplicatedLog> log_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_TESTING_ONE_MEMBER_LOG_H_
