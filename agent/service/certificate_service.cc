#include "agent/service/certificate_service.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/service/certificate_listing.h"
#include "agent/service/requests.h"
#include "agent/state/values/certificate_needs.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

// Publishing waits for the leader and for the second that OVS needs between
// two generations.
constexpr absl::Duration kReissueTimeout = absl::Seconds(20);

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

Peer PeerOf(const statepb::Member& member) {
  return {member.member_id(), member.name(), member.address()};
}

absl::StatusOr<v1::ReissueCertificatesResponse> ReissueHere(
    Membership& member, const statepb::Member& self,
    const v1::ReissueCertificatesRequest& request) {
  ASSIGN_OR_RETURN(const std::set<pki::OvnService> services,
                   WantedServices(request.service(), self));
  v1::ReissueCertificatesResponse response;
  if (request.validate_only()) return response;
  const absl::Status status = member.Reissue(services, kReissueTimeout);
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
        for (v1::Certificate& row : ListPublished(
                 pki_directory_, target, user_supplied, clock_->Now())) {
          *response->add_certificates() = std::move(row);
        }
        return absl::OkStatus();
      });
}

grpc::Status CertificateService::ReissueCertificates(
    grpc::ServerContext* context, const v1::ReissueCertificatesRequest* request,
    v1::ReissueCertificatesResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.CertificateService/ReissueCertificates",
      [&](const Caller&, Membership& member) -> absl::Status {
        RETURN_IF_ERROR(CheckRequestId(request->request_id()));
        ASSIGN_OR_RETURN(
            const statepb::Member target,
            RequireMember(*member.state(), request->parent(), member.id()));
        if (target.member_id() != member.id()) {
          ASSIGN_OR_RETURN(*response,
                           member.peers().ReissueCertificates(
                               PeerOf(target), *request, kReissueTimeout));
          return absl::OkStatus();
        }
        ASSIGN_OR_RETURN(*response, ReissueHere(member, target, *request));
        return absl::OkStatus();
      });
}

}  // namespace microovn::agent
