// SPDX-License-Identifier: Apache-2.0
#include "pki/join/join_statement.h"

#include "absl/strings/str_cat.h"
#include "pki/errors.h"
#include "pki/join/join_token.h"

namespace microovn::pki {
namespace {

// Says what is signed, so that no other protocol's message can be one.
constexpr char kContext[] = "microovn join statement v1";

// Lengths keep fields apart whatever they hold.
// Two different statements never have one text: "a" + "bc" and "ab" + "c"
// would, if they were merely joined.
std::string Canonical(const JoinStatement& statement) {
  std::string text = kContext;
  for (const std::string* field :
       {&statement.cluster_id, &statement.token_id, &statement.name,
        &statement.address, &statement.request_fingerprint}) {
    absl::StrAppend(&text, "\n", field->size(), ":", *field);
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> SignJoinStatement(const PrivateKey& token_key,
                                              const JoinStatement& statement) {
  return token_key.Sign(Canonical(statement));
}

absl::Status VerifyJoinStatement(const PublicKey& token_key,
                                 const JoinStatement& statement,
                                 absl::string_view signature) {
  // The caller looks the key up by an id from the wire; this holds even if it
  // looked it up by something else.
  if (TokenId(token_key) != statement.token_id) return JoinStatementRefused();
  return VerifyJoinSignature(token_key, statement, signature);
}

absl::Status VerifyJoinSignature(const PublicKey& token_key,
                                 const JoinStatement& statement,
                                 absl::string_view signature) {
  const absl::Status verified =
      token_key.Verify(Canonical(statement), signature);
  return verified.ok() ? verified : JoinStatementRefused();
}

}  // namespace microovn::pki
