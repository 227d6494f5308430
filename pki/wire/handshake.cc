// SPDX-License-Identifier: Apache-2.0
#include "pki/wire/handshake.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "pki/openssl/openssl_error.h"

namespace microovn::pki {
namespace {

absl::Status Flush(SSL* session, Socket& socket) {
  char* data = nullptr;
  BIO* out = SSL_get_wbio(session);
  const long size = BIO_get_mem_data(out, &data);  // NOLINT
  if (size <= 0) return absl::OkStatus();
  absl::Status sent =
      socket.Send(absl::string_view(data, static_cast<size_t>(size)));
  // Also when sending failed: no caller uses the session after that.
  BIO_reset(out);
  return sent;
}

absl::Status Feed(SSL* session, Socket& socket) {
  ASSIGN_OR_RETURN(const std::string data, socket.Receive());
  if (BIO_write(SSL_get_rbio(session), data.data(),
                static_cast<int>(data.size())) !=
      static_cast<int>(data.size())) {
    return OpensslError("taking in TLS data");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SslPtr> MakeSession(SSL_CTX* context) {
  SslPtr session(SSL_new(context));
  BioPtr in(BIO_new(BIO_s_mem()));
  BioPtr out(BIO_new(BIO_s_mem()));
  if (session == nullptr || in == nullptr || out == nullptr) {
    return OpensslError("making a TLS connection");
  }
  SSL_set_bio(session.get(), in.release(), out.release());
  SSL_set_connect_state(session.get());
  return session;
}

absl::Status Handshake(SSL* session, Socket& socket,
                       absl::string_view protocol) {
  for (;;) {
    const int done = SSL_do_handshake(session);
    const int error = SSL_get_error(session, done);
    const std::string cause = TakeOpensslError();
    // Also after a failure: the alert tells the other side.
    const absl::Status flushed = Flush(session, socket);
    // Whether our own certificate still arrived does not change what was seen.
    if (done == 1) return absl::OkStatus();
    if (error != SSL_ERROR_WANT_READ) {
      return absl::UnavailableError(
          absl::StrCat("it does not answer in ", protocol, " (", cause, ")"));
    }
    RETURN_IF_ERROR(flushed);
    RETURN_IF_ERROR(Feed(session, socket));
  }
}

void Close(SSL* session, Socket& socket) {
  SSL_shutdown(session);
  TakeOpensslError();
  // Nobody waits for it.
  Flush(session, socket).IgnoreError();
}

}  // namespace microovn::pki
