// SPDX-License-Identifier: Apache-2.0
#include "pki/join/join_token.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/crypto/random.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "pki/errors.h"
#include "pki/key/digest.h"
#include "pki/key/key_access.h"
#include "pki/name/peer_identity.h"

namespace microovn::pki {
namespace {

using Json = nlohmann::ordered_json;

// Base64 of `{"` and a letter, as every token's JSON begins.
constexpr absl::string_view kStart = "eyJ";
// Against slips of the hand, not against attackers, who can compute it as well:
// what protects a token is the pin, the certificate and its one use.
constexpr size_t kChecksumDigits = 16;
constexpr size_t kFields = 8;

// The fields as text, between the JSON and their meaning.
struct RawToken {
  std::string name;
  SecretString secret;
  std::string fingerprint;
  std::vector<std::string> join_addresses;
  std::string certificate;
  std::string cluster;
  std::string expires;
};

// A plain fill of memory that is freed next would be optimized away.
void Wipe(std::string& text) {
  OPENSSL_cleanse(&text[0], text.size());
  text.clear();
}

// Wipes the JSON value's own copy of the secret.
void WipeSecret(Json& json) {
  const auto secret = json.find("secret");
  if (secret == json.end()) return;
  if (auto* text = secret->get_ptr<std::string*>()) Wipe(*text);
}

Json ToJson(const RawToken& raw) {
  Json json = Json::object();
  json["name"] = raw.name;
  const absl::string_view secret = raw.secret.Reveal();
  json["secret"] = std::string(secret.data(), secret.size());
  json["fingerprint"] = raw.fingerprint;
  json["join_addresses"] = raw.join_addresses;
  json["certificate"] = raw.certificate;
  json["cluster"] = raw.cluster;
  json["expires"] = raw.expires;
  return json;
}

// The order of fields is that of insertion, which makes the text canonical and
// the checksum one of meaning rather than of layout.
SecretString Dump(const Json& json) {
  // Bytes that are not UTF-8 are replaced rather than thrown about.
  return SecretString(
      json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string Checksum(const Json& json) {
  return Sha256Hex(Dump(json).Reveal()).substr(0, kChecksumDigits);
}

// Null when there is no such field or it is no string.
const std::string* Text(const Json& json, const char* field) {
  const auto found = json.find(field);
  return found == json.end() ? nullptr : found->get_ptr<const std::string*>();
}

absl::StatusOr<std::vector<std::string>> ReadAddresses(const Json& json) {
  const auto list = json.find("join_addresses");
  if (list == json.end() || !list->is_array() || list->empty() ||
      list->size() > kMaxJoinAddresses) {
    return TokenMalformed(absl::StrCat("it has to hold 1 to ",
                                       kMaxJoinAddresses, " join_addresses"));
  }
  std::vector<std::string> addresses;
  for (const Json& entry : *list) {
    const auto* text = entry.get_ptr<const std::string*>();
    if (text == nullptr) return TokenMalformed("a join address is no string");
    addresses.push_back(*text);
  }
  return addresses;
}

absl::StatusOr<RawToken> ReadFields(const Json& json) {
  // Exactly these: what one build ignores another could obey.
  if (!json.is_object() || json.size() != kFields) {
    return TokenMalformed(
        absl::StrCat("it does not hold the ", kFields, " fields of one"));
  }
  RawToken raw;
  std::string secret;
  const std::pair<const char*, std::string*> texts[] = {
      {"name", &raw.name},
      {"secret", &secret},
      {"fingerprint", &raw.fingerprint},
      {"certificate", &raw.certificate},
      {"cluster", &raw.cluster},
      {"expires", &raw.expires}};
  for (const auto& [field, value] : texts) {
    const std::string* text = Text(json, field);
    if (text == nullptr) {
      return TokenMalformed(absl::StrCat("its field ", field, " is missing"));
    }
    *value = *text;
  }
  raw.secret = SecretString(std::move(secret));
  ASSIGN_OR_RETURN(raw.join_addresses, ReadAddresses(json));
  const std::string* checksum = Text(json, "checksum");
  if (checksum == nullptr) {
    return TokenMalformed("its field checksum is missing");
  }
  // Over what was understood, in our own order and spelling: the layout of the
  // JSON does not matter, what it says does.
  Json rebuilt = ToJson(raw);
  const bool intact = *checksum == Checksum(rebuilt);
  WipeSecret(rebuilt);
  if (!intact) return TokenCorrupt();
  return raw;
}

absl::StatusOr<PrivateKey> ReadKey(const SecretString& base64) {
  std::string seed;
  if (!absl::Base64Unescape(base64.Reveal(), &seed)) {
    return TokenMalformed("its secret is not base64");
  }
  const SecretString owner(std::move(seed));
  absl::StatusOr<PrivateKey> key =
      PrivateKey::FromEd25519Seed(owner.Reveal(), KeyAccess::Granted());
  if (!key.ok()) return TokenMalformed("its secret is not an Ed25519 seed");
  return key;
}

absl::StatusOr<Certificate> ReadCertificate(const RawToken& raw,
                                            const PublicKey& key) {
  std::string der;
  if (!absl::Base64Unescape(raw.certificate, &der)) {
    return TokenMalformed("its certificate is not base64");
  }
  absl::StatusOr<Certificate> certificate = Certificate::FromDer(der);
  if (!certificate.ok()) {
    return TokenMalformed("its certificate cannot be read");
  }
  if (certificate->public_key() != key) {
    return TokenMalformed("its certificate is not for its secret");
  }
  const absl::StatusOr<PeerIdentity> identity =
      ParsePeerIdentity(certificate->names().uri);
  // A token whose cluster is not its certificate's, pieced together from two,
  // is refused before it is used.
  const PeerIdentity expected = {PeerKind::kJoiner, raw.cluster, TokenId(key)};
  if (!identity.ok() || !(*identity == expected)) {
    return TokenMalformed("its certificate names something else");
  }
  return certificate;
}

absl::StatusOr<std::vector<HostPort>> ReadAddresses(
    const std::vector<std::string>& addresses) {
  std::vector<HostPort> endpoints;
  for (const std::string& address : addresses) {
    absl::StatusOr<HostPort> endpoint = ParseHostPort(address);
    if (!endpoint.ok()) return TokenMalformed(endpoint.status().message());
    endpoints.push_back(*std::move(endpoint));
  }
  return endpoints;
}

absl::StatusOr<JoinToken> Interpret(const RawToken& raw) {
  absl::StatusOr<MemberName> name = MemberName::Parse(raw.name);
  if (!name.ok()) return TokenMalformed("its name is not a member name");
  if (!IsSha256Hex(raw.fingerprint)) {
    return TokenMalformed("its fingerprint is not SHA-256 in hex");
  }
  if (!IsId(raw.cluster)) return TokenMalformed("its cluster is not an id");
  absl::Time expires;
  if (!absl::ParseTime(absl::RFC3339_sec, raw.expires, &expires, nullptr)) {
    return TokenMalformed("its expiry is not a time");
  }
  ASSIGN_OR_RETURN(PrivateKey key, ReadKey(raw.secret));
  ASSIGN_OR_RETURN(std::vector<HostPort> endpoints,
                   ReadAddresses(raw.join_addresses));
  ASSIGN_OR_RETURN(Certificate certificate,
                   ReadCertificate(raw, key.public_key()));
  return JoinToken{*std::move(name),
                   std::move(key),
                   raw.fingerprint,
                   std::move(endpoints),
                   std::move(certificate),
                   raw.cluster,
                   expires};
}

bool IsBase64(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' ||
         c == '/';
}

// The JSON text in `token`, which has no white space.
absl::StatusOr<SecretString> DecodeText(absl::string_view token) {
  if (!absl::StartsWith(token, kStart)) {
    return TokenMalformed(token.empty() ? "it is empty"
                                        : "it does not start with eyJ");
  }
  // Padding is optional: some terminals do not select a trailing "=".
  for (int i = 0; i < 2; ++i) absl::ConsumeSuffix(&token, "=");
  if (!std::all_of(token.begin(), token.end(), IsBase64)) {
    return TokenMalformed("it holds a character that base64 does not have");
  }
  // No whole byte is encoded in one character.
  if (token.size() % 4 == 1) return TokenTruncated();
  std::string json;
  if (!absl::Base64Unescape(token, &json)) {
    return TokenMalformed("it is not base64");
  }
  return SecretString(std::move(json));
}

}  // namespace

std::string TokenId(const PublicKey& public_key) {
  return public_key.Fingerprint().substr(0, 32);
}

absl::StatusOr<SecretString> EncodeJoinToken(const JoinToken& token) {
  RawToken raw;
  raw.name = token.name.text();
  ASSIGN_OR_RETURN(const SecretString seed,
                   token.key.Ed25519Seed(KeyAccess::Granted()));
  raw.secret = SecretString(absl::Base64Escape(seed.Reveal()));
  raw.fingerprint = token.ca_pin;
  for (const HostPort& endpoint : token.join_addresses) {
    raw.join_addresses.push_back(FormatHostPort(endpoint));
  }
  raw.certificate = absl::Base64Escape(token.certificate.der());
  raw.cluster = token.cluster_id;
  raw.expires =
      absl::FormatTime(absl::RFC3339_sec, token.expires, absl::UTCTimeZone());
  // What we would refuse to read is not written.
  RETURN_IF_ERROR(Interpret(raw).status());
  if (raw.join_addresses.empty() ||
      raw.join_addresses.size() > kMaxJoinAddresses) {
    return absl::InvalidArgumentError(
        absl::StrCat("a token holds 1 to ", kMaxJoinAddresses, " addresses"));
  }
  Json json = ToJson(raw);
  json["checksum"] = Checksum(json);
  const SecretString text = Dump(json);
  WipeSecret(json);
  return SecretString(absl::Base64Escape(text.Reveal()));
}

absl::StatusOr<JoinToken> DecodeJoinToken(absl::string_view text) {
  if (text.size() > kMaxTokenBytes) return TokenTooLong(kMaxTokenBytes);
  std::string joined(text);
  joined.erase(std::remove_if(joined.begin(), joined.end(),
                              [](char c) {
                                return absl::ascii_isspace(
                                    static_cast<unsigned char>(c));
                              }),
               joined.end());
  const SecretString token(std::move(joined));
  ASSIGN_OR_RETURN(const SecretString decoded, DecodeText(token.Reveal()));
  const absl::string_view json_text = decoded.Reveal();
  Json json = Json::parse(json_text.begin(), json_text.end(),
                          /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    // Text that broke off has lost its last brace; other damage rarely hits it.
    return absl::EndsWith(json_text, "}") ? TokenCorrupt() : TokenTruncated();
  }
  const absl::StatusOr<RawToken> raw = ReadFields(json);
  if (json.is_object()) WipeSecret(json);
  if (!raw.ok()) return raw.status();
  return Interpret(*raw);
}

absl::Status CheckJoinToken(const JoinToken& token,
                            const MemberName& own_name) {
  if (token.name != own_name) {
    return TokenNameMismatch(token.name.text(), own_name.text());
  }
  return absl::OkStatus();
}

}  // namespace microovn::pki
