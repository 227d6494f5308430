// SPDX-License-Identifier: Apache-2.0
#include "agent/state/apply/validate.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/values/member_view.h"
#include "agent/state/values/stamp.h"
#include "base/crypto/random.h"
#include "base/status/status_macros.h"
#include "pki/name/member_name.h"

namespace microovn::agent {
namespace {

constexpr int kMaxFeatures = 64;
constexpr size_t kMaxFeatureName = 64;
constexpr size_t kMaxKeys = 4;
constexpr int kMaxArguments = 16;
constexpr size_t kMaxDaemons = 64;
constexpr uint64_t kMaxGeneration = uint64_t{1} << 32;
constexpr size_t kMaxSteps = 32;
constexpr size_t kMaxSealedKeyBytes = 64 << 10;
constexpr size_t kMaxSealedFor = 16;
// 160 bits: RFC 5280 section 4.1.2.2 allows 20 octets.
constexpr size_t kMaxSerialDigits = 40;
constexpr size_t kMaxWordBytes = 64;
constexpr size_t kMaxAskerBytes = 256;

bool IsHex(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(c) && (c < 'a' || c > 'f')) return false;
  }
  return !text.empty();
}

absl::Status CheckWord(absl::string_view field, absl::string_view value) {
  return CheckText(field, value, kMaxWordBytes);
}

absl::Status CheckIdentity(const statepb::Member& member,
                           CertificateReading reading) {
  RETURN_IF_ERROR(CheckMemberCertificate(member.certificate_pem(),
                                         member.spki_sha256(), reading));
  if (!member.sealing_certificate_pem().empty()) {
    RETURN_IF_ERROR(
        CheckSealingCertificate(member.sealing_certificate_pem(), reading));
  }
  return CheckKeys(member.spki_sha256());
}

