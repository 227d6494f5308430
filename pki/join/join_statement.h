// SPDX-License-Identifier: Apache-2.0
// What a joiner signs with its token's one-time key, so that a request that
// was sent for one cluster, name, address and key is good for no other.
//
// Pure. That a statement is used once is the replicated state's business: the
// token is consumed in the entry that adds the member.
// TLS proves to the member that was asked that the joiner holds the key; the
// statement proves it to whoever sees the request alone. Changing name, address
// or key of a request on its way breaks it.
#ifndef MICROOVN_PKI_JOIN_JOIN_STATEMENT_H_
#define MICROOVN_PKI_JOIN_JOIN_STATEMENT_H_

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
};

absl::StatusOr<std::string> SignJoinStatement(const PrivateKey& token_key,
                                              const JoinStatement& statement);

// JOIN_STATEMENT_REFUSED unless `signature` is of this very statement, by the
// key that `statement.token_id` names.
absl::Status VerifyJoinStatement(const PublicKey& token_key,
                                 const JoinStatement& statement,
                                 absl::string_view signature);

// The same where the key is the one that the token's record has.
absl::Status VerifyJoinSignature(const PublicKey& token_key,
                                 const JoinStatement& statement,
                                 absl::string_view signature);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_JOIN_JOIN_STATEMENT_H_
