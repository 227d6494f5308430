// SPDX-License-Identifier: Apache-2.0
#include "pki/openssl/tls_floor.h"

#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <atomic>

#include "absl/strings/string_view.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

// CRYPTO_secure_malloc_init(3) wants powers of two. A megabyte holds more keys
// than a voter ever has open, and fits the usual RLIMIT_MEMLOCK.
constexpr size_t kSecureHeapBytes = 1 << 20;
constexpr size_t kSecureHeapBlock = 32;

// "Protocol" and not "MinProtocol": gRPC sets the minimum itself. The tickets
// of TLS 1.3 are counted apart from the option that stops those of 1.2.
constexpr absl::string_view kConfiguration = R"(
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = defaults
[defaults]
Protocol = -TLSv1.2
Options = -SessionTicket
NumTickets = 0
Groups = X25519:P-256:P-384
Ciphersuites = TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
)";

using ConfPtr = OpensslPtr<CONF, NCONF_free>;
using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;

absl::Status LoadConfiguration() {
  // Debian's openssl.cnf would otherwise be read over ours later.
  // For the same reason this comes before anything else touches libssl: the
  // first initialization in a process decides.
  if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1) {
    return OpensslError("initialising TLS");
  }
  const BioPtr bio(BIO_new_mem_buf(kConfiguration.data(),
                                   static_cast<int>(kConfiguration.size())));
  const ConfPtr configuration(NCONF_new(nullptr));
  if (bio == nullptr || configuration == nullptr ||
      NCONF_load_bio(configuration.get(), bio.get(), nullptr) <= 0 ||
      CONF_modules_load(configuration.get(), nullptr, 0) <= 0) {
    return OpensslError("setting the TLS defaults");
  }
  return absl::OkStatus();
}

// A new context is what gRPC will get.
absl::Status CheckDefaults() {
  // Looked at, not believed: what an option does depends on OpenSSL's build,
  // and who would miss it is an attacker.
  const SslCtxPtr context(SSL_CTX_new(TLS_method()));
  if (context == nullptr) return OpensslError("making a TLS context");
  constexpr uint64_t kWanted = SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TICKET;
  if ((SSL_CTX_get_options(context.get()) & kWanted) != kWanted ||
      SSL_CTX_get_num_tickets(context.get()) != 0) {
    return absl::InternalError("the TLS defaults did not take effect");
  }
  return absl::OkStatus();
}

std::atomic<bool> keys_locked{false};

absl::Status Apply() {
  const ScopedOpensslErrors errors;
  if (CRYPTO_secure_malloc_initialized() == 0) {
    // 0 is failure, 2 says that the memory is not locked: still wiped and
    // guarded.
    const int made =
        CRYPTO_secure_malloc_init(kSecureHeapBytes, kSecureHeapBlock);
    if (made == 0) return OpensslError("setting up memory for private keys");
    keys_locked = made == 1;
  }
  absl::Status status = LoadConfiguration();
  if (status.ok()) status = CheckDefaults();
  TakeOpensslError();
  return status;
}

}  // namespace

absl::Status ApplyTlsFloor() {
  static const absl::Status* const kStatus = new absl::Status(Apply());
  return *kStatus;
}

bool PrivateKeysAreLocked() { return keys_locked; }

}  // namespace microovn::pki
