// SPDX-License-Identifier: Apache-2.0
// A connection of its own to a server's socket, as an administrator's: no two
// share one.
#ifndef MICROOVN_AGENT_SERVER_TESTING_SOCKET_CHANNEL_H_
#define MICROOVN_AGENT_SERVER_TESTING_SOCKET_CHANNEL_H_

#include <memory>
#include <string>

#include "grpcpp/channel.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace microovn::agent {

inline std::shared_ptr<grpc::Channel> SocketChannel(const std::string& path) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(
      "unix:" + path, grpc::experimental::LocalCredentials(UDS), arguments);
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_TESTING_SOCKET_CHANNEL_H_
