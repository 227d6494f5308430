// SPDX-License-Identifier: Apache-2.0
#include "agent/service/certificate_service.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/cluster/peer_client.h"
#include "agent/errors/cluster_errors.h"
#include "agent/ovn/connections.h"
#include "agent/service/administration_check.h"
#include "agent/service/certificate_listing.h"
#include "agent/service/requests.h"
#include "agent/service/rotation.h"
#include "agent/state/values/certificate_needs.h"
#include "agent/state/values/member_view.h"
#include "base/crypto/random.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "pki/publishing/served_certificate.h"

namespace microovn::agent {
namespace {

// Publishing waits for the leader and for the second that OVS needs between
// two generations.
constexpr absl::Duration kReissueTimeout = absl::Seconds(20);

// For a daemon of this machine.
constexpr absl::Duration kServedTimeout = absl::Seconds(1);

uint16_t PortOf(pki::OvnService service) {
  return static_cast<uint16_t>(
      service == pki::OvnService::kOvnNb ? kNorthboundPort : kSouthboundPort);
}

std::string EnabledNames(const std::vector<pki::OvnService>& services) {
  return absl::StrJoin(services, ", ",
                       [](std::string* out, pki::OvnService service) {
                         absl::StrAppend(out, pki::OvnServiceName(service));
                       });
}

absl::StatusOr<std::set<pki::OvnService>> WantedServices(
    const std::string& name, const statepb::Member& member) {
  const std::vector<pki::OvnService> needed = EnabledCertificates(member);
  if (name == "all") {
    return std::set<pki::OvnService>(needed.begin(), needed.end());
  }
  ASSIGN_OR_RETURN(const pki::OvnService service, pki::ParseOvnService(name));
  if (std::find(needed.begin(), needed.end(), service) == needed.end()) {
    return MakeError(
        absl::StatusCode::kNotFound,
        absl::StrCat("can't issue certificate for service '", name,
                     "', service is not enabled on this member, enabled "
                     "services: ",
                     EnabledNames(needed)),
        {"CERTIFICATE_SERVICE_NOT_ENABLED", ""});
  }
  return std::set<pki::OvnService>{service};
}

absl::StatusOr<v1::ReissueCertificatesResponse> ReissueHere(
    Membership& member, const statepb::Member& self,
    const v1::ReissueCertificatesRequest& request,
    const statepb::Asker& asker) {
  ASSIGN_OR_RETURN(const std::set<pki::OvnService> services,
                   WantedServices(request.service(), self));
  RETURN_IF_ERROR(RequireQuorum(member));
  v1::ReissueCertificatesResponse response;
  if (request.validate_only()) {
    for (const pki::OvnService service : services) {
      response.mutable_plan()->MergeFrom(OneStep(
          absl::StrCat("issue a new certificate of ",
                       pki::OvnServiceName(service), " on ", self.name())));
    }
    return response;
  }
  const absl::Status status = member.Reissue(services, kReissueTimeout, asker);
  for (const pki::OvnService service : services) {
    const std::string name(pki::OvnServiceName(service));
    if (status.ok()) {
      response.add_reissued(name);
    } else {
      response.add_failed(name);
      response.add_errors(std::string(status.message()));
    }
  }
  return response;
}

}  // namespace

grpc::Status CertificateService::ListCertificates(
    grpc::ServerContext* context, const v1::ListCertificatesRequest* request,
    v1::ListCertificatesResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.CertificateService/ListCertificates",
      [&](const Caller&, Membership& member) -> absl::Status {
        const auto state = member.state();
        ASSIGN_OR_RETURN(const statepb::Member target,
                         RequireMember(*state, request->parent(), member.id()));
        if (target.member_id() != member.id()) {
          ASSIGN_OR_RETURN(*response,
                           member.peers().ListCertificates(
                               PeerOf(target), *request, kProposeTimeout));
          return absl::OkStatus();
        }
        const statepb::Authority* authority =
            state->authorities.Find(AuthorityKey(statepb::PLANE_OVN));
        const bool user_supplied =
            authority != nullptr && authority->user_supplied();
        const auto served = [&](pki::OvnService service) {
          return pki::ServedFingerprint(
              {AddressOf(target).host, PortOf(service)}, pki_directory_,
              kServedTimeout);
        };
        for (v1::Certificate& row :
             ListPublished(pki_directory_, target, user_supplied, clock_->Now(),
                           served)) {
          *response->add_certificates() = std::move(row);
        }
        response->set_custody(member.LocalStatus().custody());
        return absl::OkStatus();
      });
}

grpc::Status CertificateService::ReissueCertificates(
    grpc::ServerContext* context, const v1::ReissueCertificatesRequest* request,
    v1::ReissueCertificatesResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.CertificateService/ReissueCertificates",
      [&](const Caller& caller, Membership& member) -> absl::Status {
        RETURN_IF_ERROR(CheckRequestId(request->request_id()));
        // Its own are any member's to ask for.
        if (!caller.via.empty()) {
          RETURN_IF_ERROR(CheckAdministration(caller, member, *request));
        }
        const statepb::Asker asker = AskerOf(*context, caller, member.id());
        ASSIGN_OR_RETURN(
            const statepb::Member target,
            RequireMember(*member.state(), request->parent(), member.id()));
        if (target.member_id() != member.id()) {
          // Passed on once, and not to this member.
          if (!caller.via.empty()) return MemberNotFound(target.name());
          return member.peers().PassOn(
              PeerOf(target),
              PassedRequestOf(*context, caller, member.id(),
                              "microovn.v1.CertificateService/"
                              "ReissueCertificates",
                              *request),
              kReissueTimeout, response);
        }
        ASSIGN_OR_RETURN(*response,
                         ReissueHere(member, target, *request, asker));
        return absl::OkStatus();
      });
}

grpc::Status CertificateService::RotateAuthority(
    grpc::ServerContext* context, const v1::RotateAuthorityRequest* request,
    google::longrunning::Operation* response) {
  return guard_->RunAtLeader(
      *context,
      {"microovn.v1.CertificateService/RotateAuthority", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(*response, agent::RotateAuthority(
                                        member, *request,
                                        AskerOf(*context, caller, member.id()),
                                        clock_->Now(), RandomSource::Real()));
        return absl::OkStatus();
      });
}

grpc::Status CertificateService::RequestAuthorityCertificate(
    grpc::ServerContext* context,
    const v1::RequestAuthorityCertificateRequest* request,
    v1::RequestAuthorityCertificateResponse* response) {
  return guard_->RunAtLeader(
      *context,
      {"microovn.v1.CertificateService/RequestAuthorityCertificate", request,
       response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(
            *response,
            agent::RequestAuthorityCertificate(
                member, *request, AskerOf(*context, caller, member.id())));
        return absl::OkStatus();
      });
}

}  // namespace microovn::agent
