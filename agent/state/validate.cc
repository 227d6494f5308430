#include "agent/state/validate.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "base/host_port.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "pki/member_name.h"

namespace microovn::agent {
namespace {

constexpr int kMaxFeatures = 64;
constexpr size_t kMaxFeatureName = 64;
constexpr size_t kMaxKeys = 4;
constexpr int kMaxArguments = 16;
constexpr size_t kMaxDaemons = 64;
constexpr size_t kMaxSteps = 32;
constexpr size_t kMaxSealedKeyBytes = 64 << 10;
constexpr size_t kMaxSealedFor = 16;
// 160 bits: RFC 5280 section 4.1.2.2 allows 20 octets.
constexpr size_t kMaxSerialDigits = 40;
constexpr size_t kMaxWordBytes = 64;

bool IsHex(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(c) && (c < 'a' || c > 'f')) return false;
  }
  return !text.empty();
}

absl::Status CheckWord(absl::string_view field, absl::string_view value) {
  return CheckText(field, value, kMaxWordBytes);
}

absl::Status CheckAddresses(const statepb::Member& member) {
  ASSIGN_OR_RETURN(const HostPort address, ParseHostPort(member.address()));
  if (FormatHostPort(address) != member.address()) {
    return CommandMalformed("the address is not in its canonical form");
  }
  if (member.encap_ip().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string encap, ParseIpAddress(member.encap_ip()));
  if (encap == member.encap_ip()) return absl::OkStatus();
  return CommandMalformed(
      "the encapsulation address is not in its canonical form");
}

absl::Status CheckIdentity(const statepb::Member& member) {
  RETURN_IF_ERROR(CheckPem("the certificate", member.certificate_pem(),
                           kMaxCertificateBytes));
  if (!member.sealing_certificate_pem().empty()) {
    RETURN_IF_ERROR(CheckPem("the sealing certificate",
                             member.sealing_certificate_pem(),
                             kMaxCertificateBytes));
  }
  return CheckKeys(member.spki_sha256());
}

