// Whether a new connection may enter, before it costs a handshake: pure.
//
// Each source address has a token bucket, and the whole process a limit of
// descriptors: gRPC 1.51 stops accepting for good when it meets EMFILE.
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
  double burst = 200;
  double per_second = 50;
  // Descriptors are handed out densely, so a new one's number is the usage.
  int max_descriptor = 4096;
  // Sources remembered; the least recent are forgotten first.
  size_t max_sources = 4096;
};

class ConnectionGate {
 public:
  explicit ConnectionGate(const ConnectionLimits& limits) : limits_(limits) {}

  bool Admit(absl::string_view source, int descriptor, absl::Duration now);

 private:
  struct Bucket {
    double tokens = 0;
    absl::Duration filled = absl::ZeroDuration();
  };

  void ForgetIdle(absl::Duration now);

  const ConnectionLimits limits_;
  std::map<std::string, Bucket> sources_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_CONNECTION_GATE_H_
