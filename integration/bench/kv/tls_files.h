// SPDX-License-Identifier: Apache-2.0
// Mutual TLS from PEM files of one directory: ca.crt, and NAME.crt with
// NAME.key.
#ifndef MICROOVN_INTEGRATION_BENCH_KV_TLS_FILES_H_
#define MICROOVN_INTEGRATION_BENCH_KV_TLS_FILES_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/channel_arguments.h"

namespace microovn::raft {

// Immutable.
class TlsFiles {
 public:
  static absl::StatusOr<TlsFiles> Load(const std::string& directory,
                                       const std::string& name);

  // Every caller must have a certificate of the CA.
  std::shared_ptr<grpc::ServerCredentials> ForServer() const;

  // A new connection of its own. Servers are all called "localhost".
  std::shared_ptr<grpc::Channel> Connect(
      const std::string& address, grpc::ChannelArguments arguments) const;

 private:
  std::string ca_;
  std::string certificate_;
  std::string key_;
};

// The common name of the caller's certificate; empty without one.
std::string CallerName(const grpc::ServerContextBase& context);

}  // namespace microovn::raft

#endif  // MICROOVN_INTEGRATION_BENCH_KV_TLS_FILES_H_
