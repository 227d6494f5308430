// SPDX-License-Identifier: Apache-2.0
#include "ctl/client/connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/crypto/scoped_wipe.h"
#include "base/file/file.h"
#include "base/file/unique_fd.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "ctl/client/credentials.h"
#include "ctl/outcome/exit_code.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/security/credentials.h"

namespace microovn::ctl {
namespace {

using google::protobuf::Message;

// Half of what the agent's server tolerates; see its keepalive settings.
constexpr int kKeepaliveMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 5'000;
// See docs/reference/api.md: of reads whose messages have no field for it.
constexpr char kStaleMetadata[] = "microovn-stale";
// How soon Ctrl-C is seen.
constexpr absl::Duration kGlance = absl::Milliseconds(100);

// Reads only. A change is repeated by whoever gave it its id, and without a
// quorum it is told so at once, not after four tries.
const char* const kRetried[][2] = {
    {"microovn.v1.ClusterService", "GetCluster"},
    {"microovn.v1.ClusterService", "ListMembers"},
    {"microovn.v1.ClusterService", "GetMember"},
    {"microovn.v1.ClusterService", "ListJoinTokens"},
    {"microovn.v1.OvnService", "ListServices"},
    {"microovn.v1.CertificateService", "ListCertificates"},
    {"microovn.v1.ConfigService", "ListConfigs"},
    {"microovn.v1.ConfigService", "GetConfig"},
    {"microovn.v1.StatusService", ""},
    {"microovn.v1.UserService", "ListUsers"},
    {"google.longrunning.Operations", "ListOperations"},
    {"google.longrunning.Operations", "GetOperation"},
    {"google.longrunning.Operations", "WaitOperation"},
};

std::string ServiceConfig() {
  std::vector<std::string> names;
  for (const auto& [service, method] : kRetried) {
    names.push_back(method[0] == '\0'
                        ? absl::StrCat("{\"service\":\"", service, "\"}")
                        : absl::StrCat("{\"service\":\"", service,
                                       "\",\"method\":\"", method, "\"}"));
  }
  return absl::StrCat(
      "{\"methodConfig\":[{\"name\":[", absl::StrJoin(names, ","),
      "],\"retryPolicy\":{\"maxAttempts\":4,\"initialBackoff\":\"0.1s\","
      "\"maxBackoff\":\"2s\",\"backoffMultiplier\":3,"
      "\"retryableStatusCodes\":[\"UNAVAILABLE\"]}}]}");
}

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ServiceConfig());
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // A proxy from the environment has no business between us and the agent.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

// gRPC's words are for those who wrote it; --debug shows them.
absl::string_view WhatBroke(absl::string_view message) {
  for (absl::string_view errno_text :
       {"Connection refused", "No such file or directory", "No route to host",
        "Network is unreachable", "Connection timed out",
        "Permission denied"}) {
    if (absl::StrContains(message, errno_text)) return errno_text;
  }
  if (absl::StrContains(message, "andshake")) {
    return "it does not accept the connection";
  }
  if (absl::StrContains(message, "resolution")) {
    return "the name cannot be resolved";
  }
  return "the connection broke";
}

// OpenSSL's words for a chain that ends elsewhere, and gRPC's for a name that
// is not in the certificate.
bool IsNotTrusted(absl::string_view message) {
  return absl::StrContains(message, "certificate verify failed") ||
         absl::StrContains(message, "not in peer certificate");
}

absl::Status NotTrusted(const Endpoint& endpoint) {
  return MakeError(
      absl::StatusCode::kUnauthenticated,
      absl::StrCat("what answers at ", endpoint.address,
                   " does not prove to be a member there of the cluster whose "
                   "CA is in ",
                   endpoint.ca_certificate),
      {"AGENT_NOT_TRUSTED",
       "check the address, which is to be a member's own or its name, and take "
       "the cluster CA anew: it may have been replaced",
       {}});
}

absl::Status Unreachable(const Endpoint& endpoint, absl::string_view why) {
  return MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("cannot reach the MicroOVN agent at ", endpoint.Name(), ": ",
                   why),
      {kReasonDaemonUnreachable,
       endpoint.socket.empty()
           ? "check the address and that microovnd runs there"
           : "start microovnd, or name its directory with --state-dir",
       {}});
}

// gRPC's own message for a socket that is not there names neither the file nor
// what to do, and comes only after its retries.
absl::Status ProbeSocket(const Endpoint& endpoint) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  endpoint.socket.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket", endpoint.socket);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0) {
    return absl::OkStatus();
  }
  const int error = errno;
  if (error == EACCES || error == EPERM) {
    return MakeError(
        absl::StatusCode::kPermissionDenied,
        absl::StrCat("not allowed to use the agent's socket ", endpoint.socket),
        {"PERMISSION_DENIED",
         "run the command as root or as a user in the group microovn",
         {}});
  }
  return Unreachable(endpoint, strerror(error));
}

class Connection final : public Api {
 public:
  Connection(Endpoint endpoint, std::shared_ptr<grpc::Channel> channel,
             ConnectionHooks hooks)
      : endpoint_(std::move(endpoint)),
        stub_(std::move(channel)),
        hooks_(std::move(hooks)) {}

