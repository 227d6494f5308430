// SPDX-License-Identifier: Apache-2.0
#include "agent/service/administration_check.h"

#include <optional>
#include <set>

#include "absl/strings/strip.h"
#include "agent/errors/leader_errors.h"
#include "agent/service/requests.h"
#include "agent/state/values/administration.h"
#include "agent/state/values/config_keys.h"
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

std::set<std::string> Voters(Membership& member) {
  return member
      .Gather(/*linearizable=*/false, /*probe=*/false, absl::ZeroDuration())
      .voters;
}

// A leader that is new may not have applied what another one has been told.
absl::Status BringUpToDate(Membership& member) {
  if (member.Barrier(kReadTimeout).ok()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckQuorum(member.Gather(/*linearizable=*/false,
                                            /*probe=*/true,
                                            kGatherTimeout - kReadTimeout)));
  return NoLeader();
}

bool AsksForItsSlot(const ClusterState& state, const std::string& member_id,
                    const google::protobuf::Message& request) {
  constexpr char kPrefix[] = "configs/";
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
  if (!where.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(BringUpToDate(member));
  const auto state = member.state();
  if (AsksForItsSlot(*state, *where, request)) return absl::OkStatus();
  return CheckAdministeredOn(*state, Voters(member), *where);
}

absl::Status CheckNotShutOut(const Caller& caller, Membership& member,
                             absl::string_view key, absl::string_view value) {
  const std::optional<std::string> where = WhereAsked(caller, member);
  if (key != kConfigAdministration || !where.has_value()) {
    return absl::OkStatus();
  }
  return CheckStaysAdministeredOn(*member.state(), Voters(member), *where,
                                  value);
}

}  // namespace microovn::agent
