// SPDX-License-Identifier: Apache-2.0
// microovn.v1.CertificateService: what is published on this node, and new
// ones. Requests for another member are passed to it. Thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_CERTIFICATE_SERVICE_H_
#define MICROOVN_AGENT_SERVICE_CERTIFICATE_SERVICE_H_

#include <string>

#include "agent/service/call_guard.h"
#include "base/time/clock.h"
#include "microovn/v1/certificate.grpc.pb.h"

namespace microovn::agent {

class CertificateService final : public v1::CertificateService::Service {
 public:
  // `guard` and `clock` are borrowed and outlive the server;
  // `pki_directory` is ROOT/data/pki.
  CertificateService(const CallGuard* guard, const Clock* clock,
                     std::string pki_directory)
      : guard_(guard),
        clock_(clock),
        pki_directory_(std::move(pki_directory)) {}

  grpc::Status ListCertificates(
      grpc::ServerContext* context, const v1::ListCertificatesRequest* request,
      v1::ListCertificatesResponse* response) override;
  grpc::Status ReissueCertificates(
      grpc::ServerContext* context,
      const v1::ReissueCertificatesRequest* request,
      v1::ReissueCertificatesResponse* response) override;
  grpc::Status RequestAuthorityCertificate(
      grpc::ServerContext* context,
      const v1::RequestAuthorityCertificateRequest* request,
      v1::RequestAuthorityCertificateResponse* response) override;
  grpc::Status RotateAuthority(
      grpc::ServerContext* context, const v1::RotateAuthorityRequest* request,
      google::longrunning::Operation* response) override;

 private:
  const CallGuard* const guard_;
  const Clock* const clock_;
  const std::string pki_directory_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_CERTIFICATE_SERVICE_H_
