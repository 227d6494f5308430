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

}  // namespace microovn::agent
