// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/tls_dates.h"

#include <openssl/x509_vfy.h>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "pki/errors.h"
#include "pki/name/distinguished_name.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

using VerifyParamPtr = OpensslPtr<X509_VERIFY_PARAM, X509_VERIFY_PARAM_free>;

// TLS verifies by the parameters of this name, and OpenSSL asks a table of the
// program's own before its built-in one.
absl::Status Replace(const char* name) {
  const X509_VERIFY_PARAM* builtin = X509_VERIFY_PARAM_lookup(name);
  VerifyParamPtr own(X509_VERIFY_PARAM_new());
  if (builtin == nullptr || own == nullptr ||
      X509_VERIFY_PARAM_set1(own.get(), builtin) != 1 ||
      X509_VERIFY_PARAM_set1_name(own.get(), name) != 1 ||
      // gRPC 1.51 offers no way to set it on the contexts that it makes.
      X509_VERIFY_PARAM_set_flags(own.get(), X509_V_FLAG_NO_CHECK_TIME) != 1 ||
      X509_VERIFY_PARAM_add0_table(own.get()) != 1) {
    return OpensslError("taking dates out of TLS");
  }
  // The table has it now.
  (void)own.release();
  return absl::OkStatus();
}

absl::Status Apply() {
  const ScopedOpensslErrors errors;
  RETURN_IF_ERROR(Replace("ssl_client"));
  return Replace("ssl_server");
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
}

}  // namespace

absl::Status LeaveDatesToCallers() {
  static const absl::Status* const kStatus = new absl::Status(Apply());
  return *kStatus;
}

absl::Status CheckDates(const Certificate& certificate, absl::Time at) {
  // The bounds are those of X509_cmp_time(3), which the built-in check uses:
  // the second of notAfter is over, although RFC 5280 4.1.2.5 counts it in.
  if (at >= certificate.not_after()) {
    return CertificateRefused(
        ToText(certificate.subject()),
        absl::StrCat("it expired at ", TimeText(certificate.not_after())));
  }
  if (at < certificate.not_before()) {
    return CertificateRefused(
        ToText(certificate.subject()),
        absl::StrCat("it is valid only from ",
                     TimeText(certificate.not_before()), " and the clock says ",
                     TimeText(at)));
  }
  return absl::OkStatus();
}

}  // namespace microovn::pki
