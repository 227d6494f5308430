#include "ctl/client/endpoint.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host_port.h"

namespace microovn::ctl {
namespace {

constexpr char kSocketInRoot[] = "/state/control.socket";
constexpr char kSnapRoot[] = "/var/snap/microovn/common";
constexpr char kNativeRoot[] = "/var/lib/microovn";
constexpr uint16_t kPort = 6686;
// sockaddr_un's path with its closing zero.
constexpr size_t kLongestSocketPath = 107;

absl::Status Usage(const std::string& message) {
  return MakeError(absl::StatusCode::kInvalidArgument, message,
                   {"USAGE", "", {}});
}

absl::StatusOr<Endpoint> RemoteEndpoint(const EndpointOptions& options) {
  if (options.certificate.empty() || options.private_key.empty() ||
      options.ca_certificate.empty()) {
    return Usage("--endpoint needs --cert, --key and --cacert");
  }
  auto address = ParseHostPort(options.endpoint, kPort);
  // A name is the resolver's to judge.
  const bool name = !address.ok() && absl::StrContains(options.endpoint, ':');
  if (!address.ok() && !name) {
    return Usage(
        absl::StrCat("--endpoint \"", options.endpoint, "\" is not HOST:PORT"));
  }
  Endpoint endpoint;
  endpoint.address = name ? options.endpoint : FormatHostPort(*address);
  endpoint.certificate = options.certificate;
  endpoint.private_key = options.private_key;
  endpoint.ca_certificate = options.ca_certificate;
  return endpoint;
}

}  // namespace

std::string RootDirectory(const GetEnvironment& environment,
                          const PathExists& exists) {
  const std::string socket = environment("MICROOVN_SOCKET");
  if (absl::EndsWith(socket, kSocketInRoot)) {
    return std::string(absl::StripSuffix(socket, kSocketInRoot));
  }
  std::string snap = environment("SNAP_COMMON");
  if (!snap.empty()) return snap;
  return exists(absl::StrCat(kSnapRoot, kSocketInRoot)) ? kSnapRoot
                                                        : kNativeRoot;
}

absl::StatusOr<Endpoint> ResolveEndpoint(const EndpointOptions& options,
                                         const GetEnvironment& environment,
                                         const PathExists& exists) {
  if (!options.endpoint.empty()) return RemoteEndpoint(options);
  if (!options.certificate.empty() || !options.private_key.empty() ||
      !options.ca_certificate.empty()) {
    return Usage("--cert, --key and --cacert need --endpoint");
  }
  Endpoint endpoint;
  const std::string variable = environment("MICROOVN_SOCKET");
  if (!options.state_dir.empty()) {
    endpoint.socket = JoinPath(options.state_dir, "control.socket");
  } else if (!variable.empty()) {
    endpoint.socket = variable;
  } else {
    endpoint.socket =
        absl::StrCat(RootDirectory(environment, exists), kSocketInRoot);
  }
  if (endpoint.socket.size() > kLongestSocketPath) {
    return Usage(absl::StrCat("the socket's path \"", endpoint.socket,
                              "\" is longer than the ", kLongestSocketPath,
                              " bytes that a unix socket can have"));
  }
  return endpoint;
}

}  // namespace microovn::ctl
