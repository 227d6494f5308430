// SPDX-License-Identifier: Apache-2.0
// What the file of a sealing key holds: the key as it is, or what a custody
// made of it, between lines that name the custody. Pure.
#ifndef MICROOVN_PKI_SEALING_STORED_KEY_H_
#define MICROOVN_PKI_SEALING_STORED_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/sealing/key_custody.h"

namespace microovn::pki {

struct StoredKey {
  CustodyLevel level = CustodyLevel::kFile;
  // Points into what was read.
  absl::string_view body;
};

// The file's text for `body`, which is what a custody of `level` returned.
std::string WrapStored(CustodyLevel level, absl::string_view body);

// PRIVATE_KEY_INVALID when the lines around it do not fit together.
absl::StatusOr<StoredKey> ReadStored(absl::string_view text);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_SEALING_STORED_KEY_H_