absl::Status CheckRecipients(
    const google::protobuf::RepeatedPtrField<std::string>& ids) {
  if (ids.empty() || static_cast<size_t>(ids.size()) > kMaxSealedFor) {
    return CommandMalformed("count", "sealed-for");
  }
  std::set<std::string> seen;
  for (const std::string& id : ids) {
    RETURN_IF_ERROR(CheckId("sealed-for", id));
    if (!seen.insert(id).second) {
      return CommandMalformed("twice", "sealed-for");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckArguments(
    const google::protobuf::RepeatedPtrField<statepb::Argument>& arguments) {
  if (arguments.size() > kMaxArguments) {
    return CommandMalformed("too-many", "arguments");
  }
  for (const statepb::Argument& argument : arguments) {
    RETURN_IF_ERROR(CheckWord("argument-name", argument.name()));
    RETURN_IF_ERROR(CheckText("argument", argument.value(), kMaxTextBytes));
  }
  return absl::OkStatus();
}

absl::Status CheckDaemons(const statepb::MemberReport& report) {
  if (static_cast<size_t>(report.daemons_size()) > kMaxDaemons) {
    return CommandMalformed("too-many", "daemons");
  }
  for (const statepb::ObservedDaemon& daemon : report.daemons()) {
    RETURN_IF_ERROR(CheckWord("daemon", daemon.unit()));
  }
  if (static_cast<size_t>(report.lives_size()) > kMaxDaemons) {
    return CommandMalformed("too-many", "lives");
  }
  for (const statepb::DaemonLife& life : report.lives()) {
    RETURN_IF_ERROR(CheckWord("daemon", life.unit()));
  }
  return absl::OkStatus();
}

absl::Status CheckJoinedDatabases(const statepb::MemberReport& report) {
  if (report.joined_databases_size() > 2) {
    return CommandMalformed("too-many", "joined-databases");
  }
  for (const std::string& name : report.joined_databases()) {
    if (name != "nb" && name != "sb") {
      return CommandMalformed("unknown", "joined-databases");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckId(absl::string_view field, absl::string_view value) {
  if (IsId(value)) return absl::OkStatus();
  return CommandMalformed("not-an-id", field);
}

absl::Status CheckName(absl::string_view name) {
  if (pki::IsMemberName(name)) return absl::OkStatus();
  return CommandMalformed("malformed", "member-name");
}

absl::Status CheckText(absl::string_view field, absl::string_view value,
                       size_t limit) {
  if (value.size() <= limit) return absl::OkStatus();
  return CommandMalformed("too-long", field);
}

absl::Status CheckDigest(absl::string_view field, absl::string_view value) {
  if (value.size() == 64 && IsHex(value)) return absl::OkStatus();
  return CommandMalformed("not-a-sha256", field);
}

// Nobody may be able to open a key any more.
absl::Status CheckHolders(
    const google::protobuf::RepeatedPtrField<std::string>& ids) {
  return ids.empty() ? absl::OkStatus() : CheckRecipients(ids);
}

absl::Status CheckPlane(statepb::Plane plane) {
  if (plane == statepb::PLANE_CLUSTER || plane == statepb::PLANE_OVN) {
    return absl::OkStatus();
  }
  return CommandMalformed("unknown", "plane");
}

absl::Status CheckServices(
    const google::protobuf::RepeatedField<int>& services) {
  std::set<int> seen;
  for (const int service : services) {
    if (service < statepb::SERVICE_CENTRAL ||
        service > statepb::SERVICE_SWITCH) {
      return CommandMalformed("unknown", "services");
    }
    if (!seen.insert(service).second) {
      return CommandMalformed("twice", "services");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckKeys(
    const google::protobuf::RepeatedPtrField<std::string>& spki_sha256) {
  const size_t count = static_cast<size_t>(spki_sha256.size());
  if (count == 0 || count > kMaxKeys) {
    return CommandMalformed("count", "keys");
  }
  std::set<std::string> seen;
  for (const std::string& digest : spki_sha256) {
    RETURN_IF_ERROR(CheckDigest("key", digest));
    if (!seen.insert(digest).second) {
      return CommandMalformed("twice", "keys");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMember(const statepb::Member& member,
                         CertificateReading reading) {
  RETURN_IF_ERROR(CheckId("member-id", member.member_id()));
  RETURN_IF_ERROR(CheckName(member.name()));
  const absl::string_view unreadable = UnreadableField(member);
  if (!unreadable.empty()) return CommandMalformed("not-canonical", unreadable);
  RETURN_IF_ERROR(CheckServices(member.services()));
  RETURN_IF_ERROR(CheckFeatures(member.features()));
  RETURN_IF_ERROR(CheckIdentity(member, reading));
  return CheckWord("version", member.version());
}

absl::Status CheckSealedKey(absl::string_view sealed_key) {
  RETURN_IF_ERROR(CheckText("sealed-key", sealed_key, kMaxSealedKeyBytes));
  if (sealed_key.empty() || absl::StrContains(sealed_key, "PRIVATE KEY")) {
    return CommandMalformed("not-sealed", "sealed-key");
  }
  return absl::OkStatus();
}

absl::Status CheckIssuer(const statepb::Authority& authority,
                         CertificateReading reading) {
  RETURN_IF_ERROR(CheckPlane(authority.plane()));
  RETURN_IF_ERROR(CheckCaCertificates(
      "ca-certificate", authority.certificate_pem(), kMaxBundleBytes, reading));
  return CheckSealedKey(authority.sealed_key());
}

absl::Status CheckRequested(const statepb::Authority& requested) {
  RETURN_IF_ERROR(CheckPlane(requested.plane()));
  RETURN_IF_ERROR(CheckSealedKey(requested.sealed_key()));
  RETURN_IF_ERROR(
      CheckText("ca-request", requested.request_pem(), kMaxCertificateBytes));
  if (!absl::StrContains(requested.request_pem(),
                         "-----BEGIN CERTIFICATE REQUEST-----") ||
      absl::StrContains(requested.request_pem(), "PRIVATE KEY")) {
    return CommandMalformed("malformed", "ca-request");
  }
  return CheckHolders(requested.sealed_for());
}

// What members that were set aside come back by.
absl::Status CheckLink(const statepb::Authority& authority,
                       CertificateReading reading) {
  if (!authority.cross_certificate_pem().empty()) {
    RETURN_IF_ERROR(CheckCaCertificates("cross-certificate",
                                        authority.cross_certificate_pem(),
                                        kMaxCertificateBytes, reading));
  }
  if (!authority.has_retired()) return absl::OkStatus();
  if (!authority.retired().sealed_key().empty()) {
    return CommandMalformed("private-key", "retired");
  }
  return CheckCaCertificates("retired", authority.retired().certificate_pem(),
                             kMaxBundleBytes, reading);
}

// The one that issues beside it while a CA is replaced.
absl::Status CheckOther(const statepb::Authority& authority,
                        CertificateReading reading) {
  if (!authority.has_other()) return absl::OkStatus();
  const statepb::Authority& other = authority.other();
  RETURN_IF_ERROR(CheckIssuer(other, reading));
  if (other.has_other() || other.plane() != authority.plane()) {
    return CommandMalformed("malformed", "other");
  }
  return CheckHolders(other.sealed_for());
}

absl::Status CheckAuthority(const statepb::Authority& authority,
                            CertificateReading reading) {
  RETURN_IF_ERROR(CheckIssuer(authority, reading));
  if (authority.generation() > kMaxGeneration) {
    return CommandMalformed("out-of-range", "generation");
  }
  RETURN_IF_ERROR(CheckCaCertificates("bundle", authority.bundle_pem(),
                                      2 * kMaxBundleBytes, reading));
  RETURN_IF_ERROR(CheckOther(authority, reading));
  if (authority.has_requested()) {
    RETURN_IF_ERROR(CheckRequested(authority.requested()));
  }
  RETURN_IF_ERROR(CheckLink(authority, reading));
  return CheckRecipients(authority.sealed_for());
}

absl::Status CheckSerial(absl::string_view serial) {
  if (serial.size() <= kMaxSerialDigits && IsHex(serial)) {
    return absl::OkStatus();
  }
  return CommandMalformed("malformed", "serial");
}

absl::Status CheckCertificate(const statepb::IssuedCertificate& certificate) {
  RETURN_IF_ERROR(CheckSerial(certificate.serial()));
  RETURN_IF_ERROR(CheckPlane(certificate.plane()));
  RETURN_IF_ERROR(CheckId("certificate-member", certificate.member_id()));
  RETURN_IF_ERROR(CheckWord("certificate-service", certificate.service()));
  if (certificate.service().empty() || certificate.not_after_seconds() <= 0 ||
      certificate.not_after_seconds() > kMaxSeconds) {
    return CommandMalformed("missing", "certificate");
  }
  return CheckDigest("certificate-key", certificate.spki_sha256());
}

absl::Status CheckReport(const statepb::MemberReport& report) {
  RETURN_IF_ERROR(CheckId("member-id", report.member_id()));
  RETURN_IF_ERROR(CheckDaemons(report));
  RETURN_IF_ERROR(CheckJoinedDatabases(report));
  const std::pair<absl::string_view, absl::string_view> words[] = {
      {"datapath", report.datapath()},
      {"ovn-version", report.ovn_version()},
      {"ovs-version", report.ovs_version()},
      {"custody", report.custody()},
      {"agent-run", report.agent_run()},
      {"version", report.version()},
      {"server-id", report.nb_server_id()},
      {"server-id", report.sb_server_id()},
      {"schema", report.expected_nb_schema()},
      {"schema", report.expected_sb_schema()}};
  for (const auto& [field, word] : words) {
    RETURN_IF_ERROR(CheckWord(field, word));
  }
  return CheckText("problem", report.problem(), kMaxTextBytes);
}

absl::Status CheckAsker(const statepb::Command& command) {
  const statepb::Asker& asker = command.asker();
  RETURN_IF_ERROR(CheckText("asker", asker.user(), kMaxAskerBytes));
  RETURN_IF_ERROR(CheckText("asker", asker.operator_(), kMaxAskerBytes));
  if (!asker.member_id().empty()) {
    RETURN_IF_ERROR(CheckId("asker", asker.member_id()));
  }
  if (!asker.via_member_id().empty()) {
    RETURN_IF_ERROR(CheckId("asker", asker.via_member_id()));
  }
  if (command.passed_by().empty()) return absl::OkStatus();
  return CheckId("passed-by", command.passed_by());
}

absl::Status CheckFeatures(
    const google::protobuf::RepeatedPtrField<statepb::FeatureLevel>& features) {
  if (features.size() > kMaxFeatures) {
    return CommandMalformed("too-many", "features");
  }
  absl::string_view last;
  for (const statepb::FeatureLevel& feature : features) {
    const std::string& name = feature.name();
    if (name.size() > kMaxFeatureName ||
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") !=
            std::string::npos) {
      return CommandMalformed("malformed", "features");
    }
    // The empty name is not after the first.
    if (name <= last || feature.level() == 0) {
      return CommandMalformed("not-in-order", "features");
    }
    last = name;
  }
  return absl::OkStatus();
}

absl::Status CheckSteps(
    const google::protobuf::RepeatedPtrField<statepb::OperationStep>& steps) {
  if (static_cast<size_t>(steps.size()) > kMaxSteps) {
    return CommandMalformed("too-many", "steps");
  }
  for (const statepb::OperationStep& step : steps) {
    RETURN_IF_ERROR(CheckWord("step-id", step.id()));
    RETURN_IF_ERROR(CheckArguments(step.arguments()));
    RETURN_IF_ERROR(CheckText("step-detail", step.detail(), kMaxTextBytes));
    if (static_cast<size_t>(step.member_ids_size()) > kMaxMembers) {
      return CommandMalformed("too-many", "step-members");
    }
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
