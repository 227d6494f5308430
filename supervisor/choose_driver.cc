// SPDX-License-Identifier: Apache-2.0
#include "supervisor/choose_driver.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/text/text.h"
#include "supervisor/service/own_snap.h"

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
  facts.in_snap = !OwnSnap().empty();
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
