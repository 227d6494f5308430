// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/validate.h"
#include "agent/state/values/features.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

constexpr size_t kMaxNameBytes = 64;
constexpr char kEndQuarantine[] = "end-quarantine";
constexpr char kBecomeOnlyVoter[] = "become-only-voter";

bool Knows(const ClusterState& state, absl::string_view action) {
  return action == kEndQuarantine ||
         (action == kBecomeOnlyVoter &&
          ActiveLevel(state, kFeatureDatabaseRecovery) > 0);
}

}  // namespace

Applied ApplyRecovery(ApplyContext& context,
                      const statepb::RecordRecovery& body) {
  const statepb::Member* member =
      context.state().members.Find(body.member_id());
  if (member == nullptr) return MemberNotFound(body.member_id());
  RETURN_IF_ERROR(CheckText("by", body.by(), kMaxNameBytes));
  RETURN_IF_ERROR(CheckText("statement", body.statement(), kMaxTextBytes));
  if (!Knows(context.state(), body.action())) {
    return CommandMalformed("unknown", "action");
  }
  Arguments arguments = {{"member", member->name()},
                         {"action", body.action()},
                         {"by", body.by()},
                         {"statement", body.statement()}};
  if (body.action() == kBecomeOnlyVoter) {
    arguments.push_back({"end", absl::StrCat(body.last_index())});
  } else if (body.first_index() <= body.last_index()) {
    arguments.push_back({"first", absl::StrCat(body.first_index())});
    arguments.push_back({"last", absl::StrCat(body.last_index())});
  }
  context.Record("RECOVERED", absl::StrCat("members/", member->name()),
                 arguments);
  return statepb::Result();
}

}  // namespace microovn::agent
