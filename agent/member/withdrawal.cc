#include "agent/member/withdrawal.h"

#include <string>
#include <utility>

#include "agent/member/peer_client.h"
#include "agent/server/peer_channels.h"
#include "agent/server/tls_identity.h"
#include "glog/logging.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kWithdrawTimeout = absl::Seconds(3);

}  // namespace

void WithdrawJoin(const Admission& admission, const absl::Status& why) {
  TlsMaterial material;
  material.chain_pem = admission.credentials.certificate_pem;
  material.key_pem =
      SecretString(std::string(admission.credentials.key_pem.Reveal()));
  material.roots_pem = admission.credentials.cluster_ca_pem;
  TlsIdentity identity;
  identity.Set(std::move(material));
  PeerChannels channels(&identity);
  PeerClient peers(&channels);
  internal::peer::v1::WithdrawRequest request;
  request.set_member_id(admission.member.member_id());
  request.set_reason(std::string(why.message()));
  for (const auto& seed : admission.identity.seeds()) {
    const absl::Status told =
        peers.Withdraw({seed.member_id(), seed.name(), seed.address()}, request,
                       kWithdrawTimeout);
    if (told.ok()) return;
    LOG(WARNING) << "the withdrawn join was not told to " << seed.name() << ": "
                 << told;
  }
}

}  // namespace microovn::agent
