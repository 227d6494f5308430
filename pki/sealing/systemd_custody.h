// SPDX-License-Identifier: Apache-2.0
// Custody by systemd-creds(1): bound to this host's secret
// (/var/lib/systemd/credential.secret) or to its TPM2.
//
// Secrets go through pipes, never through arguments, files or the environment.
// A program of its own, because Debian 12's library has no call for it, and
// the TPM's libraries are loaded there only.
#ifndef MICROOVN_PKI_SEALING_SYSTEMD_CUSTODY_H_
#define MICROOVN_PKI_SEALING_SYSTEMD_CUSTODY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/process/command_runner.h"
#include "pki/sealing/key_custody.h"

namespace microovn::pki {

class SystemdCustody final : public KeyCustody {
 public:
  // kHost or kTpm. `runner` outlives the object.
  SystemdCustody(CustodyLevel level, CommandRunner* runner)
      : level_(level), runner_(runner) {}

  CustodyLevel level() const override { return level_; }
  // SEALING_MEANS_NOT_AVAILABLE.
  absl::StatusOr<SecretString> Protect(absl::string_view secret) override;
  // SEALING_KEY_OUT_OF_REACH.
  absl::StatusOr<SecretString> Unprotect(absl::string_view stored) override;

 private:
  const CustodyLevel level_;
  CommandRunner* const runner_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_SEALING_SYSTEMD_CUSTODY_H_
