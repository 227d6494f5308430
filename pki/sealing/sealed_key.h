// SPDX-License-Identifier: Apache-2.0
// A CA's private key as ciphertext: CMS AuthEnvelopedData (RFC 5083) with
// AES-256-GCM, its content key wrapped to each recipient's sealing
// certificate. What the log, the store, snapshots and backups hold.
//
// Thus who copies a database or a backup has no CA, and a new leader needs no
// transfer of keys: every voter is a recipient. Leaving takes a recipient out
// by Rewrap; what it once could read it may have kept, so removing a member
// that is not trusted calls for a rotation.
#ifndef MICROOVN_PKI_SEALING_SEALED_KEY_H_
#define MICROOVN_PKI_SEALING_SEALED_KEY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/certificate/certificate.h"
#include "pki/key/private_key.h"
#include "pki/sealing/sealing_key.h"

namespace microovn::pki {

// Immutable, copyable, not secret.
class SealedKey {
 public:
  // More than a Raft group of sensible size has voters.
  static constexpr size_t kMaxRecipients = 16;

  // Readable by the holders of the recipients' keys and by nobody else.
  static absl::StatusOr<SealedKey> Seal(
      const PrivateKey& key, const std::vector<Certificate>& recipients);

  // Checks the form only. SEALED_KEY_UNREADABLE when it is not of that form or
  // over 64 KiB.
  static absl::StatusOr<SealedKey> FromDer(absl::string_view der);
  const std::string& der() const { return der_; }

  // SEALED_KEY_UNREADABLE when `sealing_key` is not a recipient's or one bit
  // was changed.
  absl::StatusOr<PrivateKey> Open(const SealingKey& sealing_key) const;

  // The same key for other recipients, under a fresh content key.
  absl::StatusOr<SealedKey> Rewrap(
      const SealingKey& sealing_key,
      const std::vector<Certificate>& recipients) const;

 private:
  explicit SealedKey(std::string der) : der_(std::move(der)) {}

  std::string der_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_SEALING_SEALED_KEY_H_
