// SPDX-License-Identifier: Apache-2.0
// By what a node's sealing key is to be kept: as an operator says, or by the
// best that this node has.
//
// What decides is pure; LookAround asks the machine.
#ifndef MICROOVN_PKI_SEALING_SEALING_CHOICE_H_
#define MICROOVN_PKI_SEALING_SEALING_CHOICE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/sealing/key_custody.h"

namespace microovn::pki {

enum class SealingChoice { kAuto, kTpm, kHost, kFile };

// "auto", "tpm2", "host" or "file".
absl::StatusOr<SealingChoice> ParseSealingChoice(absl::string_view text);

struct SealingSurroundings {
  // The kernel has a TPM2.
  bool tpm = false;
  // The host's secret lasts as long as the state directory does.
  bool host_secret_stays = false;
};

// `state_directory` exists.
// The host's secret is taken to stay where systemd runs the machine and keeps
// it on the state directory's own file system: whoever keeps one keeps both. A
// container whose state lies on a volume has a /var/lib/systemd that goes with
// the next image, and a snap cannot read the host's.
SealingSurroundings LookAround(const std::string& state_directory);

// Best first. A choice is obeyed or fails; it never ends in something weaker
// that nobody asked for.
std::vector<CustodyLevel> WantedLevels(SealingChoice choice,
                                       const SealingSurroundings& around);

// Of `all`, which has one custody of each level.
SealingMeans MeansFor(SealingChoice choice, const SealingSurroundings& around,
                      const std::vector<KeyCustody*>& all);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_SEALING_SEALING_CHOICE_H_
