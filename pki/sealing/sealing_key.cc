// SPDX-License-Identifier: Apache-2.0
#include "pki/sealing/sealing_key.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "pki/certificate/certificate_builder.h"
#include "pki/certificate/profile.h"
#include "pki/errors.h"
#include "pki/key/key_access.h"
#include "pki/key/private_file.h"
#include "pki/sealing/stored_key.h"

namespace microovn::pki {
namespace {

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
absl::StatusOr<SecretString> ContentOf(const Pair& pair) {
  ASSIGN_OR_RETURN(const SecretString pem,
                   pair.key.ToPem(KeyAccess::Granted()));
  return SecretString(absl::StrCat(pem.Reveal(), pair.certificate.ToPem()));
}

absl::StatusOr<Pair> Parse(absl::string_view content) {
  ASSIGN_OR_RETURN(PrivateKey key,
                   PrivateKey::FromPem(content, KeyAccess::Granted()));
  ASSIGN_OR_RETURN(Certificate certificate, Certificate::FromPem(content));
  if (key.public_key() != certificate.public_key()) {
    return PrivateKeyInvalid("it does not belong to the certificate beside it");
  }
  return Pair{std::move(key), std::move(certificate)};
}

// Written only after `custody` has given back what it was given: what it
// cannot open again would be lost.
absl::Status Store(const SecretString& content, const std::string& path,
                   KeyCustody& custody) {
  ASSIGN_OR_RETURN(const SecretString stored,
                   custody.Protect(content.Reveal()));
  const std::string text = WrapStored(custody.level(), stored.Reveal());
  ASSIGN_OR_RETURN(const StoredKey read, ReadStored(text));
  ASSIGN_OR_RETURN(const SecretString back, custody.Unprotect(read.body));
  if (back.Reveal() != content.Reveal()) {
    return SealingMeansNotAvailable(CustodyText(custody.level()),
                                    "it does not give back what it was given");
  }
  const SecretString wiped(text);
  return WriteFile(path, wiped.Reveal(), kMode);
}

struct Kept {
  CustodyLevel level = CustodyLevel::kFile;
  // Of the last that could not keep it; OK when one does.
  absl::Status unmet;
};

// By the first means that works; `stored` is how it is kept already.
Kept Keep(const SecretString& content, const std::string& path,
          const SealingMeans& means, std::optional<CustodyLevel> stored) {
  Kept kept;
  for (KeyCustody* custody : means.keep_by) {
    const bool weaker = stored.has_value() && custody->level() < *stored;
    if (stored == custody->level() || (weaker && !means.may_weaken)) {
      return {*stored, absl::OkStatus()};
    }
    kept.unmet = Store(content, path, *custody);
    if (kept.unmet.ok()) return {custody->level(), absl::OkStatus()};
  }
  if (stored.has_value()) kept.level = *stored;
  return kept;
}

absl::StatusOr<SecretString> Open(const StoredKey& stored,
                                  const SealingMeans& means) {
  std::vector<KeyCustody*> all = means.keep_by;
  all.insert(all.end(), means.open_by.begin(), means.open_by.end());
  for (KeyCustody* custody : all) {
    if (custody->level() == stored.level) {
      return custody->Unprotect(stored.body);
    }
  }
  return SealingKeyOutOfReach(CustodyText(stored.level),
                              "this agent has no means to ask it");
}

}  // namespace

absl::StatusOr<SealingKey> SealingKey::LoadOrCreate(const Options& options,
                                                    const Clock& clock,
                                                    RandomSource& random) {
  const std::string path = JoinPath(options.state_directory, kSealingKeyFile);
  const absl::StatusOr<SecretString> file = ReadPrivateFile(path);
  // EIO, a wrong mode or a link: the true key may still be there. Only a
  // missing file is a new node.
  if (!file.ok() && !absl::IsNotFound(file.status())) return file.status();
  if (!file.ok()) {
    ASSIGN_OR_RETURN(Pair pair, Generate(clock, random));
    ASSIGN_OR_RETURN(const SecretString content, ContentOf(pair));
    Kept kept = Keep(content, path, options.means, std::nullopt);
    RETURN_IF_ERROR(kept.unmet);
    return SealingKey(std::move(pair.key), std::move(pair.certificate),
                      kept.level, absl::OkStatus());
  }
  ASSIGN_OR_RETURN(const StoredKey stored, ReadStored(file->Reveal()));
  const absl::StatusOr<SecretString> content = Open(stored, options.means);
  if (!content.ok()) return Annotate(content.status(), path);
  absl::StatusOr<Pair> pair = Parse(content->Reveal());
  if (!pair.ok()) return Annotate(pair.status(), path);
  Kept kept = Keep(*content, path, options.means, stored.level);
  return SealingKey(std::move(pair->key), std::move(pair->certificate),
                    kept.level, std::move(kept.unmet));
}

}  // namespace microovn::pki
