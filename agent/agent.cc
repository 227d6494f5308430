// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/driver.h"
#include "agent/errors/cluster_errors.h"
#include "agent/health/member_rows.h"
#include "agent/identity/root_lock.h"
#include "agent/member/raft_caller.h"
#include "agent/member/voter_proof.h"
#include "agent/ovn/datapath.h"
#include "agent/ovn/network_facts.h"
#include "agent/ovn/underlay.h"
#include "agent/ovn/versions.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/users.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "base/version.h"
#include "glog/logging.h"
#include "pki/join/join_token.h"
#include "pki/name/peer_identity.h"
#include "pki/sealing/sealing_choice.h"
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
  AddStep(plan,
          absl::StrCat("found a cluster with the member ", settings.name.text(),
                       " at ", FormatHostPort(settings.address)));
  AddStep(plan, "make the cluster's and OVN's certificate authorities");
  AddStep(plan, "start the services of the first member");
  return plan;
}

v1::Plan JoinPlan(const NodeSettings& settings) {
  v1::Plan plan;
  AddStep(plan, absl::StrCat("ask for admission as ", settings.name.text(),
                             " at ", FormatHostPort(settings.address)));
  AddStep(plan, "copy the cluster's log");
  AddStep(plan, "start the services of this member");
  return plan;
}

std::string WithRemedy(const std::string& what, const std::string& remedy) {
  return absl::StrCat(what, remedy.empty() ? "" : "; ", remedy);
}

// Before anything is done, so that the dry run says it, too.
void WarnOfTunnels(const std::vector<NetworkInterface>& interfaces,
                   NodeSettings& settings) {
  const auto& services = settings.services;
  if (!services.empty() &&
      std::find(services.begin(), services.end(), statepb::SERVICE_CHASSIS) ==
          services.end()) {
    return;
  }
  // That is said already.
  if (InterfaceWithAddress(interfaces, settings.encap_ip) == nullptr) return;
  const UnderlayPlan foreseen =
      ForeseeUnderlay(ChooseDatapath(KernelProbe()).type, settings.encap_ip,
                      settings.address.host, interfaces);
  if (foreseen.problem.empty()) return;
  settings.warnings.push_back(WithRemedy(foreseen.problem, foreseen.remedy));
}

