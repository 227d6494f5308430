#include "agent/service/config_service.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/api/converters.h"
#include "agent/errors/config_errors.h"
#include "agent/service/paging.h"
#include "agent/service/requests.h"
#include "agent/state/values/config_keys.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

// Without an entry nothing is set.
v1::Config Describe(const ConfigKey& key, const statepb::ConfigEntry* entry) {
  v1::Config config;
  config.set_name(absl::StrCat("configs/", key.name));
  config.set_key(std::string(key.name));
  config.set_default_value(std::string(key.default_value));
  config.set_description(std::string(key.description));
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

}  // namespace

grpc::Status ConfigService::ListConfigs(grpc::ServerContext* context,
                                        const v1::ListConfigsRequest* request,
                                        v1::ListConfigsResponse* response) {
  return guard_->Run(
      *context, "microovn.v1.ConfigService/ListConfigs",
      [&](const Caller&) -> absl::Status {
        const auto member = node_->member();
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
        RETURN_IF_ERROR(PrepareRead(member, v1::READ_CONSISTENCY_LINEARIZABLE));
        *response->mutable_config() = Describe(member.state().get(), *key);
        return absl::OkStatus();
      });
}

grpc::Status ConfigService::UpdateConfig(grpc::ServerContext* context,
                                         const v1::UpdateConfigRequest* request,
                                         v1::UpdateConfigResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.ConfigService/UpdateConfig",
      [&](const Caller&, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(const RequestIdentity identity, IdentityOf(*request));
        const v1::Config& wanted = request->config();
        ASSIGN_OR_RETURN(const ConfigKey* key, KeyOf(wanted.name()));
        RETURN_IF_ERROR(ValidateConfig(key->name, wanted.value()));
        if (request->validate_only()) {
          *response->mutable_config() = Describe(member.state().get(), *key);
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
                                         v1::DeleteConfigResponse*) {
  return guard_->RunOnMember(
      *context, "microovn.v1.ConfigService/DeleteConfig",
      [&](const Caller&, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(const RequestIdentity identity, IdentityOf(*request));
        ASSIGN_OR_RETURN(const ConfigKey* key, KeyOf(request->name()));
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
