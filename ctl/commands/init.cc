// SPDX-License-Identifier: Apache-2.0
// microovn init: questions, or a file that answers them. Tools drive the
// questions with expect: their texts and their order are MicroOVN's.
#include <string>

#include "absl/strings/str_cat.h"
#include "base/crypto/scoped_wipe.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/commands/asker.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/node_settings.h"
#include "ctl/commands/preseed.h"
#include "ctl/commands/validate.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

DEFINE_string(preseed, "", "Take the answers from this YAML file.");

namespace microovn::ctl {
namespace {

constexpr absl::Duration kTokenLife = absl::Hours(3);
constexpr size_t kLargestPreseed = 1 << 20;

absl::Status CheckServices(const std::string& answer) {
  return ParseServices(answer).status();
}

absl::Status CheckRequiredAddress(const std::string& answer) {
  if (answer.empty()) {
    return absl::InvalidArgumentError("an address is needed");
  }
  return CheckAddress(answer);
}

absl::Status CheckRequiredEncapsulation(const std::string& answer) {
  if (answer.empty()) {
    return absl::InvalidArgumentError("an IP address is needed");
  }
  return CheckEncapsulationAddress(answer);
}

absl::Status CheckReadable(const std::string& path) {
  return ReadFile(path, kLargestPreseed).status();
}

class Wizard {
 public:
  explicit Wizard(Session& session)
      : session_(session), asker_(session.in(), session.out(), session.err()) {}

  absl::StatusOr<int> Run() {
    ASSIGN_OR_RETURN(const v1::GetClusterResponse cluster,
                     session_.Call(kGetCluster, v1::GetClusterRequest()));
    if (cluster.state() != v1::GetClusterResponse::STATE_UNINITIALIZED) {
      session_.out() << "MicroOVN has already been initialized.\n\n";
      return MoreServers();
    }
    ASSIGN_OR_RETURN(
        node_.address,
        asker_.Text("Please choose the address MicroOVN will be listening on",
                    session_.ListenAddress(), CheckRequiredAddress));
    ASSIGN_OR_RETURN(
        const bool create,
        asker_.YesNo("Would you like to create a new MicroOVN cluster?",
                     false));
    ASSIGN_OR_RETURN(
        node_.services,
        asker_.Text("Please select comma-separated list services you would "
                    "like to enable on this node (central/chassis/switch) or "
                    "let MicroOVN automatically decide (auto)",
                    "auto", CheckServices));
    if (!create) return Join();
    RETURN_IF_ERROR(Bootstrap());
    return MoreServers();
  }

 private:
  absl::Status Bootstrap() {
    ASSIGN_OR_RETURN(node_.name,
                     asker_.Text("Please choose a name for this system",
                                 session_.HostName(), CheckMemberName));
    RETURN_IF_ERROR(AskEncapsulation());
    v1::BootstrapClusterRequest request;
    ASSIGN_OR_RETURN(
        const bool own_ca,
        asker_.YesNo("Would you like to provide your own CA certificate and "
                     "private key for issuing OVN TLS certificates?",
                     false));
    if (own_ca) RETURN_IF_ERROR(AskCa(&request));
    ASSIGN_OR_RETURN(*request.mutable_node(), ParseNodeSettings(node_));
    ASSIGN_OR_RETURN(const v1::BootstrapClusterResponse response,
                     CallBootstrap(session_, request));
    PrintWarnings(session_, response.warnings());
    return absl::OkStatus();
  }

  absl::Status AskCa(v1::BootstrapClusterRequest* request) {
    ASSIGN_OR_RETURN(
        const std::string certificate,
        asker_.Text("Please enter the path to the CA certificate file", "",
                    CheckReadable));
    ASSIGN_OR_RETURN(
        const std::string key,
        asker_.Text("Please enter the path to the CA private key file", "",
                    CheckReadable));
    return ReadOwnCa(certificate, key, request);
  }

  absl::StatusOr<int> Join() {
    v1::JoinClusterRequest request;
    const ScopedWipe wiped(request.mutable_token());
    ASSIGN_OR_RETURN(
        *request.mutable_token(),
        asker_.Text("Please enter your join token", "",
                    [](const std::string& text) { return CheckToken(text); }));
    RETURN_IF_ERROR(AskEncapsulation());
    ASSIGN_OR_RETURN(*request.mutable_node(), ParseNodeSettings(node_));
    ASSIGN_OR_RETURN(const v1::JoinClusterResponse response,
                     CallJoin(session_, request));
    PrintWarnings(session_, response.warnings());
    return kExitDone;
  }

