// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/withdrawal.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "agent/cluster/peer_client.h"
#include "agent/server/peer_channels.h"
#include "agent/server/tls_identity.h"
#include "base/status/error.h"
#include "glog/logging.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {
namespace {

// Longer than the members take to answer, see PeerService::Withdraw.
constexpr absl::Duration kWithdrawTimeout = absl::Seconds(12);

}  // namespace

absl::Status WithdrawJoin(const internal::node::v1::NodeIdentity& identity,
                          const ClusterCredentials& credentials,
                          const Clock& clock, const absl::Status& why,
                          absl::Duration patience, int round) {
  TlsMaterial material;
  material.chain_pem = credentials.certificate_pem;
  material.key_pem = SecretString(std::string(credentials.key_pem.Reveal()));
  material.roots_pem = credentials.cluster_ca_pem;
  TlsIdentity tls;
  tls.Set(std::move(material));
  PeerChannels channels(&tls, &clock);
  PeerClient peers(&channels);
  internal::peer::v1::WithdrawRequest request;
  request.set_member_id(identity.member_id());
  request.set_reason(std::string(why.message()));
  absl::Status last =
      absl::UnavailableError("no member of the cluster is known");
  const absl::Duration end = clock.Monotonic() + patience;
  for (int i = 0; i < identity.seeds_size(); ++i) {
    const auto& seed = identity.seeds((i + round) % identity.seeds_size());
    const absl::Duration left = end - clock.Monotonic();
    if (left <= absl::ZeroDuration()) break;
    last = peers.Withdraw({seed.member_id(), seed.name(), AddressOf(seed)},
                          request, std::min(left, kWithdrawTimeout));
    const std::string reason = ReasonOf(last);
    if (last.ok() || reason == "MEMBER_NOT_JOINING") return last;
    if (reason == "MEMBER_REMOVED" || reason == "MEMBER_NOT_FOUND") {
      return absl::OkStatus();
    }
    LOG(WARNING) << "the withdrawn join was not told to " << seed.name() << ": "
                 << last;
  }
  return last;
}

}  // namespace microovn::agent
