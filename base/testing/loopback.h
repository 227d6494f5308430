// SPDX-License-Identifier: Apache-2.0
// TCP on 127.0.0.1, as far as tests need it. A step that the system refuses
// fails the test that runs.
#ifndef MICROOVN_BASE_TESTING_LOOPBACK_H_
#define MICROOVN_BASE_TESTING_LOOPBACK_H_

#include <cstdint>
#include <functional>
#include <thread>

#include "base/file/unique_fd.h"
#include "base/text/host_port.h"

namespace microovn {

// A socket with a port that the system chose; it does not listen yet.
struct LoopbackSocket {
  LoopbackSocket();

  UniqueFd fd;
  uint16_t port = 0;
};

// A port that was free a moment ago.
uint16_t FreePort();

// Accepts one connection and gives it to a function on a thread of its own;
// ends with the function.
class OneShotServer {
 public:
  explicit OneShotServer(std::function<void(int fd)> serve);
  ~OneShotServer();

  HostPort endpoint() const { return {"127.0.0.1", listener_.port}; }
  // Until the connection has been served; gives up one that has not come.
  void Stop();
  // Until the connection has been served.
  void Wait();

 private:
  LoopbackSocket listener_;
  std::thread thread_;
};

}  // namespace microovn

#endif  // MICROOVN_BASE_TESTING_LOOPBACK_H_
