// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/address_source.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/file/file.h"

namespace microovn::agent {

absl::Status AddressSource::Open() {
  fd_ = UniqueFd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                        NETLINK_ROUTE));
  if (!fd_.valid()) return ErrnoStatus(errno, "socket", "netlink");
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) != 0) {
    return ErrnoStatus(errno, "bind", "netlink");
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> AddressSource::Read() {
  char buffer[16 << 10];
  bool changed = false;
  for (;;) {
    const ssize_t got = recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (got > 0) {
      changed = true;
    } else if (got < 0 && errno == ENOBUFS) {
      // Some were lost: what matters is that there were any.
      changed = true;
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else if (got < 0 && errno == EAGAIN) {
      return changed;
    } else {
      return ErrnoStatus(errno, "recv", "netlink");
    }
  }
}

}  // namespace microovn::agent
