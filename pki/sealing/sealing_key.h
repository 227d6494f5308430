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

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "pki/certificate/certificate.h"
#include "pki/key/private_key.h"
#include "pki/sealing/key_custody.h"

namespace microovn::pki {

// Movable; const use is thread-safe.
class SealingKey {
 public:
  struct Options {
    // Exists and is private (EnsurePrivateDirectory).
    std::string state_directory;
    // Borrowed during the call.
    KeyCustody* custody = &KeyCustody::File();
  };

  // Loads STATE/sealing-key.pem, or makes a key and writes it there with mode
  // 0600 when there is none. A file that cannot be read or trusted is an
  // error, never replaced: with it would go the access to the CA keys.
  static absl::StatusOr<SealingKey> LoadOrCreate(const Options& options,
                                                 const Clock& clock,
                                                 RandomSource& random);

  // Self-signed; only says which key to encrypt to.
  const Certificate& certificate() const { return certificate_; }
  CustodyLevel custody() const { return custody_; }

  // For sealed_key.h.
  // Opens every CA key that is sealed to this node.
  const PrivateKey& key() const { return key_; }

 private:
  SealingKey(PrivateKey key, Certificate certificate, CustodyLevel custody)
      : key_(std::move(key)),
        certificate_(std::move(certificate)),
        custody_(custody) {}

  PrivateKey key_;
  Certificate certificate_;
  CustodyLevel custody_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_SEALING_SEALING_KEY_H_
