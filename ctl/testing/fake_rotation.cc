// SPDX-License-Identifier: Apache-2.0
#include "ctl/testing/fake_rotation.h"

#include <string>

#include "absl/strings/match.h"
#include "base/status/error.h"
#include "ctl/client/rpc.h"
#include "ctl/testing/fake_node.h"
#include "microovn/v1/plan.pb.h"

namespace microovn::ctl {
namespace {

using google::longrunning::Operation;

Operation Rotation(bool done) {
  v1::OperationMetadata metadata;
  metadata.set_kind("rotate-ovn-ca");
  metadata.set_target("authorities/ovn");
  SetTime(FakeNow(), metadata.mutable_create_time());
  for (const char* step : {"trust the new OVN CA beside the old one",
                           "issue all certificates of the OVN CA anew"}) {
    v1::Step* added = metadata.mutable_plan()->add_steps();
    added->set_description(step);
    added->add_members("node1");
    added->add_members("node2");
    added->set_state(done ? v1::Step::STATE_DONE : v1::Step::STATE_RUNNING);
  }
  Operation operation;
  operation.set_name(kFakeRotation);
  operation.set_done(done);
  operation.mutable_metadata()->PackFrom(metadata);
  return operation;
}

absl::StatusOr<Operation> Answer(const v1::RotateAuthorityRequest& request) {
  if (absl::StrContains(request.ca_certificate_pem(), "SAME")) {
    Operation operation;
    operation.set_name("operations/none");
    operation.set_done(true);
    operation.mutable_response()->PackFrom(v1::RotateAuthorityResult());
    return operation;
  }
  if (absl::StrContains(request.ca_certificate_pem(), "UNFIT")) {
    return MakeError(absl::StatusCode::kInvalidArgument,
                     "the certificate authority is not usable: it has expired",
                     {"CA_INVALID", "give another", {}});
  }
  if (absl::StrContains(request.ca_certificate_pem(), "STRANGE")) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "no key waits for the certificate of a CA",
                     {"CA_NOT_REQUESTED", "make one", {}});
  }
  if (request.set_aside_offline()) return RotatedCa(/*set_aside=*/true);
  return Rotation(request.validate_only());
}

}  // namespace

Operation RotatedCa(bool set_aside) {
  v1::RotateAuthorityResult result;
  result.set_issued(true);
  for (const char* name : {"node1", "node2"}) {
    v1::MemberCertificates* member = result.add_members();
    member->set_member(name);
    const bool late = set_aside && member->member() == "node2";
    for (const char* service : {"ovnnb", "client"}) {
      late ? member->add_failed(service) : member->add_reissued(service);
    }
    if (late) result.add_errors("node2 was set aside");
  }
  Operation operation = Rotation(/*done=*/true);
  operation.mutable_response()->PackFrom(result);
  return operation;
}

void PlayRotation(FakeAgent* agent) {
  agent->Answer<v1::RotateAuthorityRequest, Operation>(kRotateAuthority,
                                                       Answer);
  agent->Answer<v1::RequestAuthorityCertificateRequest,
                v1::RequestAuthorityCertificateResponse>(
      kRequestAuthorityCertificate,
      [](const v1::RequestAuthorityCertificateRequest& request) {
        v1::RequestAuthorityCertificateResponse response;
        if (request.validate_only()) {
          response.mutable_plan()->add_steps()->set_description(
              "make a key for the OVN CA and seal it for the voters");
        } else {
          response.set_certificate_request_pem(
              "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n"
              "-----END CERTIFICATE REQUEST-----\n");
        }
        return response;
      });
}

}  // namespace microovn::ctl
