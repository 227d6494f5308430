// SPDX-License-Identifier: Apache-2.0
#include "agent/state/operation/rotate_authority.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/errors/authority_errors.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/certificate_rules.h"
#include "agent/state/apply/validate.h"
#include "agent/state/operation/steps.h"
#include "agent/state/values/certificate_needs.h"
#include "agent/state/values/features.h"
#include "agent/state/values/key_holders.h"
#include "agent/state/values/rotation_progress.h"
#include "agent/state/values/worker.h"
#include "base/status/status_macros.h"
#include "microovn/v1/certificate.pb.h"

namespace microovn::agent {
namespace {

using statepb::Authority;
using statepb::Member;
using statepb::MemberReport;
using statepb::Operation;
using statepb::OperationStep;

constexpr char kStepPrepare[] = "prepare-ca";
constexpr char kStepDistribute[] = "distribute-ca";
constexpr char kStepReissue[] = "reissue-certificates";
constexpr char kStepVerify[] = "verify-certificates";
constexpr char kStepRetire[] = "retire-ca";

constexpr StepWords kWords[] = {
    {kStepPrepare, "try the new {authority} CA and seal its key"},
    {kStepDistribute, "trust the new {authority} CA beside the old one"},
    {kStepReissue, "issue all certificates of the {authority} CA anew"},
    {kStepVerify, "see the new certificates served"},
    {kStepRetire, "trust the new {authority} CA alone"},
};

statepb::Plane PlaneOf(const Operation& operation) {
  return operation.kind() == Operation::KIND_ROTATE_OVN_CA
             ? statepb::PLANE_OVN
             : statepb::PLANE_CLUSTER;
}

std::string NameOf(const Operation& operation) {
  return PlaneOf(operation) == statepb::PLANE_OVN ? "OVN" : "cluster";
}

const Authority* AuthorityOf(const ClusterState& state, statepb::Plane plane) {
  return state.authorities.Find(AuthorityKey(plane));
}

Arguments Describe(const Operation& operation) {
  return {{"authority", NameOf(operation)}};
}

std::string Target(const Operation& operation) {
  return absl::StrCat("authorities/", AuthorityKey(PlaneOf(operation)));
}

absl::Status CheckRunning(const ClusterState& state, const Authority& authority,
                          const Operation& asked) {
  const std::string name = NameOf(asked);
  const Operation* running = RunningRotation(state, authority.plane());
  if (running == nullptr) {
    return authority.phase() == Authority::PHASE_UNSPECIFIED
               ? absl::OkStatus()
               : RotationBeingUndone(name);
  }
  // In the last phase the new CA stands where it issues.
  const Authority& comes = authority.phase() == Authority::PHASE_DISTRIBUTE
                               ? authority.other()
                               : authority;
  const Authority& successor = asked.successor();
  const bool both_made = !successor.user_supplied() && !comes.user_supplied();
  if (both_made || successor.certificate_pem() == comes.certificate_pem()) {
    return absl::OkStatus();
  }
  return RotationUnderWay(name, running->operation_id());
}

absl::StatusOr<Operation> Check(const ClusterState& state,
                                const Operation& asked) {
  // To agents that do not know the kind it is the same.
  if (ActiveLevel(state, kFeatureCaRotation) == 0) {
    return CommandMalformed("unknown", "operation-kind");
  }
  const Authority& successor = asked.successor();
  RETURN_IF_ERROR(CheckIssuer(successor, ReadingOf(state)));
  if (successor.plane() != PlaneOf(asked)) {
    return CommandMalformed("of-another-plane", "successor");
  }
  const Authority* authority = AuthorityOf(state, successor.plane());
  if (authority == nullptr) return AuthorityChanged();
  if (IsSealedForWorker(state, successor)) {
    return CommandMalformed("worker", "sealed-for");
  }
  RETURN_IF_ERROR(CheckRunning(state, *authority, asked));
  Operation checked = asked;
  checked.clear_member_id();
  checked.clear_member_name();
  return checked;
}

std::vector<std::string> Everybody(const ClusterState& state) {
  std::vector<std::string> ids;
  for (const Member* member : MembersInOrder(state)) {
    if (member->state() != Member::STATE_LEAVING) {
      ids.push_back(member->member_id());
    }
  }
  return ids;
}

absl::StatusOr<ChangePlan> Plan(const ClusterState& state,
                                const Operation& checked) {
  const Authority& authority = *AuthorityOf(state, PlaneOf(checked));
  const Authority& successor = checked.successor();
  if (successor.certificate_pem() == authority.certificate_pem()) {
    return AuthorityInUse(NameOf(checked));
  }
  if (!HasRightHolders(state, authority, successor)) return AuthorityChanged();
  const Arguments which = Describe(checked);
  const std::vector<std::string> ids = Everybody(state);
  ChangePlan plan;
  plan.steps.push_back(PendingStep(kStepPrepare, which, {}));
  for (const char* step :
       {kStepDistribute, kStepReissue, kStepVerify, kStepRetire}) {
    plan.steps.push_back(PendingStep(step, which, ids));
  }
  return plan;
}

void Want(ApplyContext& context, const Operation& operation) {
  if (operation.at_its_end() &&
      ActiveLevel(context.state(), kFeatureCaRequest) > 0) {
    context.Record("CA_RENEWAL_DUE", Target(operation),
                   {{"authority", AuthorityKey(PlaneOf(operation))}});
  }
  BeginRotation(context, operation.operation_id(), operation.successor());
}

absl::Status Undo(ApplyContext& context, const Operation& operation) {
  return UndoRotation(context, PlaneOf(operation), operation.operation_id());
}

std::string WithWhy(const OperationView& view, const Authority& authority,
                    const Member& member) {
  if (view.facts.silent_ids.count(member.member_id()) > 0) {
    const bool cannot =
        view.operation.force() && !CanBeSetAside(view.state, authority);
    return absl::StrCat(member.name(), cannot ? " (does not answer, and cannot "
                                                "be set aside)"
                                              : " (does not answer)");
  }
  const MemberReport* report = view.state.reports.Find(member.member_id());
  if (report == nullptr || report->problem().empty()) return member.name();
  return absl::StrCat(member.name(), " (", report->problem(), ")");
}

// Then what a member is waited for with ends, too. On the cluster plane it
// could not come back.
bool EndsSoon(const OperationView& view, const Authority& authority) {
  return authority.plane() == statepb::PLANE_OVN &&
         view.facts.ending.count(AuthorityKey(authority.plane())) > 0;
}

bool SetsAside(const OperationView& view, const Authority& authority) {
  return (view.operation.force() && CanBeSetAside(view.state, authority)) ||
         EndsSoon(view, authority);
}

// "waiting for node2, node3 (does not answer)"; with force, or when the old CA
// is at its end, those that do not answer are set aside if that can be.
StepOutcome Await(const OperationView& view, const Authority& authority,
                  Said said) {
  constexpr size_t kNamed = 5;
  std::vector<std::string> waiting;
  std::vector<std::string> aside;
  for (const Member* member : Behind(view.state, authority, said)) {
    const bool silent = view.facts.silent_ids.count(member->member_id()) > 0;
    if (silent && SetsAside(view, authority)) {
      aside.push_back(member->name());
    } else {
      waiting.push_back(WithWhy(view, authority, *member));
    }
  }
  if (waiting.empty()) {
    StepOutcome outcome = Finished();
    if (!aside.empty()) {
      outcome.detail = absl::StrCat("set aside: ", absl::StrJoin(aside, ", "));
    }
    return outcome;
  }
  const size_t more = waiting.size() > kNamed ? waiting.size() - kNamed : 0;
  if (more > 0) waiting.resize(kNamed);
  return Waiting(
      absl::StrCat("waiting for ", absl::StrJoin(waiting, ", "),
                   more > 0 ? absl::StrCat(" and ", more, " others") : ""));
}

StepOutcome Advance(const OperationView& view, Authority::Phase to) {
  StepOutcome outcome = Waiting("");
  statepb::AdvanceRotation* body =
      outcome.command.emplace().mutable_advance_rotation();
  body->set_plane(PlaneOf(view.operation));
  body->set_operation_id(view.operation.operation_id());
  body->set_to(to);
  return outcome;
}

// What leaves has the old certificates until it has left the databases.
StepOutcome Retire(const OperationView& view, const Authority& authority) {
  if (authority.phase() == Authority::PHASE_UNSPECIFIED) {
    return Await(view, authority, Said::kObserved);
  }
  for (const Member* member : MembersInOrder(view.state)) {
    if (member->state() == Member::STATE_LEAVING && !view.operation.force()) {
      return Waiting(
          absl::StrCat("waiting for the removal of ", member->name()));
    }
  }
  return Advance(view, Authority::PHASE_UNSPECIFIED);
}

StepOutcome Evaluate(const OperationView& view, const OperationStep& step) {
  const Authority* authority = AuthorityOf(view.state, PlaneOf(view.operation));
  if (authority == nullptr || step.id() == kStepPrepare) return Finished();
  const bool begun = authority->phase() != Authority::PHASE_DISTRIBUTE;
  if (step.id() == kStepDistribute) {
    return begun ? Finished() : Await(view, *authority, Said::kObserved);
  }
  if (step.id() == kStepReissue) {
    return begun ? Await(view, *authority, Said::kPublished)
                 : Advance(view, Authority::PHASE_REISSUE);
  }
  if (step.id() == kStepVerify) {
    return Await(view, *authority, Said::kObserved);
  }
  if (step.id() == kStepRetire) return Retire(view, *authority);
  return UnknownStep();
}

// Both CAs are trusted while it waits: nothing presses.
absl::Status Failure(const OperationView&, const OperationStep*) {
  return absl::OkStatus();
}

std::vector<std::string> ServicesOf(const Member& member,
                                    statepb::Plane plane) {
  if (plane == statepb::PLANE_CLUSTER) return {"member"};
  std::vector<std::string> names;
  for (const pki::OvnService service : EnabledCertificates(member)) {
    names.emplace_back(pki::OvnServiceName(service));
  }
  return names;
}

void Answer(const ClusterState& state, const Operation& operation,
            google::protobuf::Any* answer) {
  const statepb::Plane plane = PlaneOf(operation);
  v1::RotateAuthorityResult result;
  result.set_issued(true);
  const Authority* authority = AuthorityOf(state, plane);
  std::set<std::string> behind;
  if (authority != nullptr) {
    for (const Member* member : Behind(state, *authority, Said::kPublished)) {
      behind.insert(member->member_id());
    }
  }
  std::vector<const Member*> members = MembersInOrder(state);
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->name() < b->name(); });
  for (const Member* member : members) {
    if (member->state() == Member::STATE_LEAVING) continue;
    const bool late = behind.count(member->member_id()) > 0;
    v1::MemberCertificates* row = result.add_members();
    row->set_member(member->name());
    for (std::string& service : ServicesOf(*member, plane)) {
      (late ? row->add_failed() : row->add_reissued())
          ->assign(std::move(service));
    }
    if (late) {
      result.add_errors(
          absl::StrCat(member->name(),
                       " was set aside; it gets its certificates when it "
                       "answers again"));
    }
  }
  answer->PackFrom(result);
}

