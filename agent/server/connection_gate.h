// SPDX-License-Identifier: Apache-2.0
// Whether a new connection may enter, before it costs a handshake: pure.
//
// Each source address has a token bucket, all that are no member's have one
// more together, and the whole process has a limit of descriptors: gRPC 1.51
// stops accepting for good when it meets EMFILE. A handshake that does not go
// on costs 67 kB for five seconds, so the common bucket bounds those of
// strangers to some 40 MB, from however many addresses they come.
// Thread-compatible: one accept loop owns it.
#ifndef MICROOVN_AGENT_SERVER_CONNECTION_GATE_H_
#define MICROOVN_AGENT_SERVER_CONNECTION_GATE_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace microovn::agent {

struct ConnectionLimits {
  // Connections in a burst, and per second for ever, from one source.
  double burst = 100;
  double per_second = 20;
  // The same for all sources together that are no member's.
  double strangers_burst = 256;
  double strangers_per_second = 64;
  // Descriptors are handed out densely, so a new one's number is the usage.
  int max_descriptor = 4096;
  // Sources remembered; the least recent are forgotten first.
  size_t max_sources = 4096;
};

class ConnectionGate {
 public:
  explicit ConnectionGate(const ConnectionLimits& limits)
      : limits_(limits), strangers_{limits.strangers_burst} {}

  // `source` is a numeric address; `member`: one at which a member is.
  bool Admit(absl::string_view source, bool member, int descriptor,
             absl::Duration now);

 private:
  struct Bucket {
    double tokens = 0;
    absl::Duration filled = absl::ZeroDuration();

    // Whether there is one, which is then taken.
    bool Take(double burst, double per_second, absl::Duration now);
  };

  void ForgetIdle(absl::Duration now);

  const ConnectionLimits limits_;
  std::map<std::string, Bucket> sources_;
  Bucket strangers_;
};

// Who has an IPv6 address mostly has its whole network of 64 bits: that stands
// for it. An IPv4 address stands for itself, also as IPv6 writes it.
std::string SourceOfAddress(absl::string_view address);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_CONNECTION_GATE_H_
