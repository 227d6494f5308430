// SPDX-License-Identifier: Apache-2.0
// The security events of MicroOVN: who started and stopped the agent, and who
// changed what over its API, as lines of fields that a log collector can
// select by security=true.
//
// Beside the agent's log, not a part of it: its level and verbosity do not
// concern it. Thread-safe.
#ifndef MICROOVN_AGENT_SECURITY_SECURITY_LOG_H_
#define MICROOVN_AGENT_SECURITY_SECURITY_LOG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"

namespace microovn::agent {

class SecurityLog {
 public:
  // Gets one line, ended by a newline. `clock` is borrowed.
  using Sink = std::function<void(const std::string& line)>;
  SecurityLog(const Clock* clock, Sink sink)
      : clock_(clock), sink_(std::move(sink)) {}

  void Startup(absl::string_view version);
  void Shutdown();

  // A change over the API that was admitted and has ended: `method` as in
  // "microovn.v1.ConfigService/UpdateConfig", `subject` who asked, `node` this
  // member, `outcome` "ok" or the reason of the refusal. Nothing is written
  // for methods that only read.
  void Changed(absl::string_view method, absl::string_view subject,
               absl::string_view node, absl::string_view outcome);

  // `subject` may not do `action` to the others: "member:node4" and
  // "propose_set_config". Told of the first time and then once in ten seconds,
  // with how often it was since the agent began.
  void Refused(absl::string_view action, absl::string_view subject,
               absl::string_view node, absl::string_view reason)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Count {
    uint64_t times = 0;
    absl::Duration told;
  };
  using Fields = std::vector<std::pair<absl::string_view, absl::string_view>>;
  void Write(const Fields& fields);

  const Clock* const clock_;
  Mutex mu_;
  const Sink sink_;
  // By subject and action: as many as there are members and kinds of command.
  std::map<std::pair<std::string, std::string>, Count> refusals_
      ABSL_GUARDED_BY(mu_);
};

// Whether a method changes something, and whether that is a credential.
enum class ChangeKind { kNone, kAdministration, kCredential };
ChangeKind ChangeKindOf(absl::string_view method);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SECURITY_SECURITY_LOG_H_
