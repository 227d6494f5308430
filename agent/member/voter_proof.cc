// SPDX-License-Identifier: Apache-2.0
#include "agent/member/voter_proof.h"

#include <utility>

#include "pki/authority/voter_proof.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {

bool VoterProof::Step() {
  const uint64_t votes_at = parts_.votes_at();
  const absl::Duration now = parts_.clock->Monotonic();
  if (votes_at == shown_ && (votes_at == 0 || now < repeat_)) return false;
  if (votes_at == 0) {
    shown_ = 0;
    parts_.show("");
    return true;
  }
  absl::StatusOr<std::string> proof = parts_.prove(votes_at);
  // Its sealing key is out of reach, or nothing is sealed for it yet: the
  // status says so (sealing_watch.h). What was shown stays true.
  if (!proof.ok()) return false;
  shown_ = votes_at;
  repeat_ = now + kRepeat;
  parts_.show(*std::move(proof));
  return true;
}

std::unique_ptr<VoterProof> MakeVoterProof(ReplicatedLog* log,
                                           CertificateIssuer* issuer,
                                           const Membership* member) {
  VoterProof::Parts parts;
  parts.votes_at = [log] { return log->node().Status().voter_at.value(); };
  parts.prove = [issuer, member](uint64_t configuration) {
    return issuer->ProveVoter(*member->state(), member->id(), configuration);
  };
  parts.show = [log](std::string proof) { log->ShowProof(std::move(proof)); };
  parts.clock = &issuer->clock();
  return std::make_unique<VoterProof>(std::move(parts));
}

raft::VoterProofCheck ProofsTrustedBy(const TlsIdentity* tls) {
  return [tls](const raft::ClusterId& cluster, const raft::MemberId& peer,
               const std::string& proof) {
    const auto material = tls->Current();
    if (material == nullptr) return raft::LogIndex(0);
    const auto authorities =
        pki::Certificate::BundleFromPem(material->roots_pem);
    if (!authorities.ok()) return raft::LogIndex(0);
    return raft::LogIndex(
        pki::ReadVoterProof(proof, cluster.ToHex(), peer.ToHex(), *authorities)
            .value_or(0));
  };
}

}  // namespace microovn::agent
