// SPDX-License-Identifier: Apache-2.0
#include "base/testing/loopback.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

#include "gtest/gtest.h"

namespace microovn {

LoopbackSocket::LoopbackSocket()
    : fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(fd.get(), generic, size), 0);
  EXPECT_EQ(getsockname(fd.get(), generic, &size), 0);
  port = ntohs(address.sin_port);
}

uint16_t FreePort() { return LoopbackSocket().port; }

OneShotServer::OneShotServer(std::function<void(int fd)> serve) {
  EXPECT_EQ(listen(listener_.fd.get(), 1), 0);
  thread_ = std::thread([this, serve = std::move(serve)] {
    const UniqueFd peer(accept(listener_.fd.get(), nullptr, nullptr));
    if (peer.valid()) serve(peer.get());
  });
}

OneShotServer::~OneShotServer() { Stop(); }

void OneShotServer::Stop() {
  // Ends an accept that nothing came for.
  shutdown(listener_.fd.get(), SHUT_RDWR);
  Wait();
}

void OneShotServer::Wait() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace microovn
