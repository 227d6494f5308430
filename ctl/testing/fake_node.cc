// SPDX-License-Identifier: Apache-2.0
#include "ctl/testing/fake_node.h"

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"

namespace microovn::ctl {
namespace {

v1::Certificate MakeCertificate(const std::string& service) {
  const std::string pki = "/var/snap/microovn/common/data/pki/";
  v1::Certificate certificate;
  certificate.set_service(service);
  certificate.set_certificate_state(v1::Certificate::FILE_STATE_PRESENT);
  certificate.set_key_state(v1::Certificate::FILE_STATE_PRESENT);
  certificate.set_subject(absl::StrCat("CN=", service));
  certificate.set_verified(true);
  SetTime(FakeNow() + absl::Hours(24 * 641), certificate.mutable_expire_time());
  if (service == "ca") {
    certificate.set_certificate_path(pki + "cacert.pem");
    certificate.set_auto_renew(true);
    certificate.set_fingerprint(std::string(64, 'c'));
    return certificate;
  }
  certificate.set_fingerprint(std::string(64, service[0] == 'o' ? '0' : '1'));
  v1::ChainLink* link = certificate.add_chain();
  link->set_subject("CN=ca");
  link->set_fingerprint(std::string(64, 'c'));
  *link->mutable_expire_time() = certificate.expire_time();
  certificate.set_certificate_path(pki + service + "-cert.pem");
  certificate.set_key_path(pki + service + "-privkey.pem");
  if (service == "client") {
    certificate.set_key_state(v1::Certificate::FILE_STATE_MISSING);
  }
  return certificate;
}

void PlayCertificates(FakeAgent* agent) {
  agent->Answer<v1::ListCertificatesRequest, v1::ListCertificatesResponse>(
      kListCertificates, [](const auto&) {
        v1::ListCertificatesResponse response;
        for (const char* service : {"ca", "ovn-controller", "client"}) {
          *response.add_certificates() = MakeCertificate(service);
        }
        response.set_custody("host key");
        return response;
      });
  agent
      ->Answer<v1::ReissueCertificatesRequest, v1::ReissueCertificatesResponse>(
          kReissueCertificates,
          [](const v1::ReissueCertificatesRequest& request)
              -> absl::StatusOr<v1::ReissueCertificatesResponse> {
            if (request.service() == "ovnnb") {
              return MakeError(
                  absl::StatusCode::kFailedPrecondition,
                  "can't issue certificate for service 'ovnnb', service is not "
                  "enabled on this member, enabled services: ovn-controller",
                  {"CERTIFICATE_SERVICE_NOT_ENABLED", "", {}});
            }
            v1::ReissueCertificatesResponse response;
            if (request.service() == "all") {
              response.add_reissued("ovn-controller");
              response.add_failed("client");
              response.add_errors("no space left on device");
            } else {
              response.add_reissued(request.service());
            }
            return response;
          });
}

v1::Config MakeConfig(const std::string& value) {
  v1::Config config;
  config.set_name("configs/ovn.central-ips");
  config.set_key("ovn.central-ips");
  config.set_value(value);
  config.set_set(!value.empty());
  config.set_description("Addresses of an OVN central outside this cluster");
  config.set_default_value("10.0.0.9");
  config.set_allowed_values("addresses, joined by commas");
  return config;
}

constexpr char kSlot[] = "configs/cluster.upgrade-slot";

v1::Config MakeSlot(const std::string& holder) {
  v1::Config config;
  config.set_name(kSlot);
  config.set_value(holder);
  if (!holder.empty()) config.set_etag("7");
  return config;
}

// The upgrade slot alone is kept; the other settings stay as they are.
void PlayConfig(FakeAgent* agent) {
  const auto holder = std::make_shared<std::string>();
  agent->Answer<v1::ListConfigsRequest, v1::ListConfigsResponse>(
      kListConfigs, [](const auto&) {
        v1::ListConfigsResponse response;
        *response.add_configs() = MakeConfig("10.9.9.9");
        return response;
      });
  agent->Answer<v1::GetConfigRequest, v1::GetConfigResponse>(
      kGetConfig, [holder](const v1::GetConfigRequest& request) {
        v1::GetConfigResponse response;
        if (request.name() == kSlot) {
          *response.mutable_config() = MakeSlot(*holder);
          return response;
        }
        *response.mutable_config() = MakeConfig(
            request.name() == "configs/ovn.central-ips" ? "10.9.9.9" : "");
        return response;
      });
  agent->Answer<v1::UpdateConfigRequest, v1::UpdateConfigResponse>(
      kUpdateConfig,
      [holder](const v1::UpdateConfigRequest& request)
          -> absl::StatusOr<v1::UpdateConfigResponse> {
        if (request.config().value() == "127.0.0") {
          return MakeError(absl::StatusCode::kInvalidArgument,
                           "\"127.0.0\" is not an IP address",
                           {"CONFIG_VALUE_INVALID", "", {}});
        }
        v1::UpdateConfigResponse response;
        if (request.validate_only()) {
          response.mutable_plan()->add_steps()->set_description("change it");
        } else if (request.config().name() == kSlot) {
          *holder = request.config().value();
          return response;
        }
        response.mutable_plan()->add_warnings("it is worse then");
        return response;
      });
  agent->Answer<v1::DeleteConfigRequest, v1::DeleteConfigResponse>(
      kDeleteConfig, [holder](const v1::DeleteConfigRequest& request) {
        v1::DeleteConfigResponse response;
        if (request.validate_only()) {
          response.mutable_plan()->add_steps()->set_description("forget it");
        } else if (request.name() == kSlot) {
          holder->clear();
        }
        return response;
      });
}

void PlayLife(bool blank, FakeAgent* agent) {
  agent->Answer<v1::GetClusterRequest, v1::GetClusterResponse>(
      kGetCluster, [blank](const auto&) {
        v1::GetClusterResponse response;
        response.set_state(blank ? v1::GetClusterResponse::STATE_UNINITIALIZED
                                 : v1::GetClusterResponse::STATE_READY);
        if (!blank) response.set_member("node1");
        response.set_ovn_version("23.03.1");
        return response;
      });
  agent->Answer<v1::BootstrapClusterRequest, v1::BootstrapClusterResponse>(
      kBootstrapCluster,
      [blank](const v1::BootstrapClusterRequest& request)
          -> absl::StatusOr<v1::BootstrapClusterResponse> {
        if (!blank) {
          return MakeError(absl::StatusCode::kFailedPrecondition,
                           "this node is a member of a cluster already",
                           {"ALREADY_BOOTSTRAPPED", "", {}});
        }
        v1::BootstrapClusterResponse response;
        if (request.node().encap_ip() == "192.0.2.1") {
          response.add_warnings("192.0.2.1 is not an address of this node");
        }
        return response;
      });
  agent->Answer<v1::JoinClusterRequest, v1::JoinClusterResponse>(
      kJoinCluster,
      [](const v1::JoinClusterRequest& request)
          -> absl::StatusOr<v1::JoinClusterResponse> {
        if (request.node().address() == "10.0.0.66") {
          return MakeError(absl::StatusCode::kFailedPrecondition,
                           "the join token has expired",
                           {"TOKEN_EXPIRED",
                            "make a new one with: microovn cluster add NAME",
                            {}});
        }
        return v1::JoinClusterResponse();
      });
}

}  // namespace

absl::Time FakeNow() { return absl::FromUnixSeconds(1'800'000'000); }

void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp) {
  timestamp->set_seconds(absl::ToUnixSeconds(time));
}

std::string FakeToken() {
  return absl::Base64Escape("{\"name\":\"node4\",\"id\":\"0123\"}");
}

void PlayNode(bool blank, FakeAgent* agent) {
  PlayLife(blank, agent);
  if (blank) return;
  PlayCertificates(agent);
  PlayConfig(agent);
}

}  // namespace microovn::ctl
