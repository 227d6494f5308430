// SPDX-License-Identifier: Apache-2.0
#include "pki/sealing/systemd_custody.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "pki/errors.h"

namespace microovn::pki {
namespace {

constexpr char kProgram[] = "systemd-creds";
// A part of what is sealed: a credential of another name does not open.
constexpr char kName[] = "--name=microovn-sealing-key";
// The state of Secure Boot. systemd 252 cannot open again what it seals to no
// register at all.
constexpr char kRegisters[] = "--tpm2-pcrs=7";
// A TPM takes a second where it is slow.
constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr size_t kMostShown = 200;

// Lines before it are notices, about media that are not encrypted for one.
std::string LastLine(absl::string_view text) {
  const std::vector<absl::string_view> lines =
      absl::StrSplit(text, '\n', absl::SkipWhitespace());
  return lines.empty() ? "it says nothing" : Shown(lines.back(), kMostShown);
}

// What it wrote to stdout when it ended well.
absl::StatusOr<SecretString> Run(CommandRunner& runner,
                                 std::vector<std::string> argv,
                                 absl::string_view input) {
  Command command;
  command.argv = std::move(argv);
  command.input = std::string(input);
  command.timeout = kTimeout;
  absl::StatusOr<CommandResult> result = runner.Run(command);
  const SecretString wiped(std::move(command.input));
  RETURN_IF_ERROR(result.status());
  SecretString output(std::move(result->output));
  if (result->exit_code == 0) return output;
  return absl::InternalError(LastLine(result->error));
}

}  // namespace

absl::StatusOr<SecretString> SystemdCustody::Protect(absl::string_view secret) {
  std::vector<std::string> argv = {kProgram, "encrypt", kName};
  if (level_ == CustodyLevel::kTpm) {
    argv.insert(argv.end(), {"--with-key=tpm2", kRegisters});
  } else {
    argv.push_back("--with-key=host");
  }
  argv.insert(argv.end(), {"-", "-"});
  auto sealed = Run(*runner_, std::move(argv), secret);
  if (sealed.ok()) return sealed;
  return SealingMeansNotAvailable(CustodyText(level_),
                                  sealed.status().message());
}

absl::StatusOr<SecretString> SystemdCustody::Unprotect(
    absl::string_view stored) {
  auto opened = Run(*runner_, {kProgram, "decrypt", kName, "-", "-"}, stored);
  if (opened.ok()) return opened;
  return SealingKeyOutOfReach(CustodyText(level_), opened.status().message());
}

}  // namespace microovn::pki
