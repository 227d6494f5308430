// SPDX-License-Identifier: Apache-2.0
#include "agent/state/testing/commands.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/state/apply.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/values/features.h"
#include "agent/state/values/users.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

// FNV-1a: ids of words need to differ, no more.
uint64_t HashOf(absl::string_view word, uint64_t basis) {
  uint64_t hash = basis;
  for (const char c : word) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211u;
  }
  return hash;
}

constexpr uint64_t kBasis = 14695981039346656037u;
constexpr uint64_t kOtherBasis = 88172645463325252u;

std::string AddressOf(absl::string_view name) {
  uint32_t number = 0;
  if (absl::StartsWith(name, "node") &&
      absl::SimpleAtoi(name.substr(4), &number) && number < 250) {
    return absl::StrCat("10.0.0.", number, ":6686");
  }
  const uint64_t hash = HashOf(name, kBasis);
  return absl::StrCat("10.", 1 + hash % 200, ".", (hash >> 8) % 250, ".",
                      1 + (hash >> 16) % 250, ":6686");
}

}  // namespace

std::string TestId(absl::string_view word) {
  return absl::StrFormat("%016x%016x", HashOf(word, kBasis),
                         HashOf(word, kOtherBasis));
}

std::string TestDigest(absl::string_view word) {
  return absl::StrCat(TestId(word), TestId(absl::StrCat(word, "'")));
}

statepb::Member TestMember(absl::string_view name,
                           const std::vector<statepb::Service>& services) {
  statepb::Member member;
  member.set_member_id(TestId(name));
  member.set_name(std::string(name));
  member.set_address(AddressOf(name));
  member.set_certificate_pem(TestCertificatePem(name));
  member.set_sealing_certificate_pem(
      TestCertificatePem(absl::StrCat("sealing-", name)));
  member.add_spki_sha256(TestKeyDigest(name));
  member.set_version("1.0");
  *member.mutable_features() = AnnouncedFeatures();
  for (const statepb::Service service : services) member.add_services(service);
  return member;
}

statepb::Authority TestAuthority(statepb::Plane plane,
                                 const std::vector<std::string>& sealed_for) {
  statepb::Authority authority;
  authority.set_plane(plane);
  authority.set_certificate_pem(TestCertificatePem("ca"));
  authority.set_bundle_pem(TestCertificatePem("ca"));
  authority.set_sealed_key("sealed");
  authority.set_generation(1);
  for (const std::string& id : sealed_for) authority.add_sealed_for(id);
  return authority;
}

statepb::IssuedCertificate TestCertificate(absl::string_view serial_word,
                                           absl::string_view member_name,
                                           absl::string_view service) {
  statepb::IssuedCertificate certificate;
  certificate.set_serial(TestId(serial_word));
  certificate.set_plane(statepb::PLANE_OVN);
  certificate.set_member_id(TestId(member_name));
  certificate.set_service(std::string(service));
  certificate.set_spki_sha256(TestDigest(serial_word));
  certificate.set_not_after_seconds(kTestTime + 1000000);
  return certificate;
}

statepb::Command CommandAt(int64_t time_seconds) {
  statepb::Command command;
  command.set_format(kCommandFormat);
  command.set_time_seconds(time_seconds);
  command.set_clock_seconds(std::max<int64_t>(time_seconds - kTestTime, 0));
  return command;
}

statepb::Command BootstrapCommand(absl::string_view name) {
  statepb::Command command = CommandAt(kTestTime);
  statepb::Bootstrap* body = command.mutable_bootstrap();
  body->set_cluster_id(TestId("cluster"));
  *body->mutable_member() = TestMember(name);
  *body->add_authorities() =
      TestAuthority(statepb::PLANE_CLUSTER, {TestId(name)});
  *body->add_authorities() = TestAuthority(statepb::PLANE_OVN, {TestId(name)});
  *body->add_certificates() =
      TestCertificate(absl::StrCat("serial-", name), name, "member");
  return command;
}

statepb::Command CreateTokenCommand(absl::string_view name,
                                    int64_t time_seconds) {
  statepb::Command command = CommandAt(time_seconds);
  statepb::JoinToken* token = command.mutable_create_token()->mutable_token();
  token->set_token_id(TestId(absl::StrCat("token-", name)));
  token->set_member_name(std::string(name));
  token->set_public_key(TestTokenKey(name));
  token->set_life_seconds(10800);
  return command;
}

