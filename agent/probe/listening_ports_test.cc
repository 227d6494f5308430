// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/listening_ports.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/file/unique_fd.h"
#include "base/testing/loopback.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

constexpr char kTable[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n"
    "   0: 00000000:19F1 00000000:0000 0A 00000000:00000000 00:00000000\n"
    "   1: 0B00620A:19F2 0C00620A:8123 01 00000000:00000000 00:00000000\n"
    "   2: 00000000000000000000000000000000:19F3 "
    "00000000000000000000000000000000:0000 0A 00000000:00000000\n"
    "nonsense\n"
    "   3: 00000000:FFFFF 00000000:0000 0A 0\n";

TEST(ParseListeningPorts, AreThoseThatListen) {
  EXPECT_EQ(ParseListeningPorts(kTable), (std::set<uint16_t>{6641, 6643}));
  EXPECT_EQ(ParseListeningPorts(""), std::set<uint16_t>());
}

TEST(ReadListeningPorts, SeesASocketOfThisProcessEitherWay) {
  const auto ways = {AskForListeningPorts, ReadListeningTables,
                     ReadListeningPorts};
  const LoopbackSocket open;
  for (const auto& way : ways) {
    const auto ports = way();
    ASSERT_OK(ports);
    EXPECT_EQ(ports->count(open.port), 0u);
  }
  ASSERT_EQ(listen(open.fd.get(), 1), 0);
  for (const auto& way : ways) {
    const auto ports = way();
    ASSERT_OK(ports);
    EXPECT_EQ(ports->count(open.port), 1u);
  }
}

TEST(ReadListeningPorts, SeesASocketOfIpv6) {
  const UniqueFd open(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 any = {};
  any.sin6_family = AF_INET6;
  socklen_t size = sizeof(any);
  if (!open.valid() ||
      bind(open.get(), reinterpret_cast<sockaddr*>(&any), size) != 0) {
    GTEST_SKIP() << "there is no IPv6";
  }
  ASSERT_EQ(listen(open.get(), 1), 0);
  getsockname(open.get(), reinterpret_cast<sockaddr*>(&any), &size);
  for (const auto& way : {AskForListeningPorts, ReadListeningTables}) {
    const auto ports = way();
    ASSERT_OK(ports);
    EXPECT_EQ(ports->count(ntohs(any.sin6_port)), 1u);
  }
}

}  // namespace
}  // namespace microovn::agent
