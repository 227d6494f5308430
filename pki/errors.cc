// SPDX-License-Identifier: Apache-2.0
#include "pki/errors.h"

#include "absl/strings/str_cat.h"
#include "base/status/error.h"

namespace microovn::pki {
namespace {

// Tokens cannot be renewed or renamed: the key in one is bound to its name.
constexpr char kNewToken[] =
    "make a new token with 'microovn cluster add NAME' on a member";

absl::Status Invalid(absl::string_view message, const char* reason,
                     const char* remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, message,
                   {reason, remedy, {}});
}

absl::Status Precondition(absl::string_view message, const char* reason,
                          const char* remedy) {
  return MakeError(absl::StatusCode::kFailedPrecondition, message,
                   {reason, remedy, {}});
}

}  // namespace

absl::Status CertificateInvalid(absl::string_view why) {
  return Invalid(absl::StrCat("the certificate is not usable: ", why),
                 "CERTIFICATE_INVALID", "");
}

absl::Status PrivateKeyInvalid(absl::string_view why) {
  return Invalid(absl::StrCat("the private key is not usable: ", why),
                 "PRIVATE_KEY_INVALID", "");
}

absl::Status CertificateRequestInvalid(absl::string_view why) {
  return Invalid(absl::StrCat("the certificate request is refused: ", why),
                 "CERTIFICATE_REQUEST_INVALID", "");
}

absl::Status CaInvalid(absl::string_view why) {
  return Invalid(
      absl::StrCat("the certificate authority is not usable: ", why),
      "CA_INVALID",
      "give the issuing CA certificate with its key, followed by its chain up "
      "to the root");
}

absl::Status MemberNameInvalid(absl::string_view name, absl::string_view why) {
  return Invalid(absl::StrCat("'", name, "' is not a member name: ", why),
                 "MEMBER_NAME_INVALID",
                 "use lower-case letters, digits and inner dashes, as in a "
                 "host name; --name gives a member another name than its "
                 "host's");
}

absl::Status AddressInvalid(absl::string_view address, absl::string_view why) {
  return Invalid(absl::StrCat("'", address, "' is not an address: ", why),
                 "BAD_ADDRESS", "write IP:PORT or [IPV6]:PORT");
}

absl::Status CertificateRefused(absl::string_view subject,
                                absl::string_view why) {
  return Precondition(
      absl::StrCat("the certificate of ", subject, " is refused: ", why),
      "CERTIFICATE_REFUSED", "");
}

// Not PERMISSION_DENIED: nobody is known yet whose permission could be judged.
absl::Status PeerIdentityRefused(absl::string_view why) {
  return MakeError(absl::StatusCode::kUnauthenticated,
                   absl::StrCat("the peer's certificate is refused: ", why),
                   {"PEER_IDENTITY_REFUSED", "", {}});
}

absl::Status TokenMalformed(absl::string_view why) {
  return Invalid(absl::StrCat("this is not a join token: ", why),
                 "TOKEN_MALFORMED",
                 "give the line that 'microovn cluster add' printed, which "
                 "starts with eyJ");
}

absl::Status TokenTruncated() {
  return Invalid("the join token is cut short", "TOKEN_TRUNCATED",
                 "copy the whole line that 'microovn cluster add' printed");
}

absl::Status TokenTooLong(size_t limit) {
  return Invalid(
      absl::StrCat("the join token is longer than ", limit, " bytes"),
      "TOKEN_TOO_LONG",
      "copy only the line that 'microovn cluster add' printed");
}

absl::Status TokenCorrupt() {
  return Invalid("the join token was altered: its checksum does not match",
                 "TOKEN_CORRUPT",
                 "copy the line again as 'microovn cluster add' printed it");
}

absl::Status TokenNameMismatch(absl::string_view token_name,
                               absl::string_view own_name) {
  return Precondition(
      absl::StrCat("the join token is for '", token_name, "', this system is '",
                   own_name, "'"),
      "TOKEN_NAME_MISMATCH",
      absl::StrCat("join with --name ", token_name, ", or ", kNewToken)
          .c_str());
}

absl::Status JoinStatementRefused() {
  return MakeError(absl::StatusCode::kUnauthenticated,
                   "the join request is not signed with the key of its token",
                   {"JOIN_STATEMENT_REFUSED", "", {}});
}

// Either the address was given to another cluster, or somebody sits in between.
// The token's secret has not been used by then, so the token stays good.
absl::Status CaPinMismatch(absl::string_view address) {
  return MakeError(
      absl::StatusCode::kUnauthenticated,
      absl::StrCat(address,
                   " does not belong to the cluster of this token: "
                   "no certificate it presents matches the token's "
                   "fingerprint"),
      {"CA_PIN_MISMATCH",
       "check that the address in the token is still a "
       "member of that cluster",
       {}});
}

absl::Status ClocksDiffer(absl::Time here, absl::Time there) {
  const auto text = [](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
  };
  const bool behind = here < there;
  return Precondition(
      absl::StrCat(
          "the clocks of this system and of the cluster differ: it is ",
          text(here), " here, and the token was made at ", text(there),
          " by the cluster's clock, ",
          absl::FormatDuration(absl::Trunc(behind ? there - here : here - there,
                                           absl::Seconds(1))),
          behind ? " later" : " earlier"),
      "CLOCK_SKEW",
      "set the clock that is wrong, with 'timedatectl set-ntp true' for "
      "instance, then join again with a new token");
}

absl::Status JoinAddressUnusable(absl::string_view address,
                                 absl::string_view why) {
  return MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("cannot reach a member at ", address, ": ", why),
      {"JOIN_ADDRESS_UNUSABLE",
       "check that the agent runs there and the port is open",
       {}});
}

absl::Status SealedKeyUnreadable(absl::string_view why) {
  return Precondition(absl::StrCat("the sealed CA key cannot be opened: ", why),
                      "SEALED_KEY_UNREADABLE", "");
}

absl::Status SealingKeyOutOfReach(absl::string_view means,
                                  absl::string_view why) {
  return Precondition(
      absl::StrCat("this node's sealing key is out of reach, it is kept by: ",
                   means, " (", why, ")"),
      "SEALING_KEY_OUT_OF_REACH",
      "restore what keeps it; if that is gone for good: microovnd --recover "
      "--new-sealing-key");
}

absl::Status SealingMeansNotAvailable(absl::string_view means,
                                      absl::string_view why) {
  return Precondition(absl::StrCat("the sealing key cannot be kept by: ", means,
                                   " (", why, ")"),
                      "SEALING_MEANS_NOT_AVAILABLE",
                      "set it up, or start microovnd with another --sealing");
}

absl::Status PrivateFileRefused(absl::string_view path, absl::string_view why) {
  return Precondition(absl::StrCat(path, " is refused: ", why),
                      "PRIVATE_FILE_REFUSED",
                      "restore its owner and mode, or remove it");
}

absl::Status CertificateSetInvalid(absl::string_view why) {
  return Precondition(absl::StrCat("the certificates are not published: ", why),
                      "CERTIFICATE_SET_INVALID", "");
}

absl::Status PublishTooSoon(absl::Duration wait) {
  return MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("certificates were published less than a second ago; ",
                   absl::FormatDuration(wait), " to wait"),
      {"PUBLISH_TOO_SOON", "", {}});
}

}  // namespace microovn::pki
