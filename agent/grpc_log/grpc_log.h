// SPDX-License-Identifier: Apache-2.0
// What gRPC logs by itself goes the way of the agent's own lines, each kind at
// most once in a minute.
#ifndef MICROOVN_AGENT_GRPC_LOG_GRPC_LOG_H_
#define MICROOVN_AGENT_GRPC_LOG_GRPC_LOG_H_

namespace microovn::agent {

// For the whole process; once, before gRPC is used. What GRPC_VERBOSITY asks
// for below errors is not limited: somebody wants to see all of it.
void TakeGrpcLog();

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_GRPC_LOG_GRPC_LOG_H_
