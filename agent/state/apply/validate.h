// SPDX-License-Identifier: Apache-2.0
// What a record must look like before Apply lets it into the state. Proposers
// check the same things earlier, for better errors; these checks are the ones
// that count.
//
// Pure. COMMAND_MALFORMED, or the reason that fits better.
#ifndef MICROOVN_AGENT_STATE_APPLY_VALIDATE_H_
#define MICROOVN_AGENT_STATE_APPLY_VALIDATE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/state/apply/certificate_rules.h"
#include "agent/state/values/cluster_state.h"
#include "google/protobuf/repeated_field.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

inline constexpr size_t kMaxMembers = 4096;
inline constexpr size_t kMaxTextBytes = 1 << 10;

// `field` names the value in the error, by a stable word.
absl::Status CheckId(absl::string_view field, absl::string_view value);
// A member's.
absl::Status CheckName(absl::string_view name);
absl::Status CheckText(absl::string_view field, absl::string_view value,
                       size_t limit);
// Hex SHA-256.
absl::Status CheckDigest(absl::string_view field, absl::string_view value);
// Of a certificate.
absl::Status CheckSerial(absl::string_view serial);
absl::Status CheckPlane(statepb::Plane plane);

// Known services, each once.
absl::Status CheckServices(
    const google::protobuf::RepeatedField<int>& services);
// One to four digests, each once.
absl::Status CheckKeys(
    const google::protobuf::RepeatedPtrField<std::string>& spki_sha256);

// The record by itself: whether its name, address and keys are free is for
// Apply to say.
absl::Status CheckMember(const statepb::Member& member,
                         CertificateReading reading);
absl::Status CheckAuthority(const statepb::Authority& authority,
                            CertificateReading reading);
// A key that waits for its certificate.
absl::Status CheckRequested(const statepb::Authority& requested);
// Certificate and sealed key alone, as of a successor.
absl::Status CheckIssuer(const statepb::Authority& authority,
                         CertificateReading reading);
absl::Status CheckCertificate(const statepb::IssuedCertificate& certificate);
absl::Status CheckReport(const statepb::MemberReport& report);
// Sorted by name, each once, at most 64.
absl::Status CheckFeatures(
    const google::protobuf::RepeatedPtrField<statepb::FeatureLevel>& features);
// Who asked for a command, and who passed it on.
absl::Status CheckAsker(const statepb::Command& command);
absl::Status CheckSteps(
    const google::protobuf::RepeatedPtrField<statepb::OperationStep>& steps);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_APPLY_VALIDATE_H_
