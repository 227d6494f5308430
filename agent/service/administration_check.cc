// SPDX-License-Identifier: Apache-2.0
#include "agent/service/administration_check.h"

#include <optional>

#include "absl/strings/strip.h"
#include "agent/errors/leader_errors.h"
#include "agent/errors/user_errors.h"
#include "agent/health/facts.h"
#include "agent/service/requests.h"
#include "agent/state/values/administration.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/users.h"
#include "base/status/status_macros.h"
#include "microovn/v1/config.pb.h"

namespace microovn::agent {
namespace {

// The member on which it is asked; nothing for who comes with a certificate of
// his own.
std::optional<std::string> WhereAsked(const Caller& caller,
                                      const Membership& member) {
  if (!caller.via.empty()) return caller.via;
  if (!caller.spki_sha256.empty()) return std::nullopt;
  return member.id();
}

ClusterFacts FactsOf(Membership& member) {
  return member.Gather(/*linearizable=*/false, /*probe=*/false,
                       absl::ZeroDuration());
}

// A leader that is new may not have applied what another one has been told.
absl::Status BringUpToDate(Membership& member) {
  if (member.Barrier(kReadTimeout).ok()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckQuorum(member.Gather(/*linearizable=*/false,
                                            /*probe=*/true,
                                            kGatherTimeout - kReadTimeout)));
  return NoLeader();
}

constexpr char kPrefix[] = "configs/";

// Root, and not another one of the group. What a member says of its users is
// what its root says.
bool TakesItBack(const Caller& caller,
                 const google::protobuf::Message& request) {
  const auto* set =
      google::protobuf::DynamicCastToGenerated<v1::UpdateConfigRequest>(
          &request);
  return set != nullptr && caller.uid == 0u &&
         IsWayBack(absl::StripPrefix(set->config().name(), kPrefix),
                   set->config().value());
}

bool AsksForItsSlot(const ClusterState& state, const std::string& member_id,
                    const google::protobuf::Message& request) {
  using google::protobuf::DynamicCastToGenerated;
  if (const auto* set =
          DynamicCastToGenerated<v1::UpdateConfigRequest>(&request)) {
    return IsOwnUpgradeSlot(state, member_id,
                            absl::StripPrefix(set->config().name(), kPrefix),
                            set->config().value());
  }
  const auto* erase = DynamicCastToGenerated<v1::DeleteConfigRequest>(&request);
  return erase != nullptr &&
         IsOwnUpgradeSlot(state, member_id,
                          absl::StripPrefix(erase->name(), kPrefix), "");
}

}  // namespace

absl::Status CheckAdministration(const Caller& caller, Membership& member,
                                 const google::protobuf::Message& request) {
  const std::optional<std::string> where = WhereAsked(caller, member);
  RETURN_IF_ERROR(BringUpToDate(member));
  const auto state = member.state();
  // Let in by what this member knew before, he may have been revoked since.
  if (IsUser(caller)) {
    RETURN_IF_ERROR(CheckUser(
        *state,
        {caller.id, std::string(RoleName(caller.role)), caller.spki_sha256}));
  }
  if (!where.has_value()) return absl::OkStatus();
  if (AsksForItsSlot(*state, *where, request)) return absl::OkStatus();
  const ClusterFacts facts = FactsOf(member);
  RETURN_IF_ERROR(CheckAdministeredOn(*state, facts.voters, *where));
  if (IsUser(caller) || TakesItBack(caller, request)) return absl::OkStatus();
  return CheckAdministeredAtSockets(*state, facts.now);
}

absl::Status CheckNotShutOut(const Caller& caller, Membership& member,
                             absl::string_view key, absl::string_view value) {
  if (key != kConfigAdministration) return absl::OkStatus();
  const auto state = member.state();
  const ClusterFacts facts = FactsOf(member);
  if (value == kAdministrationCertificates && !HasAdmin(*state, facts.now)) {
    return NoAdminCertificate();
  }
  const std::optional<std::string> where = WhereAsked(caller, member);
  if (!where.has_value()) return absl::OkStatus();
  return CheckStaysAdministeredOn(*state, facts.voters, *where, value);
}

}  // namespace microovn::agent
