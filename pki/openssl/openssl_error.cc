// SPDX-License-Identifier: Apache-2.0
#include "pki/openssl/openssl_error.h"

#include <openssl/err.h>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace microovn::pki {

std::string TakeOpensslError() {
  const unsigned long error = ERR_get_error();  // NOLINT(google-runtime-int)
  ERR_clear_error();
  if (error == 0) return "unknown cause";
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : absl::StrCat("error ", error);
}

absl::Status OpensslError(absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", TakeOpensslError()));
}

ScopedOpensslErrors::ScopedOpensslErrors() { ERR_clear_error(); }

ScopedOpensslErrors::~ScopedOpensslErrors() {
  // SSL_get_error(3) looks at the queue: a leftover turns the next WANT_READ of
  // this thread into a fatal error of a healthy connection.
  DCHECK_EQ(ERR_peek_error(), 0u)
      << "an OpenSSL error was left behind: " << TakeOpensslError();
}

}  // namespace microovn::pki
