// SPDX-License-Identifier: Apache-2.0
// The whole API of a node as it is served: real listeners, real TLS, the real
// guard and handlers, on a FakeMembership. Two of them may be members of one
// cluster, who reach each other. Failures to start CHECK.
#ifndef MICROOVN_AGENT_SERVICE_TESTING_TEST_API_H_
#define MICROOVN_AGENT_SERVICE_TESTING_TEST_API_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "agent/cluster/testing/fake_membership.h"
#include "agent/server/live_calls.h"
#include "agent/server/server.h"
#include "agent/server/tls_identity.h"
#include "agent/service/api_services.h"
#include "base/status/grpc_status.h"
#include "base/status/status_macros.h"
#include "base/testing/fake_clock.h"
#include "base/testing/temp_dir.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {

class TestApi {
 public:
  // A cluster of `names`; this node is the first and leads. With no names it
  // is no member.
  explicit TestApi(const std::vector<std::string>& names = {"node1", "node2",
                                                            "node3"});
  // The API of `name`, another member of the cluster of `first`, which it
  // follows. Both know where the other one is.
  TestApi(TestApi& first, const std::string& name);

  FakeLocalNode& node() { return node_; }
  FakeMembership& membership() { return *node_.membership; }
  FakeClock& clock() { return clock_; }
  pki::TestPki& pki() { return *pki_; }
  // What CertificateService lists.
  std::string pki_directory() const { return dir_.path() + "/pki"; }

  // The cluster's state with what `change` does to it, in a membership that
  // knows of nothing else that has been.
  void Change(const std::function<void(ClusterState&)>& change);

  // The certificate that `name`'s record in the state admits.
  const pki::TestLeaf& Certificate(const std::string& name) const {
    return leaves_->at(name);
  }
  // A certificate for a member of this id, with a key that no record has.
  pki::TestLeaf Stranger(const std::string& name, const std::string& cluster);
  pki::TestLeaf Joiner(const std::string& token_id);
  pki::TestLeaf Operator(pki::OperatorRole role);
  // The cluster has given it: what Operator() has made is known from now on.
  void Register(const pki::TestLeaf& leaf);

  // An administrator at the socket.
  std::shared_ptr<grpc::Channel> Socket();
  // Over TLS. The port is opened by the first call.
  std::shared_ptr<grpc::Channel> Tls(const pki::TestLeaf& leaf);
  // Where that is.
  const HostPort& Listen();

 private:
  ClusterState MakeState(const std::vector<std::string>& names);
  void BecomeMember(const std::string& name, ClusterState state);
  void Start(const std::string& name);

  TempDir dir_;
  // Certificates are judged by it, too.
  FakeClock clock_{absl::Now()};
  std::shared_ptr<pki::TestPki> pki_;
  std::shared_ptr<std::map<std::string, pki::TestLeaf>> leaves_;
  FakeLocalNode node_;
  TlsIdentity identity_;
  LiveCalls calls_;
  std::unique_ptr<ApiServices> services_;
  std::unique_ptr<Server> server_;
  HostPort address_;
};

// What the state keeps of a person's certificate.
statepb::User UserOf(const pki::TestLeaf& leaf);

// One call of a stub's method, with a deadline.
template <typename Stub, typename Request, typename Response>
absl::Status Call(const std::shared_ptr<grpc::Channel>& channel,
                  grpc::Status (Stub::*method)(grpc::ClientContext*,
                                               const Request&, Response*),
                  const Request& request, Response* response) {
  Stub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(20));
  return FromGrpcStatus((stub.*method)(&context, request, response));
}

// The same where the answer does not matter.
template <typename Stub, typename Request, typename Response>
absl::Status Call(const std::shared_ptr<grpc::Channel>& channel,
                  grpc::Status (Stub::*method)(grpc::ClientContext*,
                                               const Request&, Response*),
                  const Request& request) {
  Response response;
  return Call(channel, method, request, &response);
}
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Ask(const std::shared_ptr<grpc::Channel>& channel,
                             grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                          const Request&,
                                                          Response*),
                             const Request& request) {
  Response response;
  RETURN_IF_ERROR(Call(channel, method, request, &response));
  return response;
}

// "microovn.v1.StatusService/GetStatus" with an empty request.
absl::Status CallByName(const std::shared_ptr<grpc::Channel>& channel,
                        const std::string& method,
                        absl::string_view request = "");

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_TESTING_TEST_API_H_
