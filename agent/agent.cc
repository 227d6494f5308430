#include "agent/agent.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/driver.h"
#include "agent/errors/cluster_errors.h"
#include "agent/health/member_rows.h"
#include "agent/identity/root_lock.h"
#include "agent/member/raft_caller.h"
#include "agent/ovn/network_facts.h"
#include "agent/ovn/versions.h"
#include "base/error.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "base/version.h"
#include "glog/logging.h"
#include "pki/join/join_token.h"
#include "raft/transport/grpc_transport.h"

namespace microovn::agent {
namespace {

// OVN's daemons need a few seconds. The membership stands in any case, and what
// does not run yet is worked on.
constexpr absl::Duration kConvergence = absl::Seconds(45);

std::string HostName() {
  char name[256] = "";
  if (gethostname(name, sizeof(name) - 1) != 0) return "";
  return name;
}

void AddStep(v1::Plan& plan, const std::string& description) {
  v1::Step* step = plan.add_steps();
  step->set_description(description);
  step->set_state(v1::Step::STATE_PENDING);
}

v1::Plan BootstrapPlan(const NodeSettings& settings) {
  v1::Plan plan;
  AddStep(plan, absl::StrCat("found a cluster with the member ", settings.name,
                             " at ", settings.address));
  AddStep(plan, "make the cluster's and OVN's certificate authorities");
  AddStep(plan, "start the services of the first member");
  return plan;
}

v1::Plan JoinPlan(const NodeSettings& settings, const pki::JoinToken& token) {
  v1::Plan plan;
  AddStep(plan, absl::StrCat("ask for admission as ", settings.name, " at ",
                             settings.address));
  AddStep(plan, absl::StrCat("take the log of cluster ", token.cluster_id));
  AddStep(plan, "start the services of this member");
  return plan;
}

std::string VersionOr(const absl::StatusOr<std::string>& version) {
  return version.ok() ? *version : "unknown";
}

}  // namespace

Agent::Agent(const AgentOptions& options, const Clock* clock,
             RandomSource* random, CommandRunner* runner)
    : options_(options),
      clock_(clock),
      random_(random),
      runner_(runner),
      paths_(options.root),
      store_(paths_.state()),
      raft_service_([this](const grpc::ServerContextBase& context) {
        return RaftCallerOf(context, member());
      }),
      lifecycle_(Environment()),
      services_(this, clock, paths_.pki()) {}

absl::StatusOr<std::unique_ptr<Agent>> Agent::Start(const AgentOptions& options,
                                                    const Clock* clock,
                                                    RandomSource* random,
                                                    CommandRunner* runner) {
  std::unique_ptr<Agent> agent(new Agent(options, clock, random, runner));
  RETURN_IF_ERROR(agent->Prepare());
  RETURN_IF_ERROR(agent->OpenServer());
  agent->lifecycle_.Provide(agent->driver_.get(), agent->server_.get(),
                            agent->versions_);
  RETURN_IF_ERROR(agent->lifecycle_.Resume());
  return agent;
}

Agent::~Agent() { Stop(); }

void Agent::Stop() {
  {
    MutexLock lock(&mu_);
    if (std::exchange(stopped_, true)) return;
  }
  lifecycle_.Stop();
  if (server_ != nullptr) server_->Shutdown(absl::Milliseconds(200));
}

MemberEnvironment Agent::Environment() {
  MemberEnvironment environment;
  environment.paths = &paths_;
  environment.store = &store_;
  environment.clock = clock_;
  environment.random = random_;
  environment.runner = runner_;
  environment.tls = &tls_;
  environment.channels = &channels_;
  environment.raft_service = &raft_service_;
  return environment;
}

absl::Status Agent::Prepare() {
  RETURN_IF_ERROR(supervisor::CreateLayout(paths_));
  ASSIGN_OR_RETURN(lock_, LockRoot(paths_.state()));
  versions_.agent = kVersion;
  versions_.ovn = VersionOr(InstalledOvnVersion(*runner_));
  versions_.ovs = VersionOr(InstalledOvsVersion(*runner_));
  ASSIGN_OR_RETURN(driver_, MakeDriver(options_, paths_, clock_));
  return absl::OkStatus();
}

absl::Status Agent::OpenServer() {
  Server::Options options;
  options.socket_path = JoinPath(paths_.state(), "control.socket");
  options.services = services_.all();
  options.services.push_back(&raft_service_);
  options.identity = &tls_;
  options.clock = clock_;
  options.configure = raft::SetServerArguments;
  ASSIGN_OR_RETURN(server_, Server::Start(options));
  server_->SetServing(true);
  return absl::OkStatus();
}

std::shared_ptr<Membership> Agent::member() const {
  return lifecycle_.member();
}

std::optional<LifeSigns> Agent::Life() const {
  const std::shared_ptr<RunningMembership> member = lifecycle_.member();
  if (member == nullptr) return std::nullopt;
  return member->Life();
}

std::string Agent::Describe() const {
  const std::shared_ptr<RunningMembership> member = lifecycle_.member();
  return member == nullptr ? "no member of a cluster" : member->Describe();
}

v1::GetClusterResponse::State Agent::phase() const {
  const std::shared_ptr<RunningMembership> member = lifecycle_.member();
  if (member != nullptr && member->state()->bootstrapped()) {
    return v1::GetClusterResponse::STATE_READY;
  }
  if (member != nullptr || lifecycle_.changing()) {
    return v1::GetClusterResponse::STATE_STARTING;
  }
  return v1::GetClusterResponse::STATE_UNINITIALIZED;
}

Versions Agent::versions() const { return versions_; }

absl::StatusOr<NodeSettings> Agent::Resolve(
    const v1::NodeSettings& wanted) const {
  ASSIGN_OR_RETURN(const std::vector<NetworkInterface> interfaces,
                   ReadInterfaces());
  return ResolveNodeSettings(wanted, HostName(), interfaces);
}

v1::Member Agent::DescribeSelf(Membership& member) const {
  const ClusterFacts facts = member.Gather(
      /*linearizable=*/false, /*probe=*/false, absl::ZeroDuration());
  const statepb::Member* self = facts.state->members.Find(member.id());
  if (self == nullptr) return v1::Member();
  return DescribeMember(facts, *self);
}

absl::Status Agent::AwaitServices(Membership& member) const {
  const absl::Status converged =
      member.WaitConverged(member.state()->desired_revision(), kConvergence);
  if (converged.ok()) return converged;
  return ServicesNotRunning(member.name(), converged.message());
}

absl::StatusOr<v1::BootstrapClusterResponse> Agent::Bootstrap(
    const v1::BootstrapClusterRequest& request) {
  lifecycle_.AwaitRemoval();
  const MembershipLifecycle::Change change(&lifecycle_);
  RETURN_IF_ERROR(change.status());
  if (member() != nullptr) return AlreadyBootstrapped();
  ASSIGN_OR_RETURN(const NodeSettings settings, Resolve(request.node()));
  v1::BootstrapClusterResponse response;
  for (const std::string& warning : settings.warnings) {
    response.add_warnings(warning);
  }
  if (request.validate_only()) {
    *response.mutable_plan() = BootstrapPlan(settings);
    return response;
  }
  RETURN_IF_ERROR(lifecycle_.Found(request, settings));
  const std::shared_ptr<Membership> self = member();
  RETURN_IF_ERROR(AwaitServices(*self));
  *response.mutable_member() = DescribeSelf(*self);
  return response;
}

absl::StatusOr<v1::JoinClusterResponse> Agent::Join(
    const v1::JoinClusterRequest& request) {
  lifecycle_.AwaitRemoval();
  const MembershipLifecycle::Change change(&lifecycle_);
  RETURN_IF_ERROR(change.status());
  if (member() != nullptr) return AlreadyBootstrapped();
  ASSIGN_OR_RETURN(const pki::JoinToken token,
                   pki::DecodeJoinToken(request.token()));
  ASSIGN_OR_RETURN(const NodeSettings settings, Resolve(request.node()));
  // A token is for one new member, by name.
  RETURN_IF_ERROR(pki::CheckJoinToken(token, settings.name));
  v1::JoinClusterResponse response;
  for (const std::string& warning : settings.warnings) {
    response.add_warnings(warning);
  }
  if (request.validate_only()) {
    *response.mutable_plan() = JoinPlan(settings, token);
    return response;
  }
  RETURN_IF_ERROR(lifecycle_.Enter(token, settings));
  const std::shared_ptr<Membership> self = member();
  RETURN_IF_ERROR(AwaitServices(*self));
  *response.mutable_member() = DescribeSelf(*self);
  return response;
}

}  // namespace microovn::agent
