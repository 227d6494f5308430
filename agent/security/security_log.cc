// SPDX-License-Identifier: Apache-2.0
#include "agent/security/security_log.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

constexpr absl::string_view kCredentialChanges[] = {
    "ReissueCertificates", "RotateAuthority", "RequestAuthorityCertificate",
    "CreateUser",          "RevokeUser",
};
constexpr absl::string_view kAdministrations[] = {
    "BootstrapCluster", "JoinCluster",     "RemoveMember",   "CreateJoinToken",
    "DeleteJoinToken",  "EnableService",   "DisableService", "UpdateConfig",
    "DeleteConfig",     "CancelOperation", "TransferLeader", "UpdateMember",
    "RecoverDatabase",
};

constexpr absl::Duration kRefusalPause = absl::Seconds(10);

absl::string_view MethodName(absl::string_view method) {
  return method.substr(method.rfind('/') + 1);
}

bool NeedsQuotes(absl::string_view value) {
  return value.empty() ||
         value.find_first_of(" =\"\\") != absl::string_view::npos;
}

// As logfmt: a value with blanks in it is quoted.
std::string Value(absl::string_view value) {
  std::string shown = Shown(value, 256);
  if (!NeedsQuotes(shown)) return shown;
  std::string quoted = "\"";
  for (const char c : shown) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

ChangeKind ChangeKindOf(absl::string_view method) {
  const absl::string_view name = MethodName(method);
  for (const absl::string_view change : kCredentialChanges) {
    if (name == change) return ChangeKind::kCredential;
  }
  for (const absl::string_view change : kAdministrations) {
    if (name == change) return ChangeKind::kAdministration;
  }
  return ChangeKind::kNone;
}

void SecurityLog::Startup(absl::string_view version) {
  Write({{"category", "SYS"}, {"event", "sys_startup"}, {"version", version}});
}

void SecurityLog::Shutdown() {
  Write({{"category", "SYS"}, {"event", "sys_shutdown"}});
}

void SecurityLog::Changed(absl::string_view method, absl::string_view subject,
                          absl::string_view node, absl::string_view outcome) {
  const ChangeKind kind = ChangeKindOf(method);
  if (kind == ChangeKind::kNone) return;
  const bool credential = kind == ChangeKind::kCredential;
  Write({{"category", credential ? "AUTHN" : "AUTHZ"},
         {"event", credential ? "authn_password_changed" : "authz_admin"},
         {"action", MethodName(method)},
         {"subject", subject},
         {"node", node},
         {"outcome", outcome}});
}

void SecurityLog::Refused(absl::string_view action, absl::string_view subject,
                          absl::string_view node, absl::string_view reason) {
  uint64_t times = 0;
  {
    MutexLock lock(&mu_);
    Count& count = refusals_[{std::string(subject), std::string(action)}];
    const absl::Duration now = clock_->Monotonic();
    times = ++count.times;
    if (times > 1 && now - count.told < kRefusalPause) return;
    count.told = now;
  }
  Write({{"category", "AUTHZ"},
         {"event", "authz_fail"},
         {"action", action},
         {"subject", subject},
         {"node", node},
         {"outcome", reason},
         {"count", absl::StrCat(times)}});
}

void SecurityLog::Write(const Fields& fields) {
  std::string line = absl::StrCat(
      "time=",
      absl::FormatTime(absl::RFC3339_sec, clock_->Now(), absl::UTCTimeZone()),
      " level=info security=true");
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&line, " ", name, "=", Value(value));
  }
  line += '\n';
  MutexLock lock(&mu_);
  if (sink_) sink_(line);
}

}  // namespace microovn::agent
