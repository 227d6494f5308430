// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/certificate_builder.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "pki/key/key_type.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

// RFC 5280 allows 20 octets; a leading zero octet makes these 17.
constexpr size_t kSerialBytes = 16;

absl::Status SetSerial(X509* x509, RandomSource& random) {
  std::string bytes = random.Bytes(kSerialBytes);
  // RFC 5280 4.1.2.2: positive. The top bit keeps it at 128 bits always.
  bytes[0] = static_cast<char>(static_cast<unsigned char>(bytes[0]) | 0x80u);
  const BignumPtr number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                static_cast<int>(bytes.size()), nullptr));
  if (number == nullptr ||
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) ==
          nullptr) {
    return OpensslError("setting a serial number");
  }
  return absl::OkStatus();
}

absl::Status SetValidity(X509* x509, absl::Time not_before,
                         absl::Time not_after) {
  // When the CA ends before its leaf would start: OpenSSL would sign even that.
  if (not_after <= not_before) {
    return absl::InvalidArgumentError("a certificate must end after it starts");
  }
  if (ASN1_TIME_set(X509_getm_notBefore(x509), absl::ToTimeT(not_before)) ==
          nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(x509), absl::ToTimeT(not_after)) ==
          nullptr) {
    return OpensslError("setting the dates of a certificate");
  }
  return absl::OkStatus();
}

// `value` is in OpenSSL's configuration language and never holds input.
// In that language a comma begins another extension and "@" names a section of
// a file, so a name put in here would let its holder write extensions. Names go
// through AddAlternativeNames, which builds the structure itself.
absl::Status AddExtension(X509* x509, X509V3_CTX* context, int nid,
                          const std::string& value) {
  const X509ExtensionPtr extension(
      X509V3_EXT_nconf_nid(nullptr, context, nid, value.c_str()));
  if (extension == nullptr || X509_add_ext(x509, extension.get(), -1) != 1) {
    return OpensslError(absl::StrCat("adding extension ", OBJ_nid2sn(nid)));
  }
  return absl::OkStatus();
}

absl::Status AddUsages(X509* x509, X509V3_CTX* context,
                       const CertificateBuilder& builder) {
  if (builder.is_ca) {
    RETURN_IF_ERROR(AddExtension(
        x509, context, NID_basic_constraints,
        absl::StrCat("critical,CA:TRUE,pathlen:", builder.path_length)));
    return AddExtension(x509, context, NID_key_usage,
                        "critical,keyCertSign,cRLSign");
  }
  RETURN_IF_ERROR(
      AddExtension(x509, context, NID_basic_constraints, "critical,CA:FALSE"));
  RETURN_IF_ERROR(AddExtension(x509, context, NID_key_usage,
                               builder.key_agreement
                                   ? "critical,keyAgreement"
                                   : "critical,digitalSignature"));
  // Not critical, which RFC 5280 4.2.1.12 leaves open: OpenSSL enforces it all
  // the same, in TLS and in VerifyChain.
  if (!builder.server_auth && !builder.client_auth) return absl::OkStatus();
  std::string usages = builder.server_auth ? "serverAuth" : "clientAuth";
  if (builder.server_auth && builder.client_auth) usages += ",clientAuth";
  return AddExtension(x509, context, NID_ext_key_usage, usages);
}

absl::Status AddAlternativeNames(X509* x509, const AlternativeNames& names) {
  if (names.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const GeneralNamesPtr list, MakeAlternativeNames(names));
  if (X509_add1_ext_i2d(x509, NID_subject_alt_name, list.get(), 0,
                        X509V3_ADD_DEFAULT) != 1) {
    return OpensslError("adding alternative names");
  }
  return absl::OkStatus();
}

struct Signer {
  // The certificate itself when it signs itself.
  X509* issuer;
  const PrivateKey& key;
};

