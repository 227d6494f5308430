// SPDX-License-Identifier: Apache-2.0
// Join tokens, as people paste them. Inventing a right checksum is hopeless,
// so JSON also counts as offered with the checksum that it should have.
#include "absl/strings/escaping.h"
#include "base/testing/fuzz_target.h"
#include "nlohmann/json.hpp"
#include "pki/join/join_token.h"
#include "pki/join/token_issuer.h"
#include "pki/key/digest.h"
#include "pki/testing/test_pki.h"

namespace microovn {
namespace {

using Json = nlohmann::ordered_json;

std::string Reveal(const SecretString& secret) {
  return std::string(secret.Reveal());
}

std::string WithChecksum(Json json) {
  json.erase("checksum");
  const auto replace = Json::error_handler_t::replace;
  json["checksum"] =
      pki::Sha256Hex(json.dump(-1, ' ', false, replace)).substr(0, 16);
  return absl::Base64Escape(json.dump(-1, ' ', false, replace));
}

void Check(absl::string_view text) {
  const absl::StatusOr<pki::JoinToken> token = pki::DecodeJoinToken(text);
  if (!token.ok()) return;
  FuzzCheck(text.size() <= pki::kMaxTokenBytes, "tokens are short");
  const absl::StatusOr<SecretString> encoded = pki::EncodeJoinToken(*token);
  FuzzCheck(encoded.ok(), "what is read can be written");
  const auto again = pki::DecodeJoinToken(encoded->Reveal());
  FuzzCheck(again.ok(), "what is written can be read");
  FuzzCheck(again->name == token->name && again->ca_pin == token->ca_pin &&
                again->join_addresses == token->join_addresses &&
                again->certificate == token->certificate &&
                again->cluster_id == token->cluster_id &&
                again->expires == token->expires,
            "a token says the same again");
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  pki::TestPki pki;
  const auto token =
      pki::IssueJoinToken(pki.cluster_ca(),
                          {pki.cluster_id(),
                           pki.Facts("node2").name,
                           {{"10.0.0.1", 6686}, {"fd00::1", 6686}}},
                          pki.now(), pki.random());
  const std::string text = Reveal(*pki::EncodeJoinToken(*token));
  std::string json;
  FuzzCheck(absl::Base64Unescape(text, &json), "a token is base64");
  return {text, json};
}

void FuzzOne(absl::string_view input) {
  Check(input);
  const Json json =
      Json::parse(input.begin(), input.end(), nullptr, /*exceptions=*/false);
  if (json.is_object()) Check(WithChecksum(json));
}

}  // namespace microovn
