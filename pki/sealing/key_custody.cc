// SPDX-License-Identifier: Apache-2.0
#include "pki/sealing/key_custody.h"

#include <string>

#include "glog/logging.h"

namespace microovn::pki {
namespace {

class FileCustody final : public KeyCustody {
 public:
  CustodyLevel level() const override { return CustodyLevel::kFile; }
  absl::StatusOr<SecretString> Protect(absl::string_view secret) override {
    return SecretString(std::string(secret));
  }
  absl::StatusOr<SecretString> Unprotect(absl::string_view stored) override {
    return SecretString(std::string(stored));
  }
};

}  // namespace

absl::string_view CustodyText(CustodyLevel level) {
  switch (level) {
    case CustodyLevel::kFile:
      return "file (mode 0600)";
    case CustodyLevel::kHost:
      return "host key";
    case CustodyLevel::kTpm:
      return "TPM";
  }
  LOG(FATAL) << "no such custody level";
}

KeyCustody& KeyCustody::File() {
  static FileCustody* const kCustody = new FileCustody();
  return *kCustody;
}

}  // namespace microovn::pki