// What does not work though all daemons run, above all tunnels to the other
// members, is said to whoever has just joined, not only to who asks for the
// status.
void WarnOfFindings(Membership& member, v1::JoinClusterResponse& response) {
  const auto status = member.LocalStatus();
  for (const v1::Finding& finding : status.findings()) {
    std::string warning = WithRemedy(finding.message(), finding.remedy());
    const auto& said = response.warnings();
    if (std::find(said.begin(), said.end(), warning) == said.end()) {
      response.add_warnings(std::move(warning));
    }
  }
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
      tpm_(pki::CustodyLevel::kTpm, runner),
      host_secret_(pki::CustodyLevel::kHost, runner),
      raft_service_(
          [this](const grpc::ServerContextBase& context) {
            auto caller = RaftCallerOf(context, member());
            if (caller.ok()) channels_.HearFrom(caller->ToHex());
            return caller;
          },
          ProofsTrustedBy(&tls_)),
      lifecycle_(Parts()),
      security_(options.security_log ? std::make_unique<SecurityLog>(
                                           clock,
                                           [](const std::string& line) {
                                             // Whole lines, beside glog's.
                                             (void)!write(STDERR_FILENO,
                                                          line.data(),
                                                          line.size());
                                           })
                                     : nullptr),
      services_(this, clock, paths_.pki(), security_.get(), &calls_) {}

absl::StatusOr<std::unique_ptr<Agent>> Agent::Start(const AgentOptions& options,
                                                    const Clock* clock,
                                                    RandomSource* random,
                                                    CommandRunner* runner) {
  std::unique_ptr<Agent> agent(new Agent(options, clock, random, runner));
  RETURN_IF_ERROR(agent->Prepare());
  RETURN_IF_ERROR(agent->OpenServer());
  agent->lifecycle_.Provide(agent->driver_.get(), agent->server_.get(),
                            agent->versions_, agent->sealing_);
  RETURN_IF_ERROR(agent->lifecycle_.Resume());
  if (agent->security_ != nullptr) agent->security_->Startup(kVersion);
  return agent;
}

Agent::~Agent() { Stop(); }

void Agent::Stop() {
  {
    MutexLock lock(&mu_);
    if (std::exchange(stopped_, true)) return;
  }
  if (security_ != nullptr) security_->Shutdown();
  lifecycle_.Stop();
  if (server_ != nullptr) server_->Shutdown(absl::Milliseconds(200));
}

NodeParts Agent::Parts() {
  NodeParts parts;
  parts.paths = &paths_;
  parts.store = &store_;
  parts.clock = clock_;
  parts.random = random_;
  parts.runner = runner_;
  parts.tls = &tls_;
  parts.channels = &channels_;
  parts.raft_service = &raft_service_;
  parts.end_gone = [this](const ClusterState& state) {
    calls_.EndWhere([&](const LiveCalls::Peer& peer) {
      if (peer.kind != pki::PeerKind::kOperator) {
        return state.tombstones.Find(peer.id) != nullptr;
      }
      return clock_->Now() > peer.not_after ||
             !HasAccess(state, peer.id, peer.spki_sha256);
    });
  };
  parts.command_refused = [this](const std::string& member_name,
                                 absl::string_view kind,
                                 const std::string& reason) {
    if (security_ == nullptr) return;
    const std::shared_ptr<Membership> here = member();
    security_->Refused(absl::StrCat("propose_", kind),
                       absl::StrCat("member:", member_name),
                       here == nullptr ? "" : here->name(), reason);
  };
  return parts;
}

absl::Status Agent::Prepare() {
  RETURN_IF_ERROR(supervisor::CreateLayout(paths_));
  ASSIGN_OR_RETURN(lock_, LockRoot(paths_.state()));
  versions_.agent = kVersion;
  versions_.ovn = VersionOr(InstalledOvnVersion(*runner_));
  versions_.ovs = VersionOr(InstalledOvsVersion(*runner_));
  ASSIGN_OR_RETURN(driver_, MakeDriver(options_, paths_, clock_));
  ASSIGN_OR_RETURN(const pki::SealingChoice choice,
                   pki::ParseSealingChoice(options_.sealing));
  sealing_ = pki::MeansFor(choice, pki::LookAround(paths_.state()),
                           {&tpm_, &host_secret_, &pki::KeyCustody::File()});
  return absl::OkStatus();
}

absl::Status Agent::OpenServer() {
  Server::Options options;
  options.socket_path = paths_.control_socket();
  options.services = services_.all();
  options.services.push_back(&raft_service_);
  options.identity = &tls_;
  options.clock = clock_;
  options.calls = &calls_;
  options.configure = raft::SetServerArguments;
  ASSIGN_OR_RETURN(server_, Server::Start(options));
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
  if (lifecycle_.ending()) return v1::GetClusterResponse::STATE_STARTING;
  if (member != nullptr && member->state()->bootstrapped()) {
    return v1::GetClusterResponse::STATE_READY;
  }
  if (member != nullptr || lifecycle_.changing()) {
    return v1::GetClusterResponse::STATE_STARTING;
  }
  return v1::GetClusterResponse::STATE_UNINITIALIZED;
}

Versions Agent::versions() const { return versions_; }

std::string Agent::removed_as() const { return lifecycle_.removed_as(); }

absl::StatusOr<NodeSettings> Agent::Resolve(
    const v1::NodeSettings& wanted) const {
  ASSIGN_OR_RETURN(const std::vector<NetworkInterface> interfaces,
                   ReadInterfaces());
  ASSIGN_OR_RETURN(NodeSettings settings,
                   ResolveNodeSettings(wanted, HostName(), interfaces));
  WarnOfTunnels(interfaces, settings);
  return settings;
}

v1::Member Agent::DescribeSelf(Membership& member) const {
  const ClusterFacts facts = member.Gather(
      /*linearizable=*/false, /*probe=*/false, absl::ZeroDuration());
  const statepb::Member* self = facts.state->members.Find(member.id());
  if (self == nullptr) return v1::Member();
  return DescribeMember(facts, *self);
}

absl::Status Agent::AwaitServices(Membership& member) const {
  // A chassis of a cluster whose central is still to be named waits for it,
  // which is no failure of this command.
  const auto state = member.state();
  if (CentralMembers(*state).empty() &&
      ConfigValue(*state, kConfigCentralIps).empty()) {
    return absl::OkStatus();
  }
  absl::Status converged =
      member.WaitConverged(member.state()->desired_revision(), kConvergence);
  if (converged.ok()) return converged;
  return ServicesNotRunning(member.name(), converged.message());
}

absl::StatusOr<v1::BootstrapClusterResponse> Agent::Bootstrap(
    const v1::BootstrapClusterRequest& request, const statepb::Asker& asker) {
  lifecycle_.AwaitRemoval();
  const MembershipLifecycle::Change change(&lifecycle_);
  RETURN_IF_ERROR(change.status());
  if (member() != nullptr) return AlreadyBootstrapped();
  ASSIGN_OR_RETURN(const NodeSettings settings, Resolve(request.node()));
  v1::BootstrapClusterResponse response;
  *response.mutable_warnings() = {settings.warnings.begin(),
                                  settings.warnings.end()};
  if (request.validate_only()) {
    *response.mutable_plan() = BootstrapPlan(settings);
    return response;
  }
  RETURN_IF_ERROR(lifecycle_.Found(request, settings, asker));
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
  *response.mutable_warnings() = {settings.warnings.begin(),
                                  settings.warnings.end()};
  if (request.validate_only()) {
    *response.mutable_plan() = JoinPlan(settings);
    return response;
  }
  RETURN_IF_ERROR(lifecycle_.Enter(token, settings));
  const std::shared_ptr<Membership> self = member();
  RETURN_IF_ERROR(AwaitServices(*self));
  WarnOfFindings(*self, response);
  *response.mutable_member() = DescribeSelf(*self);
  return response;
}

}  // namespace microovn::agent
