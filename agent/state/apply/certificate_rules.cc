// SPDX-License-Identifier: Apache-2.0
#include "agent/state/apply/certificate_rules.h"

#include <algorithm>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/values/features.h"
#include "base/status/status_macros.h"
#include "pki/certificate/certificate_outline.h"

namespace microovn::agent {
namespace {

using pki::CertificateOutline;
using pki::OutlinedKey;

// As many as a pki::TrustBundle holds.
constexpr size_t kMaxInBundle = 64;

// What is refused first, and with which word, is a part of what logs were
// applied to.
absl::Status CheckText(absl::string_view field, absl::string_view pem,
                       size_t limit) {
  if (pem.size() > limit) return CommandMalformed("too-long", field);
  if (!absl::StrContains(pem, "-----BEGIN CERTIFICATE-----")) {
    return CommandMalformed("no-certificate", field);
  }
  // A private key in clear never gets into the log.
  if (absl::StrContains(pem, "PRIVATE KEY")) {
    return CommandMalformed("private-key", field);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<CertificateOutline>> Read(absl::string_view field,
                                                     absl::string_view pem,
                                                     size_t most) {
  auto outlines = pki::OutlinesFromPem(pem, most);
  if (outlines.ok()) return *std::move(outlines);
  return CommandMalformed("no-certificate", field);
}

}  // namespace

CertificateReading ReadingOf(const ClusterState& state) {
  return ActiveLevel(state, kFeatureParsedCertificates) > 0
             ? CertificateReading::kInFull
             : CertificateReading::kByMarker;
}

CertificateReading ReadingOfFounder(const statepb::Member& founder) {
  for (const statepb::FeatureLevel& feature : founder.features()) {
    if (feature.name() == kFeatureParsedCertificates) {
      return CertificateReading::kInFull;
    }
  }
  return CertificateReading::kByMarker;
}

absl::Status CheckMemberCertificate(
    absl::string_view pem,
    const google::protobuf::RepeatedPtrField<std::string>& spki_sha256,
    CertificateReading reading) {
  constexpr char kField[] = "certificate";
  RETURN_IF_ERROR(CheckText(kField, pem, kMaxCertificateBytes));
  if (reading == CertificateReading::kByMarker) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto outlines, Read(kField, pem, 1));
  if (outlines.front().key != OutlinedKey::kEc) {
    return CommandMalformed("key-type", kField);
  }
  if (std::find(spki_sha256.begin(), spki_sha256.end(),
                outlines.front().spki_sha256) == spki_sha256.end()) {
    return CommandMalformed("not-registered", kField);
  }
  return absl::OkStatus();
}

absl::Status CheckSealingCertificate(absl::string_view pem,
                                     CertificateReading reading) {
  constexpr char kField[] = "sealing-certificate";
  RETURN_IF_ERROR(CheckText(kField, pem, kMaxCertificateBytes));
  if (reading == CertificateReading::kByMarker) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto outlines, Read(kField, pem, 1));
  return outlines.front().key == OutlinedKey::kEc
             ? absl::OkStatus()
             : CommandMalformed("key-type", kField);
}

absl::Status CheckCaCertificates(absl::string_view field, absl::string_view pem,
                                 size_t limit, CertificateReading reading) {
  RETURN_IF_ERROR(CheckText(field, pem, limit));
  if (reading == CertificateReading::kByMarker) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto outlines, Read(field, pem, kMaxInBundle));
  // A CA of a user's may have its curve written in another form.
  const bool known = std::all_of(outlines.begin(), outlines.end(),
                                 [](const CertificateOutline& outline) {
                                   return outline.key != OutlinedKey::kOther;
                                 });
  return known ? absl::OkStatus() : CommandMalformed("key-type", field);
}

}  // namespace microovn::agent
