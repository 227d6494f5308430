// SPDX-License-Identifier: Apache-2.0
// What a TLS server shows to who connects: the certificate that it serves now,
// and the CAs whose clients it takes. Files say what a daemon should serve;
// this is what it does.
//
// Blocking, thread-safe; each call opens and closes one connection.
#ifndef MICROOVN_PKI_WIRE_SERVED_TLS_H_
#define MICROOVN_PKI_WIRE_SERVED_TLS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "pki/certificate/certificate.h"
#include "pki/key/private_key.h"

namespace microovn::pki {

struct ServedTls {
  Certificate leaf;
  // Names in DER. Open vSwitch adds to them at each change of its CA file and
  // never takes one away, so that only what is missing says something.
  std::vector<std::string> ca_names;
};

// The subject of `ca` as it stands in ServedTls::ca_names.
std::string NameOf(const Certificate& ca);

// Whether clients of `ca` are asked for.
bool AsksFor(const ServedTls& served, const Certificate& ca);

// Shows `certificate` as a client. Nothing is verified: what is served is what
// is asked. NOT_FOUND when nothing listens, UNAVAILABLE when what listens does
// not speak TLS, DEADLINE_EXCEEDED after `timeout`.
absl::StatusOr<ServedTls> ObserveTls(const HostPort& address,
                                     const Certificate& certificate,
                                     const PrivateKey& key,
                                     absl::Duration timeout,
                                     const Clock& clock);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_WIRE_SERVED_TLS_H_
