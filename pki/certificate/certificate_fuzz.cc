// SPDX-License-Identifier: Apache-2.0
// Certificates and requests as peers and users give them, in DER or PEM.
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "base/testing/fuzz_target.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_outline.h"
#include "pki/certificate/certificate_request.h"
#include "pki/name/peer_identity.h"
#include "pki/testing/test_pki.h"

namespace microovn {
namespace {

void CheckCertificate(const pki::Certificate& certificate) {
  const auto again = pki::Certificate::FromDer(certificate.der());
  FuzzCheck(again.ok() && *again == certificate &&
                again->fingerprint() == certificate.fingerprint(),
            "a certificate is its DER");
  const auto from_pem = pki::Certificate::FromPem(certificate.ToPem());
  FuzzCheck(from_pem.ok() && *from_pem == certificate,
            "a certificate survives PEM");
  const auto identity = pki::ParsePeerIdentity(certificate.names().uri);
  if (!identity.ok()) return;
  const auto named = pki::ParsePeerIdentity({pki::ToUri(*identity)});
  FuzzCheck(named.ok() && *named == *identity, "an identity is its URI");
}

void CheckOutlines(const std::vector<pki::CertificateOutline>& outlines,
                   const std::vector<pki::Certificate>& bundle) {
  FuzzCheck(outlines.size() == bundle.size(), "both read as many");
  for (size_t i = 0; i < bundle.size(); ++i) {
    FuzzCheck(
        outlines[i].key != pki::OutlinedKey::kEc ||
            outlines[i].spki_sha256 == bundle[i].public_key().Fingerprint(),
        "a key has one fingerprint");
  }
}

void CheckRequest(const pki::CertificateRequest& request) {
  const auto again = pki::CertificateRequest::FromDer(request.der());
  FuzzCheck(again.ok() && again->Fingerprint() == request.Fingerprint(),
            "a request is its DER");
  FuzzCheck(pki::CertificateRequest::FromPem(request.ToPem()).ok(),
            "a request survives PEM");
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  pki::TestPki pki;
  const pki::Certificate& ca = pki.cluster_ca().certificate();
  const auto key = pki::PrivateKey::Generate(pki::KeyType::kP256);
  const auto request = pki::CertificateRequest::Create(*key);
  return {ca.der(), ca.ToPem(), request->der(), request->ToPem(),
          ca.ToPem() + ca.ToPem()};
}

void FuzzOne(absl::string_view input) {
  for (const auto& parsed :
       {pki::Certificate::FromDer(input), pki::Certificate::FromPem(input)}) {
    if (parsed.ok()) CheckCertificate(*parsed);
  }
  const auto outlines = pki::OutlinesFromPem(input, 64);
  const auto bundle = pki::Certificate::BundleFromPem(input);
  if (outlines.ok() && bundle.ok()) CheckOutlines(*outlines, *bundle);
  if (bundle.ok()) {
    FuzzCheck(!bundle->empty() && bundle->size() <= 64, "a bundle is bounded");
    for (const pki::Certificate& one : *bundle) CheckCertificate(one);
  }
  for (const auto& parsed : {pki::CertificateRequest::FromDer(input),
                             pki::CertificateRequest::FromPem(input)}) {
    if (parsed.ok()) CheckRequest(*parsed);
  }
}

}  // namespace microovn
