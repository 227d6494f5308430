// SPDX-License-Identifier: Apache-2.0
#include "agent/errors/service_errors.h"

#include <string>

#include "agent/errors/wording.h"
#include "base/text/text.h"

namespace microovn::agent {

absl::Status ServiceAlreadyEnabled() {
  return Worded("SERVICE_ALREADY_ENABLED");
}

absl::Status ServiceNotEnabled() { return Worded("SERVICE_NOT_ENABLED"); }

absl::Status LastCentralNotConfirmed() { return Worded("LAST_CENTRAL"); }

absl::Status OtherCentralsNotJoined(absl::string_view member) {
  return Worded("CENTRAL_NOT_JOINED", {{"member", std::string(member)}});
}

absl::Status TargetMemberNotFound(absl::string_view name) {
  return Worded("MEMBER_NOT_FOUND", {{"target", Shown(name, 80)}});
}

absl::Status ServiceNotSettled(absl::string_view service,
                               absl::string_view member,
                               absl::string_view why) {
  return Worded("SERVICE_NOT_SETTLED", {{"service", std::string(service)},
                                        {"member", std::string(member)},
                                        {"why", std::string(why)}});
}

absl::Status ServiceChangeSuperseded(absl::string_view service,
                                     absl::string_view member) {
  return Worded("SERVICE_CHANGE_SUPERSEDED", {{"service", std::string(service)},
                                              {"member", std::string(member)}});
}

absl::Status DatabaseHasQuorum(absl::string_view database) {
  return Worded("DATABASE_HAS_QUORUM", {{"database", std::string(database)}});
}

absl::Status DataLossNotAccepted(absl::string_view database,
                                 absl::string_view risk) {
  return Worded("RISK_NOT_ACCEPTED", {{"database", std::string(database)},
                                      {"risk", std::string(risk)}});
}

absl::Status NoDatabaseCopy(absl::string_view database,
                            absl::string_view asked) {
  Arguments arguments = {{"database", std::string(database)}};
  if (!asked.empty()) arguments.emplace_back("member", std::string(asked));
  return Worded("NO_DATABASE_COPY", arguments);
}

absl::Status RecoveryNotSupported(const std::vector<std::string>& members) {
  Arguments arguments = {{"key", "ovn recover"}};
  for (const std::string& member : members) {
    arguments.emplace_back("members", member);
  }
  return Worded("FEATURE_NOT_SUPPORTED", arguments);
}

absl::Status DatabaseNotRecovered(absl::string_view database,
                                  absl::string_view member,
                                  absl::string_view why) {
  return Worded("DATABASE_NOT_RECOVERED", {{"database", std::string(database)},
                                           {"member", std::string(member)},
                                           {"why", std::string(why)}});
}

absl::Status DatabaseRecoverySuperseded(absl::string_view database) {
  return Worded("DATABASE_RECOVERY_SUPERSEDED",
                {{"database", std::string(database)}});
}

}  // namespace microovn::agent
