// SPDX-License-Identifier: Apache-2.0
// What a joiner signs with its token's one-time key: all that it asks for, so
// that the member which passes its request on can change none of it. The
// cluster seals the keys of its CAs to the sealing certificate of a member that
// votes: who could put his own in its place would have them.
//
// Pure. That a statement is used once is the replicated state's business: the
// token is consumed in the entry that adds the member.
// TLS proves to the member that was asked that the joiner holds the key; the
// statement proves it to whoever sees the request alone, the leader and each
// member that applies the entry.
#ifndef MICROOVN_PKI_JOIN_JOIN_STATEMENT_H_
#define MICROOVN_PKI_JOIN_JOIN_STATEMENT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/key/private_key.h"
#include "pki/key/public_key.h"

namespace microovn::pki {

struct JoinStatement {
  std::string cluster_id;
  std::string token_id;
  // The member name and address asked for.
  // As the request has them: one that is normalized on the way is another one.
  std::string name;
  std::string address;
  // CertificateRequest::Fingerprint() of the request for the member's key.
  std::string request_fingerprint;

  // Only StatementForm::kWhole covers what follows.
  // The tunnels' end; empty: the host of `address`.
  std::string encap_ip;
  std::string sealing_certificate_pem;
  // Words of the caller's, one for each list, in one form only.
  std::string services;
  std::string features;
  std::string version;
  // Of the log's directory that the joiner will make.
  uint64_t incarnation = 0;
};

// A signature of one form is none of another.
enum class StatementForm {
  // Name, address and request alone: what agents signed before all members
  // understood kWhole. Entries of that time are applied as they were then.
  kNameAndKey,
  kWhole,
};

absl::StatusOr<std::string> SignJoinStatement(
    const PrivateKey& token_key, const JoinStatement& statement,
    StatementForm form = StatementForm::kWhole);

// JOIN_STATEMENT_REFUSED unless `signature` is of this very statement, by the
// key that `statement.token_id` names, and in the form kWhole.
absl::Status VerifyJoinStatement(const PublicKey& token_key,
                                 const JoinStatement& statement,
                                 absl::string_view signature);

// The same where the key is the one that the token's record has.
absl::Status VerifyJoinSignature(const PublicKey& token_key,
                                 const JoinStatement& statement,
                                 absl::string_view signature,
                                 StatementForm form);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_JOIN_JOIN_STATEMENT_H_
