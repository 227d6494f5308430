// SPDX-License-Identifier: Apache-2.0
#include "agent/offline/recover.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/identity/identity_store.h"
#include "agent/offline/recovery_plan.h"
#include "agent/offline/stopped_node.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "pki/sealing/sealing_key.h"
#include "supervisor/service/paths.h"

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

// Kept beside its place: what keeps it may turn up after all.
absl::Status PutSealingKeyAside(const RecoverOptions& options,
                                const Clock& clock, std::ostream& out) {
  const IdentityStore store(supervisor::Paths(options.root).state());
  const std::string path =
      JoinPath(store.sealing_key_directory(), pki::kSealingKeyFile);
  const std::string aside = absl::StrCat(
      path, ".",
      absl::FormatTime("%Y%m%dT%H%M%SZ", clock.Now(), absl::UTCTimeZone()));
  RETURN_IF_ERROR(Rename(path, aside));
  out << "The sealing key is put aside, as " << aside << ".\n"
      << "Start the agent now: it makes another, and a voter that can open the "
         "keys of the CAs seals them to it. If there is none, \"microovn "
         "status\" says so.\n";
  return absl::OkStatus();
}

}  // namespace

absl::Status Recover(const RecoverOptions& options, const Clock& clock,
                     RandomSource& random, std::ostream& out) {
  ASSIGN_OR_RETURN(const std::unique_ptr<StoppedNode> node,
                   StoppedNode::Open(options.root));
  if (options.new_sealing_key) return PutSealingKeyAside(options, clock, out);
  const StoppedNodeFacts facts = node->Facts();
  if (!options.end_quarantine && !options.become_only_voter) {
    out << DescribeNode(facts);
    return absl::OkStatus();
  }
  RecoveryRequest request;
  request.end_quarantine = options.end_quarantine;
  request.become_only_voter = options.become_only_voter;
  request.member = options.member;
  request.accept_loss = options.accept_loss;
  request.recovery_id = random.Id();
  request.time_seconds = absl::ToUnixSeconds(clock.Now());
  request.by = Decider();
  ASSIGN_OR_RETURN(const internal::node::v1::Recovery recovery,
                   PlanRecovery(facts, request));
  RETURN_IF_ERROR(node->Carry(recovery));
  if (options.become_only_voter) {
    out << facts.name << " is the only voter, with its log up to entry "
        << facts.end.index.value() << ".\n"
        << "Start its agent now, then those of the other members that are "
           "left: they follow it, and vote again by themselves. Remove the "
           "others with \"microovn cluster remove NAME --force\", and do not "
           "start them any more.\n";
    return absl::OkStatus();
  }
  out << facts.name << " votes again; " << DescribeLoss(facts.loss) << ".\n"
      << "Start its agent now; the cluster's events will say what was "
         "decided.\n";
  return absl::OkStatus();
}

}  // namespace microovn::agent
