// SPDX-License-Identifier: Apache-2.0
#include "pki/sealing/stored_key.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "pki/errors.h"

namespace microovn::pki {
namespace {

// Of no PEM reader's kinds: whoever looks at the file sees what it is.
struct Lines {
  CustodyLevel level;
  absl::string_view begin;
  absl::string_view end;
};

constexpr Lines kLines[] = {
    {CustodyLevel::kHost, "-----BEGIN MICROOVN KEY SEALED BY HOST-----\n",
     "-----END MICROOVN KEY SEALED BY HOST-----\n"},
    {CustodyLevel::kTpm, "-----BEGIN MICROOVN KEY SEALED BY TPM2-----\n",
     "-----END MICROOVN KEY SEALED BY TPM2-----\n"},
};

}  // namespace

std::string WrapStored(CustodyLevel level, absl::string_view body) {
  for (const Lines& lines : kLines) {
    if (lines.level == level) {
      return absl::StrCat(lines.begin, absl::StripSuffix(body, "\n"), "\n",
                          lines.end);
    }
  }
  return std::string(body);
}

absl::StatusOr<StoredKey> ReadStored(absl::string_view text) {
  for (const Lines& lines : kLines) {
    absl::string_view body = text;
    if (!absl::ConsumePrefix(&body, lines.begin)) continue;
    if (!absl::ConsumeSuffix(&body, lines.end)) {
      return PrivateKeyInvalid("its last line is missing");
    }
    return StoredKey{lines.level, body};
  }
  return StoredKey{CustodyLevel::kFile, text};
}

}  // namespace microovn::pki
