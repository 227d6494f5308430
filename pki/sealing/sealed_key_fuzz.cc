// SPDX-License-Identifier: Apache-2.0
// Sealed keys as the log, a snapshot or a backup may hold them.
#include <string>
#include <vector>

#include "base/crypto/random.h"
#include "base/testing/fake_clock.h"
#include "base/testing/fuzz_target.h"
#include "base/testing/temp_dir.h"
#include "pki/key/private_key.h"
#include "pki/sealing/sealed_key.h"
#include "pki/sealing/sealing_key.h"

namespace microovn {
namespace {

// Made once: what opens, and what is sealed for it.
struct Sealed {
  TempDir directory;
  FakeClock clock;
  pki::SealingKey opens = *pki::SealingKey::LoadOrCreate(
      {directory.path(), {}}, clock, RandomSource::Real());
  pki::PrivateKey key = *pki::PrivateKey::Generate();
  pki::SealedKey sealed = *pki::SealedKey::Seal(key, {opens.certificate()});
};

Sealed& Made() {
  static auto* const made = new Sealed;
  return *made;
}

}  // namespace

std::vector<std::string> FuzzSeeds() { return {Made().sealed.der()}; }

void FuzzOne(absl::string_view input) {
  const auto sealed = pki::SealedKey::FromDer(input);
  if (!sealed.ok()) return;
  FuzzCheck(sealed->der() == input, "a sealed key is its DER");
  const auto opened = sealed->Open(Made().opens);
  FuzzCheck(!opened.ok() || opened->public_key() == Made().key.public_key(),
            "nothing else opens than what was sealed");
}

}  // namespace microovn
