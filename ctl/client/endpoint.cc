// SPDX-License-Identifier: Apache-2.0
#include "ctl/client/endpoint.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/text/host_port.h"

namespace microovn::ctl {
namespace {

constexpr char kSocketInRoot[] = "/control/control.socket";
// Where MicroOVN has it; a link, in a directory that is root's alone.
constexpr char kStateSocket[] = "/state/control.socket";
constexpr char kState[] = "/state";
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
  for (const char* suffix : {kSocketInRoot, kStateSocket}) {
    if (absl::EndsWith(socket, suffix)) {
      return std::string(absl::StripSuffix(socket, suffix));
    }
  }
  std::string snap = environment("SNAP_COMMON");
  if (!snap.empty()) return snap;
  for (const char* root : {kSnapRoot, kNativeRoot}) {
    if (exists(absl::StrCat(root, kSocketInRoot))) return root;
  }
  // Who may not look into it sees the directory still.
  return exists(absl::StrCat(kSnapRoot, kState)) ? kSnapRoot : kNativeRoot;
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
    // The same socket where a user of the group gets at it.
    absl::string_view root = absl::StripSuffix(options.state_dir, "/");
    endpoint.socket = absl::ConsumeSuffix(&root, kState)
                          ? absl::StrCat(root, kSocketInRoot)
                          : JoinPath(options.state_dir, "control.socket");
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