absl::Status AddKeyIdentifiers(X509* x509, X509V3_CTX* context,
                               const Signer& signer) {
  RETURN_IF_ERROR(
      AddExtension(x509, context, NID_subject_key_identifier, "hash"));
  // A user's CA may lack the identifier that ours would point to.
  if (X509_get0_subject_key_id(signer.issuer) == nullptr) {
    return absl::OkStatus();
  }
  return AddExtension(x509, context, NID_authority_key_identifier,
                      "keyid:always");
}

absl::StatusOr<Certificate> Finish(X509* x509,
                                   const CertificateBuilder& builder,
                                   const Signer& signer) {
  ASSIGN_OR_RETURN(const X509NamePtr subject, MakeName(builder.subject));
  if (X509_set_subject_name(x509, subject.get()) != 1 ||
      X509_set_issuer_name(x509, signer.issuer == x509
                                     ? subject.get()
                                     : X509_get_subject_name(signer.issuer)) !=
          1) {
    return OpensslError("setting the names of a certificate");
  }
  // Key identifiers are computed from the keys in this context, so the public
  // key and the names are set before.
  X509V3_CTX context = {};
  X509V3_set_ctx(&context, signer.issuer, x509, nullptr, nullptr, 0);
  RETURN_IF_ERROR(AddUsages(x509, &context, builder));
  RETURN_IF_ERROR(AddKeyIdentifiers(x509, &context, signer));
  RETURN_IF_ERROR(AddAlternativeNames(x509, builder.names));
  if (X509_sign(x509, signer.key.evp(), SignatureDigest(signer.key.type())) <=
      0) {
    return OpensslError("signing a certificate");
  }
  // Read back as any other certificate is: what a peer would refuse to parse is
  // never handed out.
  unsigned char* der = nullptr;
  const int size = i2d_X509(x509, &der);
  if (size <= 0) return OpensslError("encoding a certificate");
  const OpensslMemory<unsigned char> owner(der);
  return Certificate::FromDer(absl::string_view(
      reinterpret_cast<const char*>(der), static_cast<size_t>(size)));
}

// Everything but names, extensions and signature.
absl::StatusOr<X509Ptr> Start(const CertificateBuilder& builder,
                              const PublicKey& public_key, absl::Time limit,
                              RandomSource& random) {
  if (builder.lifetime <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("a certificate must live for some time");
  }
  X509Ptr x509(X509_new());
  ASSIGN_OR_RETURN(const EvpPkeyPtr key, public_key.ToEvp());
  if (x509 == nullptr || X509_set_version(x509.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(x509.get(), key.get()) != 1) {
    return OpensslError("making a certificate");
  }
  RETURN_IF_ERROR(SetSerial(x509.get(), random));
  RETURN_IF_ERROR(
      SetValidity(x509.get(), builder.issued_at - kBackdating,
                  std::min(builder.issued_at + builder.lifetime, limit)));
  return x509;
}

}  // namespace

absl::StatusOr<Certificate> CertificateBuilder::SignAndBuild(
    const PublicKey& public_key, const Certificate& issuer,
    const PrivateKey& issuer_key, RandomSource& random) const {
  const ScopedOpensslErrors errors;
  if (issuer.public_key() != issuer_key.public_key()) {
    return absl::InternalError(
        "the issuer's key is not that of its "
        "certificate");
  }
  ASSIGN_OR_RETURN(const X509Ptr x509,
                   Start(*this, public_key, issuer.not_after(), random));
  return Finish(x509.get(), *this, {issuer.x509(), issuer_key});
}

absl::StatusOr<Certificate> CertificateBuilder::SelfSign(
    const PrivateKey& key, RandomSource& random) const {
  const ScopedOpensslErrors errors;
  ASSIGN_OR_RETURN(const X509Ptr x509, Start(*this, key.public_key(),
                                             absl::InfiniteFuture(), random));
  return Finish(x509.get(), *this, {x509.get(), key});
}

}  // namespace microovn::pki
