#include "supervisor/choose_driver.h"

#include <stdlib.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/text.h"

namespace microovn::supervisor {
namespace {

constexpr DriverKind kKinds[] = {DriverKind::kSystemd, DriverKind::kSnap,
                                 DriverKind::kProcess};

// In a container /run/systemd/system may be the host's, mounted.
bool SystemdIsFirstProcess() {
  const absl::StatusOr<std::string> name = ReadFile("/proc/1/comm", 4096);
  return name.ok() && absl::StripSuffix(*name, "\n") == "systemd";
}

}  // namespace

std::string DriverName(DriverKind kind) {
  switch (kind) {
    case DriverKind::kSystemd:
      return "systemd";
    case DriverKind::kSnap:
      return "snap";
    case DriverKind::kProcess:
      return "process";
  }
  return "";
}

HostFacts ReadHostFacts() {
  HostFacts facts;
  const char* const snap = getenv("SNAP");
  const char* const name = getenv("SNAP_INSTANCE_NAME");
  // Any snap sets SNAP for the shells that it starts, an editor's terminal for
  // one. The instance's name tells whether it is ours; a parallel installation
  // is called microovn_KEY.
  facts.in_snap = snap != nullptr && *snap != '\0' && name != nullptr &&
                  absl::string_view(name).substr(0, 8) == "microovn";
  facts.systemd_runs =
      FileExists("/run/systemd/system") && SystemdIsFirstProcess();
  return facts;
}

absl::StatusOr<DriverKind> ChooseDriver(const HostFacts& facts,
                                        absl::string_view setting) {
  if (setting.empty()) {
    if (facts.in_snap) return DriverKind::kSnap;
    return facts.systemd_runs ? DriverKind::kSystemd : DriverKind::kProcess;
  }
  for (const DriverKind kind : kKinds) {
    if (DriverName(kind) == setting) return kind;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no service driver \"", Shown(setting, 64),
                   "\": use systemd, snap or process"));
}

}  // namespace microovn::supervisor