constexpr OperationKind Row(Operation::Kind kind, absl::string_view name) {
  return {kind,    name,  "the rotation of the {authority} CA",
          kWords,  true,  Describe,
          Target,  Check, Plan,
          Want,    Undo,  Evaluate,
          Failure, Answer};
}

constexpr OperationKind kOvnRow =
    Row(Operation::KIND_ROTATE_OVN_CA, "rotate-ovn-ca");
constexpr OperationKind kClusterRow =
    Row(Operation::KIND_ROTATE_CLUSTER_CA, "rotate-cluster-ca");

}  // namespace

const OperationKind& RotateOvnCaKind() { return kOvnRow; }
const OperationKind& RotateClusterCaKind() { return kClusterRow; }

Operation RotationOf(std::string operation_id, const Authority& successor,
                     bool force) {
  Operation operation;
  operation.set_operation_id(std::move(operation_id));
  operation.set_kind(successor.plane() == statepb::PLANE_OVN
                         ? Operation::KIND_ROTATE_OVN_CA
                         : Operation::KIND_ROTATE_CLUSTER_CA);
  operation.set_force(force);
  *operation.mutable_successor() = successor;
  return operation;
}

const Operation* RunningRotation(const ClusterState& state,
                                 statepb::Plane plane) {
  return RunningOperation(
      state, plane == statepb::PLANE_OVN ? kOvnRow : kClusterRow, "");
}

std::vector<const Authority*> DueRotations(
    const ClusterState& state, const std::set<std::string>& renewals) {
  std::vector<const Authority*> due;
  for (const auto& [key, authority] : state.authorities.records()) {
    const bool called =
        !authority->rotation_due().empty() || renewals.count(key) > 0;
    if (called && !authority->user_supplied() &&
        authority->phase() == Authority::PHASE_UNSPECIFIED &&
        RunningRotation(state, authority->plane()) == nullptr) {
      due.push_back(authority.get());
    }
  }
  return due;
}

std::optional<statepb::Command> FinishUndone(const ClusterState& state) {
  for (const auto& [key, authority] : state.authorities.records()) {
    if (authority->phase() != Authority::PHASE_REISSUE) continue;
    if (RunningRotation(state, authority->plane()) != nullptr) continue;
    if (!Behind(state, *authority, Said::kObserved).empty()) continue;
    statepb::Command command;
    statepb::AdvanceRotation* body = command.mutable_advance_rotation();
    body->set_plane(authority->plane());
    body->set_operation_id(authority->rotation_id());
    body->set_to(Authority::PHASE_UNSPECIFIED);
    return command;
  }
  return std::nullopt;
}

}  // namespace microovn::agent
