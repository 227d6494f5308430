// SPDX-License-Identifier: Apache-2.0
#include "agent/state/testing/certificates.h"

#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "pki/certificate/certificate.h"
#include "pki/key/digest.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "pki/key/public_key.h"

namespace microovn::agent {
namespace {

// DER of X.690: `tag`, then the length as short as can be.
std::string Der(char tag, const std::string& content) {
  std::string der(1, tag);
  const size_t size = content.size();
  CHECK_LT(size, 65536u);
  if (size >= 256) {
    der += {'\x82', static_cast<char>(size >> 8)};
  } else if (size >= 128) {
    der += '\x81';
  }
  der += static_cast<char>(size & 0xff);
  return der + content;
}

constexpr char kSequence = '\x30';
constexpr char kSet = '\x31';
constexpr char kOctets = '\x04';
constexpr char kBits = '\x03';
constexpr char kInteger = '\x02';

// ecPublicKey on prime256v1, and ecdsa-with-SHA256.
constexpr char kEcP256[] = "301306072a8648ce3d020106082a8648ce3d030107";
constexpr char kEcdsa[] = "300a06082a8648ce3d040302";
// commonName.
constexpr char kCommonName[] = "0603550403";
// subjectKeyIdentifier.
constexpr char kKeyId[] = "0603551d0e";

std::string Hex(absl::string_view hex) { return absl::HexStringToBytes(hex); }

// SHA-256 of the word is its scalar: as good as never zero or too large.
pki::PublicKey EcKey(absl::string_view word) {
  const std::string scalar =
      Der(kSequence, Hex("020101") + Der(kOctets, pki::Sha256(word)));
  const std::string pkcs8 =
      Der(kSequence, Hex("020100") + Hex(kEcP256) + Der(kOctets, scalar));
  const auto key = pki::PrivateKey::FromPem(
      absl::StrCat("-----BEGIN PRIVATE KEY-----\n", absl::Base64Escape(pkcs8),
                   "\n-----END PRIVATE KEY-----\n"),
      pki::KeyAccess::Granted());
  CHECK(key.ok()) << key.status();
  return key->public_key();
}

pki::PublicKey KeyOf(absl::string_view word, pki::KeyType type) {
  if (type == pki::KeyType::kP256) return EcKey(word);
  CHECK(type == pki::KeyType::kEd25519);
  const auto key = pki::PrivateKey::FromEd25519Seed(pki::Sha256(word),
                                                    pki::KeyAccess::Granted());
  CHECK(key.ok()) << key.status();
  return key->public_key();
}

std::string Name(absl::string_view word) {
  const std::string text = Der('\x0c', std::string(word));
  return Der(kSequence, Der(kSet, Der(kSequence, Hex(kCommonName) + text)));
}

// By a subjectKeyIdentifier CA keys are sealed for who has one.
std::string Extensions(const pki::PublicKey& key) {
  const std::string id =
      Der(kOctets, Der(kOctets, pki::Sha256(key.der()).substr(0, 20)));
  return Der('\xa3', Der(kSequence, Der(kSequence, Hex(kKeyId) + id)));
}

std::string Make(absl::string_view word, const pki::PublicKey& key) {
  const std::string validity = Der(
      kSequence, Der('\x17', "200101000000Z") + Der('\x17', "491231235959Z"));
  const std::string version = Hex("a003020102");
  const std::string body =
      version + Der(kInteger, "\x01" + pki::Sha256(word).substr(0, 15)) +
      Hex(kEcdsa) + Name(word) + validity + Name(word) + key.der() +
      Extensions(key);
  const std::string signature =
      Der(kBits, std::string(1, '\0') + Hex("3006020101020101"));
  const auto certificate = pki::Certificate::FromDer(
      Der(kSequence, Der(kSequence, body) + Hex(kEcdsa) + signature));
  CHECK(certificate.ok()) << certificate.status();
  return certificate->ToPem();
}

}  // namespace

std::string TestCertificatePem(absl::string_view word, pki::KeyType type) {
  // Tests make the same few over and over, from one thread.
  static auto* const kMade =
      new std::map<std::pair<std::string, pki::KeyType>, std::string>;
  std::string& made = (*kMade)[{std::string(word), type}];
  if (made.empty()) made = Make(word, KeyOf(word, type));
  return made;
}

std::string TestKeyDigest(absl::string_view word, pki::KeyType type) {
  static auto* const kMade =
      new std::map<std::pair<std::string, pki::KeyType>, std::string>;
  std::string& made = (*kMade)[{std::string(word), type}];
  if (made.empty()) made = KeyOf(word, type).Fingerprint();
  return made;
}

}  // namespace microovn::agent
