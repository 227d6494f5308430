// SPDX-License-Identifier: Apache-2.0
#include "pki/join/join_statement.h"

#include "absl/strings/str_cat.h"
#include "pki/errors.h"
#include "pki/join/join_token.h"

namespace microovn::pki {
namespace {

// Say what is signed, so that no other protocol's message can be one, nor one
// form another.
constexpr char kNameAndKeyContext[] = "microovn join statement v1";
constexpr char kWholeContext[] = "microovn join statement v2";

// Lengths keep fields apart whatever they hold.
// Two different statements never have one text: "a" + "bc" and "ab" + "c"
// would, if they were merely joined.
void AppendField(std::string& text, absl::string_view field) {
  absl::StrAppend(&text, "\n", field.size(), ":", field);
}

std::string Canonical(const JoinStatement& statement, StatementForm form) {
  std::string text =
      form == StatementForm::kWhole ? kWholeContext : kNameAndKeyContext;
  for (const std::string* field :
       {&statement.cluster_id, &statement.token_id, &statement.name,
        &statement.address, &statement.request_fingerprint}) {
    AppendField(text, *field);
  }
  if (form == StatementForm::kNameAndKey) return text;
  for (const std::string* field :
       {&statement.encap_ip, &statement.sealing_certificate_pem,
        &statement.services, &statement.features, &statement.version}) {
    AppendField(text, *field);
  }
  AppendField(text, absl::StrCat(statement.incarnation));
  return text;
}

}  // namespace

absl::StatusOr<std::string> SignJoinStatement(const PrivateKey& token_key,
                                              const JoinStatement& statement,
                                              StatementForm form) {
  return token_key.Sign(Canonical(statement, form));
}

absl::Status VerifyJoinStatement(const PublicKey& token_key,
                                 const JoinStatement& statement,
                                 absl::string_view signature) {
  // The caller looks the key up by an id from the wire; this holds even if it
  // looked it up by something else.
  if (TokenId(token_key) != statement.token_id) return JoinStatementRefused();
  return VerifyJoinSignature(token_key, statement, signature,
                             StatementForm::kWhole);
}

absl::Status VerifyJoinSignature(const PublicKey& token_key,
                                 const JoinStatement& statement,
                                 absl::string_view signature,
                                 StatementForm form) {
  const absl::Status verified =
      token_key.Verify(Canonical(statement, form), signature);
  return verified.ok() ? verified : JoinStatementRefused();
}

}  // namespace microovn::pki
