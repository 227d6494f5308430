// How an Agent becomes a member: bootstrap and join. Both write the identity
// when everything else is in place, and leave nothing when they fail.
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/agent.h"
#include "agent/entry/founding.h"
#include "agent/entry/joining.h"
#include "agent/entry/withdrawal.h"
#include "agent/errors/cluster_errors.h"
#include "agent/health/member_rows.h"
#include "agent/identity/sealing.h"
#include "agent/member/replicated_log.h"
#include "agent/ovn/network_facts.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "glog/logging.h"
#include "pki/join_token.h"
#include "pki/sealing_key.h"
#include "raft/node/raft_node.h"

namespace microovn::agent {
namespace {

using internal::node::v1::NodeIdentity;

// OVN's daemons need a few seconds; a slow machine gets a warning, not an
// error, because the membership stands.
constexpr absl::Duration kConvergence = absl::Seconds(45);
// The rest of a removal that has been acknowledged already.
constexpr absl::Duration kRemoval = absl::Seconds(30);
// A new member's log arrives in milliseconds.
constexpr absl::Duration kLogArrival = absl::Seconds(30);

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

}  // namespace

// One change of the membership at a time.
class Agent::Change {
 public:
  explicit Change(Agent* agent) : agent_(agent) {
    MutexLock lock(&agent_->mu_);
    held_ = !agent_->busy_ && !agent_->stopping_;
    if (held_) agent_->busy_ = true;
  }
  ~Change() {
    if (!held_) return;
    MutexLock lock(&agent_->mu_);
    agent_->busy_ = false;
    agent_->changed_.SignalAll();
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  absl::Status status() const {
    if (held_) return absl::OkStatus();
    return MakeError(absl::StatusCode::kAborted,
                     "a bootstrap, join or removal is under way on this node",
                     {"BUSY", "try again when it has ended"});
  }

 private:
  Agent* const agent_;
  bool held_ = false;
};

absl::StatusOr<NodeSettings> Agent::Resolve(
    const v1::NodeSettings& wanted) const {
  ASSIGN_OR_RETURN(const std::vector<NetworkInterface> interfaces,
                   ReadInterfaces(*runner_));
  return ResolveNodeSettings(wanted, HostName(), interfaces);
}

v1::Member Agent::DescribeSelf(Membership& member) const {
  const ClusterFacts facts = member.Gather(
      /*linearizable=*/false, /*probe=*/false, absl::ZeroDuration());
  const statepb::Member* self = facts.state->members.Find(member.id());
  if (self == nullptr) return v1::Member();
  return DescribeMember(facts, *self);
}

void Agent::AddConvergenceWarning(Membership& member,
                                  std::vector<std::string>& warnings) const {
  const absl::Status converged =
      member.WaitConverged(member.state()->desired_revision(), kConvergence);
  if (converged.ok()) return;
  warnings.push_back(absl::StrCat(
      "this member is part of the cluster, but not all services run yet: ",
      converged.message()));
}

void Agent::AwaitRemoval() const {
  const absl::Duration deadline = clock_->Monotonic() + kRemoval;
  MutexLock lock(&mu_);
  while (!stopping_) {
    const absl::Duration left = deadline - clock_->Monotonic();
    if (left <= absl::ZeroDuration()) return;
    if (interrupted_.has_value()) {
      changed_.WaitWithTimeout(&mu_, left);
      continue;
    }
    if (member_ == nullptr) return;
    const auto state = member_->state();
    const statepb::Member* self = state->members.Find(member_->id());
    const bool going =
        removed_ || state->tombstones.Find(member_->id()) != nullptr ||
        (self != nullptr && self->state() == statepb::Member::STATE_LEAVING);
    if (!going) return;
    changed_.WaitWithTimeout(&mu_, std::min(left, absl::Seconds(1)));
  }
}

absl::StatusOr<v1::BootstrapClusterResponse> Agent::Bootstrap(
    const v1::BootstrapClusterRequest& request) {
  AwaitRemoval();
  const Change change(this);
  RETURN_IF_ERROR(change.status());
  if (member() != nullptr) return AlreadyBootstrapped();
  ASSIGN_OR_RETURN(const NodeSettings settings, Resolve(request.node()));
  v1::BootstrapClusterResponse response;
  std::vector<std::string> warnings = settings.warnings;
  if (request.validate_only()) {
    *response.mutable_plan() = BootstrapPlan(settings);
  } else {
    const absl::Status founded = Found(request, settings);
    if (!founded.ok()) {
      Forget(ThisMember());
      return founded;
    }
    const std::shared_ptr<Membership> self = member();
    AddConvergenceWarning(*self, warnings);
    *response.mutable_member() = DescribeSelf(*self);
  }
  for (std::string& warning : warnings) {
    response.add_warnings(std::move(warning));
  }
  return response;
}

absl::Status Agent::Found(const v1::BootstrapClusterRequest& request,
                          const NodeSettings& settings) {
  // Remains of an attempt that was cut off do not count.
  RETURN_IF_ERROR(store_.Erase());
  ASSIGN_OR_RETURN(const pki::SealingKey sealing_key,
                   LoadSealingKey(store_, *clock_, *random_));
  FoundingRequest founding_request;
  founding_request.node = settings;
  founding_request.version = versions_.agent;
  founding_request.ovn_ca_pem = request.ovn_ca_certificate_pem();
  founding_request.ovn_ca_key_pem =
      SecretString(request.ovn_ca_private_key_pem());
  ASSIGN_OR_RETURN(
      Founding founding,
      FoundCluster(founding_request, sealing_key, *clock_, *random_));
  RETURN_IF_ERROR(store_.SaveCredentials(founding.credentials));
  RETURN_IF_ERROR(raft::RaftNode::CreateFirst(
      store_.log_directory(), ClusterIdOf(founding.identity.cluster_id()),
      MemberIdOf(founding.identity.member_id())));
  RETURN_IF_ERROR(store_.SaveFounding(founding.command.SerializeAsString()));
  RETURN_IF_ERROR(store_.Save(founding.identity));
  return StartMember(founding.identity).status();
}

absl::StatusOr<v1::JoinClusterResponse> Agent::Join(
    const v1::JoinClusterRequest& request) {
  AwaitRemoval();
  const Change change(this);
  RETURN_IF_ERROR(change.status());
  if (member() != nullptr) return AlreadyBootstrapped();
  ASSIGN_OR_RETURN(const pki::JoinToken token,
                   pki::DecodeJoinToken(request.token()));
  ASSIGN_OR_RETURN(const NodeSettings settings, Resolve(request.node()));
  // A token is for one new member, by name.
  RETURN_IF_ERROR(pki::CheckJoinToken(token, settings.name, clock_->Now()));
  v1::JoinClusterResponse response;
  std::vector<std::string> warnings = settings.warnings;
  if (request.validate_only()) {
    *response.mutable_plan() = JoinPlan(settings, token);
  } else {
    RETURN_IF_ERROR(Enter(token, settings));
    const std::shared_ptr<Membership> self = member();
    AddConvergenceWarning(*self, warnings);
    *response.mutable_member() = DescribeSelf(*self);
  }
  for (std::string& warning : warnings) {
    response.add_warnings(std::move(warning));
  }
  return response;
}

absl::Status Agent::Enter(const pki::JoinToken& token,
                          const NodeSettings& settings) {
  RETURN_IF_ERROR(store_.Erase());
  ASSIGN_OR_RETURN(const pki::SealingKey sealing_key,
                   LoadSealingKey(store_, *clock_, *random_));
  const raft::Incarnation incarnation =
      raft::RaftNode::NewIncarnation(*random_);
  const JoinPorts ports = NetworkJoinPorts(&token, clock_);
  ASSIGN_OR_RETURN(
      Admission admission,
      RequestAdmission({settings, versions_.agent, incarnation.value()}, token,
                       sealing_key, ports));
  NodeIdentity identity = admission.identity;
  // From here on a failure must be undone on both sides. The identity comes
  // first, so that an agent that is started again knows of the join and leaves
  // nothing of it; then the credentials, for only they can withdraw.
  absl::Status entered = [&]() -> absl::Status {
    RETURN_IF_ERROR(store_.Save(identity));
    RETURN_IF_ERROR(store_.SaveCredentials(admission.credentials));
    RETURN_IF_ERROR(raft::RaftNode::CreateJoiner(
        store_.log_directory(), ClusterIdOf(identity.cluster_id()),
        MemberIdOf(identity.member_id()), incarnation));
    ASSIGN_OR_RETURN(const auto member, StartMember(identity));
    return member->CompleteJoin(kLogArrival);
  }();
  if (entered.ok()) return entered;
  return GiveUpJoin(identity, admission.credentials, entered);
}

absl::Status Agent::GiveUpJoin(const NodeIdentity& identity,
                               const ClusterCredentials& credentials,
                               const absl::Status& why) {
  const std::shared_ptr<RunningMembership> member = ThisMember();
  if (member != nullptr) member->StopConfirming();
  const absl::Status withdrawn =
      WithdrawJoin(identity, credentials, *clock_, why);
  if (member != nullptr && ReasonOf(withdrawn) == "MEMBER_NOT_JOINING") {
    return member->AcceptJoin();
  }
  LOG_IF(WARNING, !withdrawn.ok())
      << "the cluster takes this join back by itself: " << withdrawn;
  // Services begin as soon as the log has arrived.
  if (member != nullptr && member->state()->bootstrapped()) {
    const absl::Status departed = member->Depart();
    LOG_IF(ERROR, !departed.ok()) << "services of the join: " << departed;
  }
  Forget(member);
  return Annotate(why, "the join was undone");
}

std::shared_ptr<RunningMembership> Agent::ThisMember() const {
  MutexLock lock(&mu_);
  return member_;
}

}  // namespace microovn::agent
