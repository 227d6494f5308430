// SPDX-License-Identifier: Apache-2.0
#include "ctl/node_facts.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

#include <memory>

#include "base/text/host_port.h"

namespace microovn::ctl {
namespace {

constexpr uint16_t kPort = 6686;

bool IsGlobal(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    const uint32_t bits = ntohl(v4.sin_addr.s_addr);
    // Not loopback, not link-local.
    return (bits >> 24) != 127 && (bits >> 16) != 0xA9FE;
  }
  if (address.sa_family != AF_INET6) return false;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  return !IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) &&
         !IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr);
}

}  // namespace

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "";
  return name;
}

std::string DefaultListenAddress() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return "";
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list,
                                                               &freeifaddrs);
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_UP) == 0 ||
        (entry->ifa_flags & IFF_LOOPBACK) != 0 || !IsGlobal(*entry->ifa_addr)) {
      continue;
    }
    const bool v4 = entry->ifa_addr->sa_family == AF_INET;
    const void* bytes =
        v4 ? static_cast<const void*>(
                 &reinterpret_cast<sockaddr_in*>(entry->ifa_addr)->sin_addr)
           : &reinterpret_cast<sockaddr_in6*>(entry->ifa_addr)->sin6_addr;
    char text[INET6_ADDRSTRLEN] = {};
    inet_ntop(entry->ifa_addr->sa_family, bytes, text, sizeof(text));
    return FormatHostPort({text, kPort});
  }
  return "";
}

}  // namespace microovn::ctl
