// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/tls_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/security/credentials.h"

namespace microovn::raft {

absl::StatusOr<TlsFiles> TlsFiles::Load(const std::string& directory,
                                        const std::string& name) {
  TlsFiles files;
  ASSIGN_OR_RETURN(files.ca_, ReadFile(JoinPath(directory, "ca.crt")));
  ASSIGN_OR_RETURN(files.certificate_,
                   ReadFile(JoinPath(directory, absl::StrCat(name, ".crt"))));
  ASSIGN_OR_RETURN(files.key_,
                   ReadFile(JoinPath(directory, absl::StrCat(name, ".key"))));
  return files;
}

std::shared_ptr<grpc::ServerCredentials> TlsFiles::ForServer() const {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = ca_;
  options.pem_key_cert_pairs.push_back({key_, certificate_});
  return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::Channel> TlsFiles::Connect(
    const std::string& address, grpc::ChannelArguments arguments) const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ca_;
  options.pem_private_key = key_;
  options.pem_cert_chain = certificate_;
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("ipv4:", address),
                                   grpc::SslCredentials(options), arguments);
}

std::string CallerName(const grpc::ServerContextBase& context) {
  const auto names =
      context.auth_context()->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME);
  if (names.size() != 1) return "";
  return std::string(names[0].data(), names[0].size());
}

}  // namespace microovn::raft
