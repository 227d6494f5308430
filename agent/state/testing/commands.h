// SPDX-License-Identifier: Apache-2.0
// Commands and records that a test needs, valid unless it spoils them.
#ifndef MICROOVN_AGENT_STATE_TESTING_COMMANDS_H_
#define MICROOVN_AGENT_STATE_TESTING_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// Cluster time at which tests begin.
inline constexpr int64_t kTestTime = 1'700'000'000;

// The same id for the same word, different ones for different words.
std::string TestId(absl::string_view word);
std::string TestDigest(absl::string_view word);

// node1 has address 10.0.0.1:6686, and so on; any other name gets one of its
// own, too.
statepb::Member TestMember(absl::string_view name,
                           const std::vector<statepb::Service>& services = {});
statepb::Authority TestAuthority(statepb::Plane plane,
                                 const std::vector<std::string>& sealed_for);
statepb::IssuedCertificate TestCertificate(absl::string_view serial_word,
                                           absl::string_view member_name,
                                           absl::string_view service);

// The envelope only; the cluster's clock is 0 at kTestTime.
statepb::Command CommandAt(int64_t time_seconds);

statepb::Command BootstrapCommand(absl::string_view name);
// Token ids are TestId("token-NAME").
statepb::Command CreateTokenCommand(absl::string_view name,
                                    int64_t time_seconds = kTestTime);
statepb::Command AdmitCommand(absl::string_view name,
                              int64_t time_seconds = kTestTime);
statepb::Command ConfirmCommand(absl::string_view name);
statepb::Command RemovalCommand(absl::string_view name,
                                absl::string_view operation_word);
statepb::Command ServiceCommand(absl::string_view name,
                                statepb::Service service, bool enable,
                                absl::string_view operation_word);
statepb::Command SetConfigCommand(absl::string_view key,
                                  absl::string_view value);
// Of an administrator, with TestCertificatePem(name); signed by the cluster CA
// of TestCluster.
statepb::Command AddUserCommand(
    absl::string_view name,
    statepb::User::Role role = statepb::User::ROLE_ADMIN);
statepb::Command RevokeUserCommand(absl::string_view name);
// What a central says that has made or joined both databases.
statepb::Command ReportCommand(const ClusterState& state,
                               absl::string_view name, bool joined);
// What each member says that has done what the state wants and has not said so.
std::vector<statepb::Command> ConvergenceReports(const ClusterState& state);

// A cluster of active members; the first is the founder. Every central has
// joined the databases.
ClusterState TestCluster(const std::vector<std::string>& names);

// Applies and expects to be admitted.
statepb::Result MustApply(ClusterState& state, const statepb::Command& command);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_TESTING_COMMANDS_H_
