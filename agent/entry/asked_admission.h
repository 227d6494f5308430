// SPDX-License-Identifier: Apache-2.0
// What a joiner's request asks to be recorded, as far as the joiner knows it:
// both ends sign and check these words (pki/join/join_statement.h). Pure.
#ifndef MICROOVN_AGENT_ENTRY_ASKED_ADMISSION_H_
#define MICROOVN_AGENT_ENTRY_ASKED_ADMISSION_H_

#include <string>

#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// `request_digest` is that of the request for a certificate within it.
inline internal::state::v1::AdmitMember AskedAdmission(
    const internal::peer::v1::AdmitRequest& request,
    const std::string& request_digest) {
  internal::state::v1::AdmitMember asked;
  asked.set_token_id(request.token_id());
  asked.set_default_services(request.default_services());
  asked.set_signature(request.signature());
  asked.set_request_digest(request_digest);
  internal::state::v1::Member& member = *asked.mutable_member();
  member.set_name(request.name());
  member.set_address(request.address());
  member.set_encap_ip(request.encap_ip());
  *member.mutable_services() = request.services();
  member.set_sealing_certificate_pem(request.sealing_certificate_pem());
  member.set_version(request.version());
  *member.mutable_features() = request.features();
  member.set_incarnation(request.incarnation());
  return asked;
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ENTRY_ASKED_ADMISSION_H_
