// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/node_settings.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/time/duration_proto.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/commands/pem_check.h"
#include "ctl/commands/validate.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

DEFINE_string(address, "",
              "Address of this node, with or without a port, or a network such "
              "as 10.98.0.0/24 to choose it from; by default its first global "
              "one and port 6686.");
DEFINE_string(name, "", "Name of this member; the host's by default.");
DEFINE_string(services, "",
              "Services of this member, joined by commas, or auto.");
DEFINE_string(encap_ip, "",
              "Address of this member's tunnels, or a network to choose it "
              "from; by default --address.");
DEFINE_string(ca_cert, "", "CA certificate to issue OVN certificates with.");
DEFINE_string(ca_key, "", "Private key of --ca-cert.");

namespace microovn::ctl {
namespace {

constexpr size_t kLargestPem = 1 << 20;

absl::Status GoesOn(const absl::Status& status, absl::string_view what) {
  if (ReasonOf(status) != kReasonInterrupted) return status;
  return MakeError(status.code(),
                   absl::StrCat("stopped waiting; the agent goes on with the ",
                                what, " and finishes it or undoes it"),
                   {kReasonInterrupted, "look with: microovn status"});
}

}  // namespace

std::vector<FlagSpec> JoinFlags() {
  return {{"address", "address", 0, "ADDRESS", {}},
          {"name", "name", 0, "NAME", {}},
          {"services",
           "services",
           0,
           "SERVICES",
           {},
           {"auto", "central", "chassis", "switch"}},
          {"encap-ip", "encap_ip", 0, "ADDRESS", {}}};
}

std::vector<FlagSpec> BootstrapFlags() {
  std::vector<FlagSpec> flags = JoinFlags();
  flags.push_back({"ca-cert", "ca_cert", 0, "FILE", {}});
  flags.push_back({"ca-key", "ca_key", 0, "FILE", {}});
  return flags;
}

absl::StatusOr<v1::NodeSettings> ParseNodeSettings(const NodeWords& words) {
  RETURN_IF_ERROR(CheckAddress(words.address));
  RETURN_IF_ERROR(CheckEncapsulationAddress(words.encap_ip));
  if (!words.name.empty()) RETURN_IF_ERROR(CheckMemberName(words.name));
  ASSIGN_OR_RETURN(const std::vector<v1::Service> services,
                   ParseServices(words.services));
  v1::NodeSettings settings;
  settings.set_address(words.address);
  settings.set_member(words.name);
  settings.set_encap_ip(words.encap_ip);
  for (v1::Service service : services) settings.add_services(service);
  return settings;
}

absl::StatusOr<v1::NodeSettings> NodeSettingsFromFlags() {
  return ParseNodeSettings(
      {FLAGS_address, FLAGS_name, FLAGS_services, FLAGS_encap_ip});
}

absl::Status ReadOwnCa(const std::string& certificate_path,
                       const std::string& key_path,
                       v1::BootstrapClusterRequest* request) {
  if (certificate_path.empty() != key_path.empty()) {
    return UsageError(
        "a CA needs both its certificate and its private key: give --ca-cert "
        "and --ca-key");
  }
  if (certificate_path.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(*request->mutable_ovn_ca_certificate_pem(),
                   ReadFile(certificate_path, kLargestPem));
  RETURN_IF_ERROR(CheckPem(certificate_path, request->ovn_ca_certificate_pem(),
                           PemKind::kCertificate));
  ASSIGN_OR_RETURN(*request->mutable_ovn_ca_private_key_pem(),
                   ReadFile(key_path, kLargestPem));
  return CheckPem(key_path, request->ovn_ca_private_key_pem(),
                  PemKind::kPrivateKey);
}

absl::StatusOr<v1::BootstrapClusterResponse> CallBootstrap(
    Session& session, const v1::BootstrapClusterRequest& request) {
  auto response = session.Call(kBootstrapCluster, request);
  if (response.ok()) return response;
  return GoesOn(response.status(), "bootstrap");
}

absl::StatusOr<v1::JoinClusterResponse> CallJoin(
    Session& session, const v1::JoinClusterRequest& request) {
  auto response = session.Call(kJoinCluster, request);
  if (response.ok()) return response;
  return GoesOn(response.status(), "join");
}

absl::StatusOr<std::string> AddMember(Session& session, const std::string& name,
                                      absl::Duration lifetime, bool worker) {
  v1::CreateJoinTokenRequest request;
  request.set_member(name);
  request.set_worker(worker);
  *request.mutable_ttl() = ToProto(lifetime);
  auto response = session.Change(kCreateJoinToken, request);
  if (ReasonOf(response.status()) == "TOKEN_ALREADY_ISSUED") {
    // The first answer was lost, and the cluster's CA has changed since.
    response = session.Change(kCreateJoinToken, request);
  }
  if (response.status().code() == absl::StatusCode::kAlreadyExists) {
    // MicroOVN's words, which scripts look for.
    return Annotate(
        response.status(),
        absl::StrCat("unable to add server to microcluster, name \"", name,
                     "\" is taken"));
  }
  RETURN_IF_ERROR(response.status());
  return response->token();
}

void Announce(Session& session, const std::string& what) {
  if (session.terminal().err_is_terminal) {
    session.err() << what << " ...\n" << std::flush;
  }
}

}  // namespace microovn::ctl
