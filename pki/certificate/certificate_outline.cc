// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/certificate_outline.h"

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "pki/key/digest.h"

namespace microovn::pki {
namespace {

// Tags of X.690 that occur here.
constexpr uint8_t kInteger = 0x02;
constexpr uint8_t kBitString = 0x03;
constexpr uint8_t kSequence = 0x30;
constexpr uint8_t kVersion = 0xa0;
constexpr uint8_t kIssuerId = 0x81;
constexpr uint8_t kSubjectId = 0x82;
constexpr uint8_t kExtensions = 0xa3;

constexpr absl::string_view kBegin = "-----BEGIN CERTIFICATE-----\n";
constexpr absl::string_view kEnd = "-----END CERTIFICATE-----\n";
constexpr size_t kLineLength = 64;
// As in certificate.cc.
constexpr size_t kMaxDerBytes = 64 << 10;

template <size_t kSize>
constexpr absl::string_view Bytes(const char (&literal)[kSize]) {
  return absl::string_view(literal, kSize - 1);
}

// The contents of AlgorithmIdentifiers (RFC 5480, 8410, 3279).
constexpr absl::string_view kEcPublicKey =
    Bytes("\x06\x07\x2a\x86\x48\xce\x3d\x02\x01");
constexpr absl::string_view kEd25519 = Bytes("\x06\x03\x2b\x65\x70");
constexpr absl::string_view kRsa =
    Bytes("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");

struct Curve {
  absl::string_view name;
  // Of one coordinate.
  size_t bytes;
};
constexpr Curve kCurves[] = {
    {Bytes("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"), 32},
    {Bytes("\x06\x05\x2b\x81\x04\x00\x22"), 48},
    {Bytes("\x06\x05\x2b\x81\x04\x00\x23"), 66},
};

uint8_t At(absl::string_view bytes, size_t index) {
  return static_cast<uint8_t>(bytes[index]);
}

struct Element {
  uint8_t tag = 0;
  absl::string_view content;
  // With its tag and length.
  absl::string_view whole;
};

// The next element in DER: the length is definite and as short as can be, and
// the tag has one byte. Null if there is none.
std::optional<Element> Take(absl::string_view& rest) {
  if (rest.size() < 2 || (At(rest, 0) & 0x1f) == 0x1f) return std::nullopt;
  size_t length = At(rest, 1);
  size_t header = 2;
  if (length >= 0x80) {
    const size_t count = length & 0x7f;
    if (count == 0 || count > 3 || rest.size() < 2 + count) return std::nullopt;
    length = 0;
    for (size_t i = 0; i < count; ++i) length = length << 8 | At(rest, 2 + i);
    if (length < 0x80 || At(rest, 2) == 0) return std::nullopt;
    header += count;
  }
  if (length > rest.size() - header) return std::nullopt;
  const Element element{At(rest, 0), rest.substr(header, length),
                        rest.substr(0, header + length)};
  rest.remove_prefix(header + length);
  return element;
}

std::optional<Element> Take(absl::string_view& rest, uint8_t tag) {
  std::optional<Element> element = Take(rest);
  if (!element.has_value() || element->tag != tag) return std::nullopt;
  return element;
}

// Bits of a positive INTEGER; 0 if it is none.
size_t BitsOf(absl::string_view integer) {
  if (!integer.empty() && At(integer, 0) == 0) integer.remove_prefix(1);
  if (integer.empty() || At(integer, 0) == 0) return 0;
  size_t bits = integer.size() * 8;
  for (uint8_t mask = 0x80; (At(integer, 0) & mask) == 0; mask >>= 1) --bits;
  return bits;
}

OutlinedKey RsaKey(absl::string_view key) {
  const auto numbers = Take(key, kSequence);
  if (!numbers.has_value() || !key.empty()) return OutlinedKey::kOther;
  absl::string_view rest = numbers->content;
  const auto modulus = Take(rest, kInteger);
  const auto exponent = Take(rest, kInteger);
  if (!modulus.has_value() || !exponent.has_value() || !rest.empty()) {
    return OutlinedKey::kOther;
  }
  // As KeyTypeOf().
  const size_t bits = BitsOf(modulus->content);
  return bits >= 2048 && bits <= 8192 ? OutlinedKey::kRsa : OutlinedKey::kOther;
}

OutlinedKey EcKey(absl::string_view parameters, absl::string_view point) {
  for (const Curve& curve : kCurves) {
    if (parameters == curve.name && point.size() == 1 + 2 * curve.bytes &&
        At(point, 0) == 0x04) {
      return OutlinedKey::kEc;
    }
  }
  return OutlinedKey::kOtherEc;
}

std::optional<OutlinedKey> KeyOf(absl::string_view spki) {
  const auto algorithm = Take(spki, kSequence);
  const auto bits = Take(spki, kBitString);
  // The first byte counts bits that are not used.
  if (!algorithm.has_value() || !bits.has_value() || !spki.empty() ||
      bits->content.empty() || At(bits->content, 0) != 0) {
    return std::nullopt;
  }
  const absl::string_view key = bits->content.substr(1);
  const absl::string_view name = algorithm->content;
  if (absl::StartsWith(name, kEcPublicKey)) {
    return EcKey(name.substr(kEcPublicKey.size()), key);
  }
  if (name == kEd25519 && key.size() == 32) return OutlinedKey::kEd25519;
  return name == kRsa ? RsaKey(key) : OutlinedKey::kOther;
}

// TBSCertificate (RFC 5280 4.1) behind its serial number and before its
// extensions: algorithm, issuer, validity, subject, key.
std::optional<CertificateOutline> OutlineOfBody(absl::string_view body) {
  if (!body.empty() && At(body, 0) == kVersion) Take(body);
  if (!Take(body, kInteger).has_value()) return std::nullopt;
  for (int i = 0; i < 4; ++i) {
    if (!Take(body, kSequence).has_value()) return std::nullopt;
  }
  const auto spki = Take(body, kSequence);
  if (!spki.has_value()) return std::nullopt;
  const auto key = KeyOf(spki->content);
  if (!key.has_value()) return std::nullopt;
  for (const uint8_t tag : {kIssuerId, kSubjectId, kExtensions}) {
    if (!body.empty() && At(body, 0) == tag) Take(body);
  }
  if (!body.empty()) return std::nullopt;
  return CertificateOutline{*key, Sha256Hex(spki->whole)};
}

std::optional<CertificateOutline> OutlineOf(absl::string_view der) {
  const auto certificate = Take(der, kSequence);
  if (!certificate.has_value() || !der.empty()) return std::nullopt;
  absl::string_view rest = certificate->content;
  const auto body = Take(rest, kSequence);
  const auto algorithm = Take(rest, kSequence);
  const auto signature = Take(rest, kBitString);
  if (!body.has_value() || !algorithm.has_value() || !signature.has_value() ||
      !rest.empty()) {
    return std::nullopt;
  }
  return OutlineOfBody(body->content);
}

// As PEM_write_bio(3) does.
std::string ToPem(absl::string_view der) {
  const std::string text = absl::Base64Escape(der);
  std::string pem(kBegin);
  for (size_t at = 0; at < text.size(); at += kLineLength) {
    absl::StrAppend(&pem, absl::string_view(text).substr(at, kLineLength),
                    "\n");
  }
  absl::StrAppend(&pem, kEnd);
  return pem;
}

// Takes the first block off `pem`. Only what is written again as it was: how
// lenient a reader of base64 is, is no question then.
std::optional<std::string> TakeDer(absl::string_view& pem) {
  const size_t end = pem.find(kEnd);
  if (!absl::StartsWith(pem, kBegin) || end == absl::string_view::npos) {
    return std::nullopt;
  }
  const absl::string_view block = pem.substr(0, end + kEnd.size());
  std::string der;
  if (!absl::Base64Unescape(pem.substr(kBegin.size(), end - kBegin.size()),
                            &der) ||
      der.size() > kMaxDerBytes || ToPem(der) != block) {
    return std::nullopt;
  }
  pem.remove_prefix(block.size());
  return der;
}

}  // namespace

absl::StatusOr<std::vector<CertificateOutline>> OutlinesFromPem(
    absl::string_view pem, size_t most) {
  std::vector<CertificateOutline> outlines;
  do {
    const std::optional<std::string> der = TakeDer(pem);
    const std::optional<CertificateOutline> outline =
        der.has_value() ? OutlineOf(*der) : std::nullopt;
    if (!outline.has_value() || outlines.size() == most) {
      return absl::InvalidArgumentError("no certificates, or too many");
    }
    outlines.push_back(*outline);
  } while (!pem.empty());
  return outlines;
}

}  // namespace microovn::pki