 private:
  absl::Status CallMethod(const std::string& method, const Message& request,
                          absl::Duration deadline, Message* response) override {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    grpc::ByteBuffer sent, received;
    grpc::Status status = Serialize(request, &sent);
    if (!status.ok()) return Translate(method, status);
    grpc::CompletionQueue queue;
    auto call = stub_.PrepareUnaryCall(&context, method, sent, &queue);
    call->StartCall();
    call->Finish(&received, &status, this);
    Await(&queue, &context);
    if (status.ok()) status = Parse(&received, response);
    if (status.ok()) NoteAge(context);
    return Translate(method, status);
  }

  absl::Status StreamMethod(const std::string& method, const Message& request,
                            absl::Duration deadline, Message* response,
                            const std::function<bool()>& take) override {
    grpc::ClientContext context;
    if (deadline != absl::InfiniteDuration()) {
      context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    }
    grpc::ByteBuffer buffer;
    grpc::Status status = Serialize(request, &buffer);
    if (!status.ok()) return Translate(method, status);
    grpc::CompletionQueue queue;
    auto call = stub_.PrepareCall(&context, method, &queue);
    call->StartCall(this);
    bool good = Await(&queue, &context);
    if (good) {
      call->WriteLast(buffer, grpc::WriteOptions(), this);
      good = Await(&queue, &context);
    }
    bool stopped = false;
    while (good && !stopped) {
      call->Read(&buffer, this);
      good = Await(&queue, &context);
      if (!good) break;
      if (!Parse(&buffer, response).ok() || !take()) {
        stopped = true;
        context.TryCancel();
      }
    }
    call->Finish(&status, this);
    Await(&queue, &context);
    if (status.ok()) NoteAge(context);
    return stopped ? absl::OkStatus() : Translate(method, status);
  }

  // Each operation has one event; the deadline or the user brings it about.
  bool Await(grpc::CompletionQueue* queue, grpc::ClientContext* context) const {
    void* tag = nullptr;
    bool good = false;
    while (queue->AsyncNext(&tag, &good,
                            absl::ToChronoTime(absl::Now() + kGlance)) ==
           grpc::CompletionQueue::TIMEOUT) {
      if (Interrupted()) context->TryCancel();
    }
    return good;
  }

  void NoteAge(const grpc::ClientContext& context) const {
    if (hooks_.stale &&
        context.GetServerTrailingMetadata().count(kStaleMetadata) > 0) {
      hooks_.stale();
    }
  }

  bool Interrupted() const {
    return hooks_.interrupted && hooks_.interrupted();
  }

  static grpc::Status Serialize(const Message& message,
                                grpc::ByteBuffer* buffer) {
    bool own = false;
    return grpc::SerializationTraits<Message>::Serialize(message, buffer, &own);
  }

  static grpc::Status Parse(grpc::ByteBuffer* buffer, Message* message) {
    return grpc::SerializationTraits<Message>::Deserialize(buffer, message);
  }

  absl::Status Translate(const std::string& method,
                         const grpc::Status& status) const {
    absl::Status result = FromGrpcStatus(status);
    if (hooks_.trace) {
      hooks_.trace(absl::StrCat(method, ": ", result.ToString()));
    }
    if (result.code() == absl::StatusCode::kCancelled && Interrupted()) {
      return MakeError(result.code(), "interrupted",
                       {kReasonInterrupted, "", {}});
    }
    // What an agent refuses has a reason; what never reached it has none.
    if (result.code() == absl::StatusCode::kUnavailable &&
        ReasonOf(result).empty()) {
      if (IsNotTrusted(result.message())) return NotTrusted(endpoint_);
      return Unreachable(endpoint_, WhatBroke(result.message()));
    }
    if (result.code() == absl::StatusCode::kDeadlineExceeded &&
        ReasonOf(result).empty()) {
      return MakeError(result.code(),
                       absl::StrCat("the agent at ", endpoint_.Name(),
                                    " did not answer in time"),
                       {"CALL_TIMED_OUT", "look with: microovn status", {}});
    }
    return result;
  }

  const Endpoint endpoint_;
  grpc::GenericStub stub_;
  const ConnectionHooks hooks_;
};

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> TlsCredentials(
    const Endpoint& endpoint) {
  ASSIGN_OR_RETURN(const Credentials credentials,
                   ReadCredentials(endpoint, absl::Now()));
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = credentials.ca_pem;
  options.pem_cert_chain = credentials.certificate_pem;
  options.pem_private_key = std::string(credentials.key_pem.Reveal());
  const ScopedWipe wiped(&options.pem_private_key);
  return grpc::SslCredentials(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Api>> Connect(const Endpoint& endpoint,
                                             ConnectionHooks hooks) {
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  std::string target = endpoint.address;
  if (endpoint.socket.empty()) {
    ASSIGN_OR_RETURN(credentials, TlsCredentials(endpoint));
  } else {
    RETURN_IF_ERROR(ProbeSocket(endpoint));
    target = absl::StrCat("unix:", endpoint.socket);
    credentials = grpc::InsecureChannelCredentials();
  }
  return std::unique_ptr<Api>(new Connection(
      endpoint, grpc::CreateCustomChannel(target, credentials, Arguments()),
      std::move(hooks)));
}

}  // namespace microovn::ctl
