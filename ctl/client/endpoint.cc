// SPDX-License-Identifier: Apache-2.0
#include "ctl/client/endpoint.h"

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
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

// Letters, digits, hyphens and dots, then a port: no scheme of gRPC's, no path.
bool IsNameAndPort(absl::string_view target) {
  const size_t colon = target.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(target.substr(colon + 1), &port) || port == 0 ||
      port > 65535) {
    return false;
  }
  for (const char c : target.substr(0, colon)) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '.') return false;
  }
  return true;
}

// What is not said by a flag is said by the environment. One file may be all
// three, as "cluster user add" writes it.
EndpointOptions Completed(EndpointOptions options,
                          const GetEnvironment& environment) {
  const std::pair<std::string*, const char*> values[] = {
      {&options.endpoint, "MICROOVN_ENDPOINT"},
      {&options.certificate, "MICROOVN_CERT"},
      {&options.private_key, "MICROOVN_KEY"},
      {&options.ca_certificate, "MICROOVN_CA"}};
  for (const auto& [value, variable] : values) {
    if (value->empty()) *value = environment(variable);
  }
  for (std::string* file : {&options.private_key, &options.ca_certificate}) {
    if (file->empty()) *file = options.certificate;
  }
  return options;
}

absl::StatusOr<Endpoint> RemoteEndpoint(const EndpointOptions& options) {
  const bool nobody = options.certificate.empty();
  if (nobody) {
    return Usage(
        "--endpoint needs --cert, --key and --ca, or --cert alone with a file "
        "that has all three");
  }
  auto address = ParseHostPort(options.endpoint, kPort);
  std::string target = options.endpoint;
  if (address.ok()) {
    target = FormatHostPort(*address);
  } else if (!absl::StrContains(target, ':')) {
    // A name is the resolver's to judge.
    absl::StrAppend(&target, ":", kPort);
  }
  if (!address.ok() && !IsNameAndPort(target)) {
    return Usage(absl::StrCat("--endpoint \"", options.endpoint,
                              "\" is not HOST or HOST:PORT"));
  }
  Endpoint endpoint;
  endpoint.address = target;
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
  // Who says --state-dir means this node, whatever the environment says.
  const bool local = !options.state_dir.empty() && options.endpoint.empty();
  if (!local) {
    const EndpointOptions remote = Completed(options, environment);
    if (!remote.endpoint.empty()) return RemoteEndpoint(remote);
  }
  if (!options.certificate.empty() || !options.private_key.empty() ||
      !options.ca_certificate.empty()) {
    return Usage("--cert, --key and --ca need --endpoint");
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
