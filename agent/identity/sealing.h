// SPDX-License-Identifier: Apache-2.0
// This node's sealing key, below its state directory.
#ifndef MICROOVN_AGENT_IDENTITY_SEALING_H_
#define MICROOVN_AGENT_IDENTITY_SEALING_H_

#include "absl/status/statusor.h"
#include "agent/identity/identity_store.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "pki/sealing/key_custody.h"
#include "pki/sealing/sealing_key.h"

namespace microovn::agent {

// Made when there is none.
// One that is made in the place of a lost one opens nothing that was sealed
// before: only another voter can seal the CA keys to it.
inline absl::StatusOr<pki::SealingKey> LoadSealingKey(
    const IdentityStore& store, const Clock& clock, RandomSource& random,
    const pki::SealingMeans& means = {}) {
  pki::SealingKey::Options options;
  options.means = means;
  options.state_directory = store.sealing_key_directory();
  RETURN_IF_ERROR(MakeDirectories(options.state_directory, 0700));
  return pki::SealingKey::LoadOrCreate(options, clock, random);
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_IDENTITY_SEALING_H_