statepb::Command AdmitCommand(absl::string_view name, int64_t time_seconds) {
  statepb::Command command = CommandAt(time_seconds);
  statepb::AdmitMember* body = command.mutable_admit_member();
  body->set_token_id(TestId(absl::StrCat("token-", name)));
  *body->mutable_member() = TestMember(name);
  body->set_default_services(true);
  *body->add_certificates() =
      TestCertificate(absl::StrCat("serial-", name), name, "member");
  body->set_request_digest(TestDigest("request"));
  SignAdmission(*body, name, TestId("cluster"));
  return command;
}

statepb::Command ConfirmCommand(absl::string_view name) {
  statepb::Command command = CommandAt(kTestTime);
  command.mutable_confirm_member()->set_member_id(TestId(name));
  return command;
}

statepb::Command RemovalCommand(absl::string_view name,
                                absl::string_view operation_word) {
  statepb::Command command = CommandAt(kTestTime);
  statepb::Operation* operation =
      command.mutable_start_operation()->mutable_operation();
  operation->set_operation_id(TestId(operation_word));
  operation->set_kind(statepb::Operation::KIND_REMOVE_MEMBER);
  operation->set_member_name(std::string(name));
  return command;
}

statepb::Command ServiceCommand(absl::string_view name,
                                statepb::Service service, bool enable,
                                absl::string_view operation_word) {
  statepb::Command command = RemovalCommand(name, operation_word);
  statepb::Operation* operation =
      command.mutable_start_operation()->mutable_operation();
  operation->set_kind(enable ? statepb::Operation::KIND_ENABLE_SERVICE
                             : statepb::Operation::KIND_DISABLE_SERVICE);
  operation->set_service(service);
  return command;
}

statepb::Command SetConfigCommand(absl::string_view key,
                                  absl::string_view value) {
  statepb::Command command = CommandAt(kTestTime);
  command.mutable_set_config()->set_key(std::string(key));
  command.mutable_set_config()->set_value(std::string(value));
  return command;
}

statepb::Command AddUserCommand(absl::string_view name,
                                statepb::User::Role role) {
  statepb::Command command = CommandAt(kTestTime);
  statepb::User* user = command.mutable_add_user()->mutable_user();
  user->set_name(std::string(name));
  user->set_role(role);
  user->set_serial(TestDigest(name).substr(0, 32));
  user->set_certificate_pem(TestCertificatePem(name));
  user->set_spki_sha256(TestKeyDigest(name));
  user->set_issuer_sha256(IssuerDigest(
      TestAuthority(statepb::PLANE_CLUSTER, {}).certificate_pem()));
  user->set_not_after_seconds(kTestTime + 86400);
  return command;
}

statepb::Command RevokeUserCommand(absl::string_view name) {
  statepb::Command command = CommandAt(kTestTime);
  command.mutable_revoke_user()->set_name(std::string(name));
  return command;
}

statepb::Command ReportCommand(const ClusterState& state,
                               absl::string_view name, bool joined) {
  statepb::Command command = CommandAt(kTestTime);
  statepb::ReportMember* body = command.mutable_report_member();
  body->mutable_report()->set_member_id(TestId(name));
  body->mutable_report()->set_converged_revision(state.desired_revision());
  if (joined) {
    body->mutable_report()->add_joined_databases("nb");
    body->mutable_report()->add_joined_databases("sb");
    body->set_nb_cluster_id("nb-uuid");
    body->set_sb_cluster_id("sb-uuid");
  }
  return command;
}

std::vector<statepb::Command> ConvergenceReports(const ClusterState& state) {
  std::vector<statepb::Command> reports;
  for (const auto& [id, record] : state.members.records()) {
    const statepb::MemberReport* known = state.reports.Find(id);
    if (known != nullptr &&
        known->converged_revision() >= state.desired_revision()) {
      continue;
    }
    statepb::MemberReport* report =
        reports.emplace_back().mutable_report_member()->mutable_report();
    report->set_member_id(id);
    report->set_converged_revision(state.desired_revision());
  }
  return reports;
}

ClusterState TestCluster(const std::vector<std::string>& names) {
  ClusterState state;
  for (const std::string& name : names) {
    if (!state.bootstrapped()) {
      MustApply(state, BootstrapCommand(name));
    } else {
      MustApply(state, CreateTokenCommand(name));
      MustApply(state, AdmitCommand(name));
      MustApply(state, ConfirmCommand(name));
    }
    MustApply(state, ReportCommand(state, name, /*joined=*/true));
  }
  return state;
}

statepb::Result MustApply(ClusterState& state,
                          const statepb::Command& command) {
  statepb::Result result = Apply(state, command);
  EXPECT_EQ(result.code(), 0)
      << result.ShortDebugString() << " for " << command.ShortDebugString();
  return result;
}

}  // namespace microovn::agent