absl::Status CheckRecipients(
    const google::protobuf::RepeatedPtrField<std::string>& ids) {
  if (ids.empty() || static_cast<size_t>(ids.size()) > kMaxSealedFor) {
    return CommandMalformed(
        absl::StrCat("a key is sealed for one to ", kMaxSealedFor, " members"));
  }
  std::set<std::string> seen;
  for (const std::string& id : ids) {
    RETURN_IF_ERROR(CheckId("a recipient", id));
    if (!seen.insert(id).second) {
      return CommandMalformed("a recipient is named twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckArguments(
    const google::protobuf::RepeatedPtrField<statepb::Argument>& arguments) {
  if (arguments.size() > kMaxArguments) {
    return CommandMalformed("there are too many arguments");
  }
  for (const statepb::Argument& argument : arguments) {
    RETURN_IF_ERROR(CheckWord("an argument's name", argument.name()));
    RETURN_IF_ERROR(CheckText("an argument", argument.value(), kMaxTextBytes));
  }
  return absl::OkStatus();
}

absl::Status CheckDaemons(const statepb::MemberReport& report) {
  if (static_cast<size_t>(report.daemons_size()) > kMaxDaemons) {
    return CommandMalformed("a report names too many daemons");
  }
  for (const statepb::ObservedDaemon& daemon : report.daemons()) {
    RETURN_IF_ERROR(CheckWord("a daemon's name", daemon.unit()));
  }
  return absl::OkStatus();
}

absl::Status CheckJoinedDatabases(const statepb::MemberReport& report) {
  if (report.joined_databases_size() > 2) {
    return CommandMalformed("a report names too many databases");
  }
  for (const std::string& name : report.joined_databases()) {
    if (name != "nb" && name != "sb") {
      return CommandMalformed("a report names an unknown database");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckId(absl::string_view field, absl::string_view value) {
  if (IsId(value)) return absl::OkStatus();
  return CommandMalformed(
      absl::StrCat(field, " is not 32 lower-case hexadecimal digits"));
}

absl::Status CheckText(absl::string_view field, absl::string_view value,
                       size_t limit) {
  if (value.size() <= limit) return absl::OkStatus();
  return CommandMalformed(
      absl::StrCat(field, " is longer than ", limit, " bytes"));
}

absl::Status CheckDigest(absl::string_view field, absl::string_view value) {
  if (value.size() == 64 && IsHex(value)) return absl::OkStatus();
  return CommandMalformed(
      absl::StrCat(field, " is not a SHA-256 in lower-case hexadecimal"));
}

absl::Status CheckPem(absl::string_view field, absl::string_view value,
                      size_t limit) {
  RETURN_IF_ERROR(CheckText(field, value, limit));
  if (!absl::StrContains(value, "-----BEGIN CERTIFICATE-----")) {
    return CommandMalformed(absl::StrCat(field, " holds no certificate"));
  }
  if (absl::StrContains(value, "PRIVATE KEY")) {
    return CommandMalformed(absl::StrCat(field, " holds a private key"));
  }
  return absl::OkStatus();
}

absl::Status CheckPlane(statepb::Plane plane) {
  if (plane == statepb::PLANE_CLUSTER || plane == statepb::PLANE_OVN) {
    return absl::OkStatus();
  }
  return CommandMalformed("the plane is not known");
}

absl::Status CheckServices(
    const google::protobuf::RepeatedField<int>& services) {
  std::set<int> seen;
  for (const int service : services) {
    if (service < statepb::SERVICE_CENTRAL ||
        service > statepb::SERVICE_SWITCH) {
      return CommandMalformed("a service is not known");
    }
    if (!seen.insert(service).second) {
      return CommandMalformed("a service is named twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckKeys(
    const google::protobuf::RepeatedPtrField<std::string>& spki_sha256) {
  const size_t count = static_cast<size_t>(spki_sha256.size());
  if (count == 0 || count > kMaxKeys) {
    return CommandMalformed(
        absl::StrCat("a member has one to ", kMaxKeys, " keys"));
  }
  std::set<std::string> seen;
  for (const std::string& digest : spki_sha256) {
    RETURN_IF_ERROR(CheckDigest("a key's digest", digest));
    if (!seen.insert(digest).second) {
      return CommandMalformed("a key is named twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMember(const statepb::Member& member) {
  RETURN_IF_ERROR(CheckId("the member's id", member.member_id()));
  RETURN_IF_ERROR(pki::CheckMemberName(member.name()));
  RETURN_IF_ERROR(CheckAddresses(member));
  RETURN_IF_ERROR(CheckServices(member.services()));
  RETURN_IF_ERROR(CheckFeatures(member.features()));
  RETURN_IF_ERROR(CheckIdentity(member));
  return CheckWord("the version", member.version());
}

absl::Status CheckAuthority(const statepb::Authority& authority) {
  RETURN_IF_ERROR(CheckPlane(authority.plane()));
  RETURN_IF_ERROR(CheckPem("the CA's certificate", authority.certificate_pem(),
                           kMaxBundleBytes));
  RETURN_IF_ERROR(
      CheckPem("the bundle", authority.bundle_pem(), kMaxBundleBytes));
  RETURN_IF_ERROR(
      CheckText("the sealed key", authority.sealed_key(), kMaxSealedKeyBytes));
  if (authority.sealed_key().empty() ||
      absl::StrContains(authority.sealed_key(), "PRIVATE KEY")) {
    return CommandMalformed("the CA's key is not sealed");
  }
  return CheckRecipients(authority.sealed_for());
}

absl::Status CheckCertificate(const statepb::IssuedCertificate& certificate) {
  if (certificate.serial().size() > kMaxSerialDigits ||
      !IsHex(certificate.serial())) {
    return CommandMalformed(absl::StrCat("a serial number is not 1 to ",
                                         kMaxSerialDigits,
                                         " lower-case hexadecimal digits"));
  }
  RETURN_IF_ERROR(CheckPlane(certificate.plane()));
  RETURN_IF_ERROR(CheckId("the certificate's member", certificate.member_id()));
  RETURN_IF_ERROR(
      CheckWord("the certificate's service", certificate.service()));
  if (certificate.service().empty() || certificate.not_after_seconds() <= 0) {
    return CommandMalformed("a certificate has no service or no end");
  }
  return CheckDigest("the certificate's key", certificate.spki_sha256());
}

absl::Status CheckReport(const statepb::MemberReport& report) {
  RETURN_IF_ERROR(CheckId("the member's id", report.member_id()));
  RETURN_IF_ERROR(CheckDaemons(report));
  RETURN_IF_ERROR(CheckJoinedDatabases(report));
  const std::pair<absl::string_view, absl::string_view> words[] = {
      {"the data path", report.datapath()},
      {"OVN's version", report.ovn_version()},
      {"Open vSwitch's version", report.ovs_version()},
      {"the custody", report.custody()},
      {"the version", report.version()}};
  for (const auto& [field, word] : words) {
    RETURN_IF_ERROR(CheckWord(field, word));
  }
  return CheckText("the problem", report.problem(), kMaxTextBytes);
}

absl::Status CheckFeatures(
    const google::protobuf::RepeatedPtrField<statepb::FeatureLevel>& features) {
  if (features.size() > kMaxFeatures) {
    return CommandMalformed("too many features are announced");
  }
  absl::string_view last;
  for (const statepb::FeatureLevel& feature : features) {
    const std::string& name = feature.name();
    if (name.size() > kMaxFeatureName ||
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") !=
            std::string::npos) {
      return CommandMalformed("a feature's name is malformed");
    }
    // The empty name is not after the first.
    if (name <= last || feature.level() == 0) {
      return CommandMalformed("the features are not in order");
    }
    last = name;
  }
  return absl::OkStatus();
}

absl::Status CheckSteps(
    const google::protobuf::RepeatedPtrField<statepb::OperationStep>& steps) {
  if (static_cast<size_t>(steps.size()) > kMaxSteps) {
    return CommandMalformed("an operation has too many steps");
  }
  for (const statepb::OperationStep& step : steps) {
    RETURN_IF_ERROR(CheckWord("a step's id", step.id()));
    RETURN_IF_ERROR(CheckArguments(step.arguments()));
    RETURN_IF_ERROR(CheckText("a step's detail", step.detail(), kMaxTextBytes));
    if (static_cast<size_t>(step.member_ids_size()) > kMaxMembers) {
      return CommandMalformed("a step names too many members");
    }
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
