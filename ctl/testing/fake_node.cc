#include "ctl/testing/fake_node.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"

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
    return certificate;
  }
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
  return config;
}

void PlayConfig(FakeAgent* agent) {
  agent->Answer<v1::ListConfigsRequest, v1::ListConfigsResponse>(
      kListConfigs, [](const auto&) {
        v1::ListConfigsResponse response;
        *response.add_configs() = MakeConfig("10.9.9.9");
        return response;
      });
  agent->Answer<v1::GetConfigRequest, v1::GetConfigResponse>(
      kGetConfig, [](const v1::GetConfigRequest& request) {
        v1::GetConfigResponse response;
        *response.mutable_config() = MakeConfig(
            request.name() == "configs/ovn.central-ips" ? "10.9.9.9" : "");
        return response;
      });
  agent->Answer<v1::UpdateConfigRequest, v1::UpdateConfigResponse>(
      kUpdateConfig,
      [](const v1::UpdateConfigRequest& request)
          -> absl::StatusOr<v1::UpdateConfigResponse> {
        if (request.config().value() == "127.0.0") {
          return MakeError(absl::StatusCode::kInvalidArgument,
                           "\"127.0.0\" is not an IP address",
                           {"CONFIG_VALUE_INVALID", "", {}});
        }
        return v1::UpdateConfigResponse();
      });
  agent->Answer<v1::DeleteConfigRequest, v1::DeleteConfigResponse>(
      kDeleteConfig, [](const auto&) { return v1::DeleteConfigResponse(); });
}

void PlayLife(bool blank, FakeAgent* agent) {
  agent->Answer<v1::GetClusterRequest, v1::GetClusterResponse>(
      kGetCluster, [blank](const auto&) {
        v1::GetClusterResponse response;
        response.set_state(blank ? v1::GetClusterResponse::STATE_UNINITIALIZED
                                 : v1::GetClusterResponse::STATE_READY);
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