  absl::Status AskEncapsulation() {
    ASSIGN_OR_RETURN(
        const bool custom,
        asker_.YesNo("Would you like to define a custom encapsulation IP "
                     "address for this member?",
                     false));
    if (!custom) return absl::OkStatus();
    ASSIGN_OR_RETURN(
        node_.encap_ip,
        asker_.Text("Please enter the custom encapsulation IP address for this "
                    "member",
                    "", CheckRequiredEncapsulation));
    return absl::OkStatus();
  }

  absl::StatusOr<int> MoreServers() {
    ASSIGN_OR_RETURN(
        const bool more,
        asker_.YesNo("Would you like to add additional servers to the cluster?",
                     false));
    while (more) {
      ASSIGN_OR_RETURN(
          const std::string name,
          asker_.Text(
              "What's the name of the new MicroOVN server? (empty to exit)", "",
              [](const std::string& answer) {
                return answer.empty() ? absl::OkStatus()
                                      : CheckMemberName(answer);
              }));
      if (name.empty()) break;
      const auto token = AddMember(session_, name, kTokenLife);
      if (token.ok()) {
        session_.out() << *token << "\n";
      } else if (token.status().code() == absl::StatusCode::kAlreadyExists) {
        // The cluster is there; another name may do.
        session_.err() << "Error: " << Printable(token.status().message())
                       << "\n\n";
      } else {
        return token.status();
      }
    }
    return kExitDone;
  }

  Session& session_;
  Asker asker_;
  NodeWords node_;
};

absl::StatusOr<int> JoinAsPreseeded(Session& session, const Preseed& preseed,
                                    const v1::NodeSettings& node) {
  v1::JoinClusterRequest request;
  RETURN_IF_ERROR(CheckToken(preseed.token));
  request.set_token(preseed.token);
  *request.mutable_node() = node;
  ASSIGN_OR_RETURN(const v1::JoinClusterResponse response,
                   CallJoin(session, request));
  PrintWarnings(session, response.warnings());
  return kExitDone;
}

absl::StatusOr<int> RunPreseed(Session& session, const Preseed& preseed) {
  ASSIGN_OR_RETURN(const v1::NodeSettings node,
                   ParseNodeSettings(preseed.node));
  for (const std::string& server : preseed.servers) {
    RETURN_IF_ERROR(CheckMemberName(server));
  }
  if (!preseed.bootstrap) return JoinAsPreseeded(session, preseed, node);
  v1::BootstrapClusterRequest request;
  RETURN_IF_ERROR(ReadOwnCa(preseed.ca_cert, preseed.ca_key, &request));
  *request.mutable_node() = node;
  ASSIGN_OR_RETURN(const v1::BootstrapClusterResponse response,
                   CallBootstrap(session, request));
  PrintWarnings(session, response.warnings());
  for (const std::string& server : preseed.servers) {
    ASSIGN_OR_RETURN(const std::string token,
                     AddMember(session, server, kTokenLife));
    session.out() << server << ": " << token << "\n";
  }
  return kExitDone;
}

absl::StatusOr<int> Init(Session& session, const Invocation&) {
  if (FLAGS_preseed.empty()) return Wizard(session).Run();
  ASSIGN_OR_RETURN(const std::string text,
                   ReadFile(FLAGS_preseed, kLargestPreseed));
  ASSIGN_OR_RETURN(const Preseed preseed, ParsePreseed(text));
  return RunPreseed(session, preseed);
}

}  // namespace

Command InitCommand() {
  Command command;
  command.name = "init";
  command.summary = "Create or join a cluster by answering questions";
  command.flags = {{"preseed", "preseed", 0, "FILE", {}}};
  command.details =
      "A preseed file answers the questions: address, services, encap_ip, and\n"
      "either bootstrap: true (with name, ca_cert, ca_key, servers) or token.";
  command.run = Init;
  return command;
}

}  // namespace microovn::ctl
