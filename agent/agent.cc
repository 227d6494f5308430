#include "agent/agent.h"

#include <utility>

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
#include "raft/transport/grpc_transport.h"

namespace microovn::agent {
namespace {

using internal::node::v1::NodeIdentity;

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
      services_(this, clock, paths_.pki()) {}

absl::StatusOr<std::unique_ptr<Agent>> Agent::Start(const AgentOptions& options,
                                                    const Clock* clock,
                                                    RandomSource* random,
                                                    CommandRunner* runner) {
  std::unique_ptr<Agent> agent(new Agent(options, clock, random, runner));
  RETURN_IF_ERROR(agent->Prepare());
  RETURN_IF_ERROR(agent->OpenServer());
  RETURN_IF_ERROR(agent->Resume());
  agent->removal_thread_ =
      std::thread([raw = agent.get()] { raw->WatchRemoval(); });
  return agent;
}

Agent::~Agent() { Stop(); }

void Agent::Stop() {
  std::shared_ptr<RunningMembership> member;
  {
    MutexLock lock(&mu_);
    if (stopping_) return;
    stopping_ = true;
    changed_.SignalAll();
    member = member_;
  }
  if (removal_thread_.joinable()) removal_thread_.join();
  if (member != nullptr) member->Stop();
  if (server_ != nullptr) server_->Shutdown(absl::Milliseconds(200));
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

absl::Status Agent::Resume() {
  ASSIGN_OR_RETURN(std::optional<NodeIdentity> identity, store_.Load());
  if (!identity.has_value()) return absl::OkStatus();
  if (identity->phase() == NodeIdentity::PHASE_JOINING) {
    // Not before the server runs: others may want this node meanwhile.
    MutexLock lock(&mu_);
    interrupted_ = *identity;
    busy_ = true;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto member, StartMember(*identity));
  LOG(INFO) << "member " << member->name() << " of cluster "
            << identity->cluster_id();
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<RunningMembership>> Agent::StartMember(
    const NodeIdentity& identity) {
  MemberEnvironment environment;
  environment.paths = &paths_;
  environment.store = &store_;
  environment.clock = clock_;
  environment.random = random_;
  environment.runner = runner_;
  environment.tls = &tls_;
  environment.channels = &channels_;
  environment.raft_service = &raft_service_;
  environment.driver = driver_.get();
  environment.versions = versions_;
  environment.removed = [this] {
    MutexLock lock(&mu_);
    removed_ = true;
    changed_.SignalAll();
  };
  ASSIGN_OR_RETURN(std::shared_ptr<RunningMembership> member,
                   RunningMembership::Start(environment, identity));
  const absl::Status listening = server_->Listen(identity.address());
  if (!listening.ok()) {
    member->Stop();
    return listening;
  }
  MutexLock lock(&mu_);
  removed_ = false;
  member_ = member;
  return member;
}

// Ends a membership and everything this node keeps of it but its backup.
void Agent::Forget(const std::shared_ptr<RunningMembership>& member) {
  server_->CloseTcp();
  if (member != nullptr) member->Stop();
  tls_.Clear();
  channels_.Clear();
  absl::Status erased = store_.Erase();
  // The backup took the directories along.
  if (erased.ok()) erased = supervisor::CreateLayout(paths_);
  LOG_IF(ERROR, !erased.ok()) << "the membership's files: " << erased;
  MutexLock lock(&mu_);
  if (member_ == member) member_ = nullptr;
}

// What the earlier agent has started must be stopped, and only a member can
// do that.
void Agent::EndInterruptedJoin() {
  std::optional<NodeIdentity> identity;
  {
    MutexLock lock(&mu_);
    identity = interrupted_;
  }
  if (!identity.has_value()) return;
  LOG(WARNING) << "an interrupted join is undone";
  const auto member = StartMember(*identity);
  const auto credentials = store_.LoadCredentials();
  if (credentials.ok()) {
    const absl::Status ended = GiveUpJoin(
        *identity, *credentials,
        member.ok() ? absl::AbortedError("its agent ended during the join")
                    : member.status());
    LOG_IF(INFO, ended.ok()) << "the interrupted join had succeeded";
  } else {
    LOG(ERROR) << "the interrupted join: " << credentials.status();
    Forget(ThisMember());
  }
  MutexLock lock(&mu_);
  interrupted_.reset();
  busy_ = false;
  changed_.SignalAll();
}

void Agent::WatchRemoval() {
  EndInterruptedJoin();
  for (;;) {
    std::shared_ptr<RunningMembership> member;
    {
      MutexLock lock(&mu_);
      while (!stopping_ && !(removed_ && !busy_)) changed_.Wait(&mu_);
      if (stopping_) return;
      busy_ = true;
      removed_ = false;
      member = member_;
    }
    LOG(INFO) << "this member was removed from its cluster";
    const absl::Status departed =
        member == nullptr ? absl::OkStatus() : member->Depart();
    LOG_IF(ERROR, !departed.ok())
        << "services of the old membership: " << departed;
    Forget(member);
    MutexLock lock(&mu_);
    busy_ = false;
    changed_.SignalAll();
  }
}

std::shared_ptr<Membership> Agent::member() const {
  MutexLock lock(&mu_);
  return member_;
}

std::optional<LifeSigns> Agent::Life() const {
  const std::shared_ptr<RunningMembership> member = ThisMember();
  if (member == nullptr) return std::nullopt;
  return member->Life();
}

std::string Agent::Describe() const {
  const std::shared_ptr<RunningMembership> member = ThisMember();
  return member == nullptr ? "no member of a cluster" : member->Describe();
}

v1::GetClusterResponse::State Agent::phase() const {
  MutexLock lock(&mu_);
  if (member_ != nullptr && member_->state()->bootstrapped()) {
    return v1::GetClusterResponse::STATE_READY;
  }
  if (member_ != nullptr || busy_) {
    return v1::GetClusterResponse::STATE_STARTING;
  }
  return v1::GetClusterResponse::STATE_UNINITIALIZED;
}

Versions Agent::versions() const { return versions_; }

}  // namespace microovn::agent
