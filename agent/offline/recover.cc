#include "agent/offline/recover.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/offline/recovery_plan.h"
#include "agent/offline/stopped_node.h"
#include "base/status_macros.h"
#include "microovn/internal/node/v1/node.pb.h"

namespace microovn::agent {
namespace {

constexpr size_t kMaxNameBytes = 64;

// Who decides: the person behind sudo, if there is one.
std::string Decider() {
  const char* sudo = getenv("SUDO_USER");
  if (sudo != nullptr && *sudo != '\0') {
    return std::string(sudo).substr(0, kMaxNameBytes);
  }
  const passwd* entry = getpwuid(getuid());
  if (entry != nullptr) return std::string(entry->pw_name);
  return absl::StrCat("uid ", getuid());
}

}  // namespace

absl::Status Recover(const RecoverOptions& options, const Clock& clock,
                     RandomSource& random, std::ostream& out) {
  ASSIGN_OR_RETURN(const std::unique_ptr<StoppedNode> node,
                   StoppedNode::Open(options.root));
  const StoppedNodeFacts facts = node->Facts();
  if (!options.end_quarantine) {
    out << DescribeNode(facts);
    return absl::OkStatus();
  }
  RecoveryRequest request;
  request.end_quarantine = true;
  request.member = options.member;
  request.accept_loss = options.accept_loss;
  request.recovery_id = random.Id();
  request.time_seconds = absl::ToUnixSeconds(clock.Now());
  request.by = Decider();
  ASSIGN_OR_RETURN(const internal::node::v1::Recovery recovery,
                   PlanRecovery(facts, request));
  RETURN_IF_ERROR(node->Carry(recovery));
  out << facts.name << " votes again; " << DescribeLoss(facts.loss) << ".\n"
      << "Start its agent now; the cluster's events will say what was "
         "decided.\n";
  return absl::OkStatus();
}

}  // namespace microovn::agent
