#include "pki/sealing/sealing_key.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "pki/certificate/certificate_builder.h"
#include "pki/certificate/profile.h"
#include "pki/errors.h"
#include "pki/key/key_access.h"
#include "pki/key/private_file.h"

namespace microovn::pki {
namespace {

constexpr char kFile[] = "sealing-key.pem";
constexpr mode_t kMode = 0600;

struct Pair {
  PrivateKey key;
  Certificate certificate;
};

absl::StatusOr<Pair> Generate(const Clock& clock, RandomSource& random) {
  // ECDH: CMS wraps content keys to EC recipients, not to Ed25519 ones.
  ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate(KeyType::kP256));
  CertificateBuilder builder;
  builder.subject = {"sealing key", "MicroOVN", ""};
  builder.issued_at = clock.Now();
  // Its dates mean nothing: a recipient is chosen by the replicated state.
  builder.lifetime = kCaLifetime;
  builder.key_agreement = true;
  ASSIGN_OR_RETURN(Certificate certificate, builder.SelfSign(key, random));
  return Pair{std::move(key), std::move(certificate)};
}

// Key and certificate are one file, so that they are there together or not at
// all.
absl::Status Store(const Pair& pair, const std::string& path,
                   KeyCustody& custody) {
  ASSIGN_OR_RETURN(const SecretString pem,
                   pair.key.ToPem(KeyAccess::Granted()));
  const SecretString content(
      absl::StrCat(pem.Reveal(), pair.certificate.ToPem()));
  ASSIGN_OR_RETURN(const SecretString stored,
                   custody.Protect(content.Reveal()));
  return WriteFile(path, stored.Reveal(), kMode);
}

absl::StatusOr<Pair> Load(absl::string_view stored, KeyCustody& custody) {
  ASSIGN_OR_RETURN(const SecretString content, custody.Unprotect(stored));
  ASSIGN_OR_RETURN(PrivateKey key,
                   PrivateKey::FromPem(content.Reveal(), KeyAccess::Granted()));
  ASSIGN_OR_RETURN(Certificate certificate,
                   Certificate::FromPem(content.Reveal()));
  if (key.public_key() != certificate.public_key()) {
    return PrivateKeyInvalid("it does not belong to the certificate beside it");
  }
  return Pair{std::move(key), std::move(certificate)};
}

}  // namespace

absl::StatusOr<SealingKey> SealingKey::LoadOrCreate(const Options& options,
                                                    const Clock& clock,
                                                    RandomSource& random) {
  const std::string path = JoinPath(options.state_directory, kFile);
  KeyCustody& custody = *options.custody;
  const absl::StatusOr<SecretString> stored = ReadPrivateFile(path);
  if (stored.ok()) {
    absl::StatusOr<Pair> pair = Load(stored->Reveal(), custody);
    if (!pair.ok()) return Annotate(pair.status(), path);
    return SealingKey(std::move(pair->key), std::move(pair->certificate),
                      custody.level());
  }
  // EIO, a wrong mode or a link: the true key may still be there. Only a
  // missing file is a new node.
  if (!absl::IsNotFound(stored.status())) return stored.status();
  ASSIGN_OR_RETURN(Pair pair, Generate(clock, random));
  RETURN_IF_ERROR(Store(pair, path, custody));
  return SealingKey(std::move(pair.key), std::move(pair.certificate),
                    custody.level());
}

}  // namespace microovn::pki
