// SPDX-License-Identifier: Apache-2.0
#include "agent/refresh/refresh_certificates.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/status/status_macros.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "microovn/v1/certificate.grpc.pb.h"

namespace microovn::agent {
namespace {

// An agent that has just been started answers by then.
constexpr absl::Duration kDeadline = absl::Seconds(60);

void SetDeadline(grpc::ClientContext& context) {
  context.set_wait_for_ready(true);
  context.set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
}

absl::Status Reissue(v1::CertificateService::Stub& stub,
                     const std::string& service) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ReissueCertificatesRequest request;
  request.set_service(service);
  v1::ReissueCertificatesResponse response;
  RETURN_IF_ERROR(
      FromGrpcStatus(stub.ReissueCertificates(&context, request, &response)));
  if (response.failed().empty()) return absl::OkStatus();
  return absl::UnknownError(response.errors().empty() ? "it was not issued"
                                                      : response.errors(0));
}

}  // namespace

std::vector<std::string> ServicesToReissue(
    const v1::ListCertificatesResponse& certificates, absl::Time now,
    absl::Duration left) {
  std::vector<std::string> services;
  for (const v1::Certificate& certificate : certificates.certificates()) {
    if (certificate.service() == "ca") continue;
    const absl::Time end =
        absl::FromUnixSeconds(certificate.expire_time().seconds());
    if (!certificate.has_expire_time() || !certificate.verified() ||
        end - now <= left) {
      services.push_back(certificate.service());
    }
  }
  return services;
}

absl::Status RefreshCertificates(const std::string& socket, absl::Time now,
                                 absl::Duration left, std::ostream& out) {
  v1::CertificateService::Stub stub(grpc::CreateChannel(
      absl::StrCat("unix:", socket), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ListCertificatesResponse certificates;
  const absl::Status listed = FromGrpcStatus(stub.ListCertificates(
      &context, v1::ListCertificatesRequest(), &certificates));
  if (ReasonOf(listed) == "NOT_BOOTSTRAPPED") return absl::OkStatus();
  RETURN_IF_ERROR(listed);
  absl::Status failure;
  for (const std::string& service :
       ServicesToReissue(certificates, now, left)) {
    const absl::Status issued = Reissue(stub, service);
    out << service << ": " << (issued.ok() ? "reissued" : issued.message())
        << "\n";
    if (!issued.ok()) failure = Annotate(issued, service);
  }
  return failure;
}

}  // namespace microovn::agent
