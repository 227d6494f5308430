// SPDX-License-Identifier: Apache-2.0
// A node's sealing key: what CA keys are encrypted to while this node is a
// voter. It stays in the node's state directory; its certificate goes into the
// replicated state.
//
// Losing it costs this node the CA keys and nothing else: another voter seals
// them to the new one. When all voters lose theirs, nobody can open the CA
// keys.
#ifndef MICROOVN_PKI_SEALING_SEALING_KEY_H_
#define MICROOVN_PKI_SEALING_SEALING_KEY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/crypto/random.h"
#include "base/time/clock.h"
#include "pki/certificate/certificate.h"
#include "pki/key/private_key.h"
#include "pki/sealing/key_custody.h"

namespace microovn::pki {

// Below the state directory.
inline constexpr char kSealingKeyFile[] = "sealing-key.pem";

// Movable; const use is thread-safe.
class SealingKey {
 public:
  struct Options {
    // Exists and is private (EnsurePrivateDirectory).
    std::string state_directory;
    // Borrowed during the call.
    SealingMeans means;
  };

  // Loads STATE/sealing-key.pem, or makes a key and writes it there with mode
  // 0600 when there is none. A file that cannot be read or trusted is an
  // error, never replaced: with it would go the access to the CA keys.
  // SEALING_KEY_OUT_OF_REACH when what keeps it cannot open it, which may pass;
  // SEALING_MEANS_NOT_AVAILABLE when nothing of what is wanted can keep a new
  // one.
  // A key that a better means can keep is moved to it, after that has proved
  // that it gives the key back; until then the file stays as it is.
  static absl::StatusOr<SealingKey> LoadOrCreate(const Options& options,
                                                 const Clock& clock,
                                                 RandomSource& random);

  // Self-signed; only says which key to encrypt to.
  const Certificate& certificate() const { return certificate_; }
  CustodyLevel custody() const { return custody_; }
  // Why no wanted means keeps it; OK otherwise.
  const absl::Status& unmet() const { return unmet_; }

  // For sealed_key.h.
  // Opens every CA key that is sealed to this node.
  const PrivateKey& key() const { return key_; }

 private:
  SealingKey(PrivateKey key, Certificate certificate, CustodyLevel custody,
             absl::Status unmet)
      : key_(std::move(key)),
        certificate_(std::move(certificate)),
        custody_(custody),
        unmet_(std::move(unmet)) {}

  PrivateKey key_;
  Certificate certificate_;
  CustodyLevel custody_;
  absl::Status unmet_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_SEALING_SEALING_KEY_H_
