// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/admission_statement.h"

#include "absl/strings/str_cat.h"

namespace microovn::agent {
namespace {

namespace statepb = ::microovn::internal::state::v1;

// "default", or the numbers in the order in which they are asked for.
// Both if a request says both: it is signed as it is.
std::string Services(const statepb::AdmitMember& admission) {
  std::string words = admission.default_services() ? "default" : "";
  for (const int service : admission.member().services()) {
    absl::StrAppend(&words, ",", service);
  }
  return words;
}

// A name with its length, so that none can look like two.
std::string Features(const statepb::Member& member) {
  std::string words;
  for (const statepb::FeatureLevel& feature : member.features()) {
    absl::StrAppend(&words, feature.name().size(), ":", feature.name(), "=",
                    feature.level(), ",");
  }
  return words;
}

}  // namespace

pki::JoinStatement StatementOf(const std::string& cluster_id,
                               const statepb::AdmitMember& admission) {
  const statepb::Member& member = admission.member();
  pki::JoinStatement statement;
  statement.cluster_id = cluster_id;
  statement.token_id = admission.token_id();
  statement.name = member.name();
  statement.address = member.address();
  statement.request_fingerprint = admission.request_digest();
  statement.encap_ip = member.encap_ip();
  statement.sealing_certificate_pem = member.sealing_certificate_pem();
  statement.services = Services(admission);
  statement.features = Features(member);
  statement.version = member.version();
  statement.incarnation = member.incarnation();
  return statement;
}

}  // namespace microovn::agent
