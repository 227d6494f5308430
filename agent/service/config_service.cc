// SPDX-License-Identifier: Apache-2.0
#include "agent/service/config_service.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/api/converters.h"
#include "agent/errors/config_errors.h"
#include "agent/server/caller.h"
#include "agent/service/administration_check.h"
#include "agent/service/paging.h"
#include "agent/service/requests.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/features.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

// Without an entry nothing is set.
v1::Config Describe(const ConfigKey& key, const statepb::ConfigEntry* entry) {
  v1::Config config;
  config.set_name(absl::StrCat("configs/", key.name));
  config.set_key(std::string(key.name));
  config.set_default_value(std::string(key.default_value));
  config.set_description(std::string(key.description));
  config.set_allowed_values(std::string(key.allowed));
  if (entry != nullptr) {
    config.set_set(true);
    config.set_value(entry->value());
    config.set_etag(absl::StrCat(entry->revision()));
  }
  return config;
}

// `state` may be null.
v1::Config Describe(const ClusterState* state, const ConfigKey& key) {
  return Describe(key,
                  state == nullptr ? nullptr : state->configs.Find(key.name));
}

// "change cluster.voters from 3 to 5"
v1::Plan ChangePlanOf(const v1::Config& now, absl::string_view wanted) {
  const std::string& value = now.set() ? now.value() : now.default_value();
  const auto shown = [](absl::string_view text) {
    return text.empty() ? "nothing" : Shown(text, 80);
  };
  return OneStep(value == wanted
                     ? absl::StrCat("leave ", now.key(), " at ", shown(value))
                     : absl::StrCat("change ", now.key(), " from ",
                                    shown(value), " to ", shown(wanted)));
}

absl::StatusOr<const ConfigKey*> KeyOf(const std::string& resource) {
  ASSIGN_OR_RETURN(const std::string key, ResourceId(resource, "configs"));
  return RequireConfigKey(key);
}

// 0 stands for any revision.
absl::StatusOr<uint64_t> RevisionOf(const std::string& key,
                                    const std::string& etag) {
  uint64_t revision = 0;
  if (!etag.empty() && (!absl::SimpleAtoi(etag, &revision) || revision == 0)) {
    return ConfigChanged(key);
  }
  return revision;
}

// Whether it can be set, whoever asks.
absl::Status CheckValue(const ClusterState& state, absl::string_view key,
                        absl::string_view value) {
  RETURN_IF_ERROR(ValidateConfig(key, value));
  return RequireConfigSupport(state, key, value);
}

// Who administers the cluster is not for operators to say.
absl::Status CheckMaySet(const Caller& caller, absl::string_view key) {
  if (caller.role != Role::kOperator || key != kConfigAdministration) {
    return absl::OkStatus();
  }
  return RoleTooSmall(caller, Role::kAdmin, key);
}

// What is worse for somebody is said whether it is tried or done.
void WriteWarning(absl::string_view key, absl::string_view value,
                  v1::UpdateConfigResponse& response) {
  const std::string warning = ConfigWarning(key, value);
  if (!warning.empty()) response.mutable_plan()->add_warnings(warning);
}

}  // namespace

grpc::Status ConfigService::ListConfigs(grpc::ServerContext* context,
                                        const v1::ListConfigsRequest* request,
                                        v1::ListConfigsResponse* response) {
  return guard_->Run(
      *context, "microovn.v1.ConfigService/ListConfigs",
      [&](const Caller&) -> absl::Status {
        const auto member = node_->member();
        if (member != nullptr) PrepareRead(*context, *member);
        const auto state = member == nullptr ? nullptr : member->state();
        const auto& keys = ConfigKeys();
        ASSIGN_OR_RETURN(const Page page,
                         PageOf(static_cast<int>(keys.size()),
                                request->page_size(), request->page_token()));
        for (int i = page.begin; i < page.end; ++i) {
          *response->add_configs() =
              Describe(state.get(), keys[static_cast<size_t>(i)]);
        }
        response->set_next_page_token(page.next_token);
        return absl::OkStatus();
      });
}

grpc::Status ConfigService::GetConfig(grpc::ServerContext* context,
                                      const v1::GetConfigRequest* request,
                                      v1::GetConfigResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.ConfigService/GetConfig",
      [&](const Caller&, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(const ConfigKey* key, KeyOf(request->name()));
        PrepareRead(*context, member);
        *response->mutable_config() = Describe(member.state().get(), *key);
        return absl::OkStatus();
      });
}

grpc::Status ConfigService::UpdateConfig(grpc::ServerContext* context,
                                         const v1::UpdateConfigRequest* request,
                                         v1::UpdateConfigResponse* response) {
  return guard_->RunAtLeader(
      *context, {"microovn.v1.ConfigService/UpdateConfig", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(
            const RequestIdentity identity,
            IdentityOf(*request, AskerOf(*context, caller, member.id())));
        const v1::Config& wanted = request->config();
        ASSIGN_OR_RETURN(const ConfigKey* key, KeyOf(wanted.name()));
        RETURN_IF_ERROR(CheckMaySet(caller, key->name));
        RETURN_IF_ERROR(CheckValue(*member.state(), key->name, wanted.value()));
        RETURN_IF_ERROR(RequireQuorum(member));
        RETURN_IF_ERROR(
            CheckNotShutOut(caller, member, key->name, wanted.value()));
        WriteWarning(key->name, wanted.value(), *response);
        if (request->validate_only()) {
          const v1::Config now = Describe(member.state().get(), *key);
          response->mutable_plan()->MergeFrom(
              ChangePlanOf(now, wanted.value()));
          *response->mutable_config() = now;
          return absl::OkStatus();
        }
        statepb::Command command = CommandFor(identity);
        statepb::SetConfig* set = command.mutable_set_config();
        set->set_key(std::string(key->name));
        set->set_value(wanted.value());
        ASSIGN_OR_RETURN(const uint64_t revision,
                         RevisionOf(set->key(), wanted.etag()));
        set->set_expected_revision(revision);
        ASSIGN_OR_RETURN(const statepb::Result result,
                         member.Propose(std::move(command), kProposeTimeout));
        *response->mutable_config() = Describe(*key, &result.config());
        return absl::OkStatus();
      });
}

grpc::Status ConfigService::DeleteConfig(grpc::ServerContext* context,
                                         const v1::DeleteConfigRequest* request,
                                         v1::DeleteConfigResponse* response) {
  return guard_->RunAtLeader(
      *context, {"microovn.v1.ConfigService/DeleteConfig", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(
            const RequestIdentity identity,
            IdentityOf(*request, AskerOf(*context, caller, member.id())));
        ASSIGN_OR_RETURN(const ConfigKey* key, KeyOf(request->name()));
        RETURN_IF_ERROR(CheckMaySet(caller, key->name));
        RETURN_IF_ERROR(RequireQuorum(member));
        if (request->validate_only()) {
          *response->mutable_plan() = ChangePlanOf(
              Describe(member.state().get(), *key), key->default_value);
          return absl::OkStatus();
        }
        statepb::Command command = CommandFor(identity);
        statepb::DeleteConfig* erase = command.mutable_delete_config();
        erase->set_key(std::string(key->name));
        ASSIGN_OR_RETURN(const uint64_t revision,
                         RevisionOf(erase->key(), request->etag()));
        erase->set_expected_revision(revision);
        return member.Propose(std::move(command), kProposeTimeout).status();
      });
}

}  // namespace microovn::agent
