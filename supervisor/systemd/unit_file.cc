// SPDX-License-Identifier: Apache-2.0
#include "supervisor/systemd/unit_file.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "base/status/status_macros.h"
#include "supervisor/systemd/systemd_unit.h"

namespace microovn::supervisor {
namespace {

// A Unix socket's path has 107 bytes; the longest one below the root is
// ovn-controller's.
constexpr size_t kLongestRoot =
    107 - (sizeof("/run/ovn/ovn-controller.4194304.ctl") - 1);

// A unit's name has 255 bytes at most.
constexpr size_t kLongestPrefix = 200;

// What Hardening hides or keeps from being written.
constexpr const char* kHidden[] = {"/home",    "/root", "/run/user", "/tmp",
                                   "/var/tmp", "/dev",  "/proc",     "/sys"};

// One word of a list of paths.
// "%" begins a specifier (systemd.unit(5)) in every line.
std::string Quoted(absl::string_view word) {
  const std::string escaped =
      absl::StrReplaceAll(word, {{"\\", "\\\\"}, {"\"", "\\\""}, {"%", "%%"}});
  return word.find_first_of(" \t\"'\\") == absl::string_view::npos
             ? escaped
             : absl::StrCat("\"", escaped, "\"");
}

// Of an Exec line, where variables are put in, but not into the program's name.
std::string CommandLine(const std::vector<std::string>& words) {
  return absl::StrJoin(words, " ", [](std::string* out, const auto& word) {
    out->append(absl::StrReplaceAll(Quoted(word), {{"$", "$$"}}));
  });
}

absl::Status CheckWord(absl::string_view what, const std::string& word) {
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      // A newline would begin another line of the unit, ExecStart for one.
      return absl::InvalidArgumentError(
          absl::StrCat(what, " has a character that units cannot hold"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckProgram(absl::string_view what, const std::string& program) {
  RETURN_IF_ERROR(CheckWord(what, program));
  if (!absl::StartsWith(program, "/")) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is not absolute, as units need it"));
  }
  // systemd puts no variables into a program's name, so it cannot be escaped.
  if (absl::StrContains(program, '$')) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has a '$', which units cannot hold"));
  }
  return absl::OkStatus();
}

// The characters of a unit's name (systemd.unit(5)), but for those that make it
// an instance or an escape.
absl::Status CheckPrefix(const std::string& prefix) {
  const bool fits =
      std::all_of(prefix.begin(), prefix.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_' ||
               c == ':';
      });
  if (fits && prefix.size() <= kLongestPrefix) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("units' names cannot begin with the prefix; it has at most ",
                   kLongestPrefix, " letters, digits, '.', '-', '_' and ':'"));
}

std::string Describe(Service service) {
  switch (service) {
    case Service::kOvsOvsdbServer:
      return "database of the Open vSwitch switch";
    case Service::kSwitch:
      return "Open vSwitch switch";
    case Service::kNbOvsdbServer:
      return "OVN Northbound database";
    case Service::kSbOvsdbServer:
      return "OVN Southbound database";
    case Service::kNorthd:
      return "OVN northd";
    case Service::kChassis:
      return "OVN controller";
  }
  return "";
}

// Wants and not Requires: a restart of the database server must not take
// ovs-vswitchd down with it.
std::string Relations(Service service, const UnitOptions& options) {
  std::string text;
  for (const Service needed : Requirements(service)) {
    const std::string unit = UnitName(options.prefix, needed);
    absl::StrAppend(&text, "Wants=", unit, "\nAfter=", unit, "\n");
  }
  if (service == Service::kChassis) {
    // Stops before the switch, so that it can still remove its flows.
    absl::StrAppend(&text, "After=", UnitName(options.prefix, Service::kSwitch),
                    "\n");
  }
  return text;
}

std::string Hardening(const UnitOptions& options) {
  return absl::StrCat(
      "NoNewPrivileges=yes\n"
      "ProtectSystem=strict\n"
      "ReadWritePaths=",
      Quoted(options.paths.root()),
      "\n"
      "ProtectHome=yes\n"
      "PrivateTmp=yes\n"
      "ProtectClock=yes\n"
      "ProtectControlGroups=yes\n"
      "ProtectHostname=yes\n"
      "ProtectKernelLogs=yes\n"
      "LockPersonality=yes\n"
      "RestrictSUIDSGID=yes\n"
      "SystemCallArchitectures=native\n"
      "UMask=0027\n");
}

// Of what needs no devices, modules or packets of the kernel's. EPERM and not a
// signal: a program that asks for more than it needs goes on without it.
std::string Sandbox() {
  return "MemoryDenyWriteExecute=yes\n"
         "ProtectKernelModules=yes\n"
         "ProtectKernelTunables=yes\n"
         "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"
         "RestrictNamespaces=yes\n"
         "RestrictRealtime=yes\n"
         "SystemCallFilter=@system-service\n"
         "SystemCallErrorNumber=EPERM\n";
}

// ovs-vswitchd drives devices, kernel modules and interfaces of its own.
std::string Confinement(Service service) {
  switch (service) {
    case Service::kSwitch:
      return "CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW "
             "CAP_NET_BROADCAST CAP_SYS_MODULE CAP_SYS_NICE CAP_IPC_LOCK\n"
             "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK "
             "AF_PACKET\n"
             "RestrictNamespaces=yes\n"
             "OOMScoreAdjust=-900\n";
    case Service::kChassis:
      return absl::StrCat("CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW\n",
                          Sandbox(), "PrivateDevices=yes\n",
                          "OOMScoreAdjust=-900\n");
    default:
      return absl::StrCat("CapabilityBoundingSet=\n", Sandbox(),
                          "PrivateDevices=yes\n");
  }
}

// Daemons that the agent runs itself are in its sandbox, ovs-vswitchd among
// them. Otherwise it gives its socket to the group of administrators, moves the
// address of tunnels to a bridge, and looks at who its daemons are.
std::string AgentConfinement(const UnitOptions& options) {
  if (options.driver == "process") return "";
  return absl::StrCat(
      "CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER "
      "CAP_NET_ADMIN CAP_SYS_PTRACE\n",
      Sandbox());
}

}  // namespace

absl::Status CheckUnitOptions(const UnitOptions& options) {
  const std::string& root = options.paths.root();
  RETURN_IF_ERROR(CheckWord("the root", root));
  RETURN_IF_ERROR(CheckPrefix(options.prefix));
  RETURN_IF_ERROR(CheckProgram("the agent's path", options.binary));
  if (options.driver != "auto" && options.driver != "systemd" &&
      options.driver != "process") {
    return absl::InvalidArgumentError(
        "the driver is none of auto, systemd and process");
  }
  for (const absl::string_view hidden : kHidden) {
    if (root == hidden || absl::StartsWith(root, absl::StrCat(hidden, "/"))) {
      return absl::InvalidArgumentError(
          absl::StrCat("units do not see ", hidden, "; choose another --root"));
    }
  }
  if (root.size() > kLongestRoot) {
    return absl::InvalidArgumentError(
        absl::StrCat("the root's path is longer than the ", kLongestRoot,
                     " bytes that leave room for sockets below it"));
  }
  return absl::OkStatus();
}

// KillMode=mixed (systemd.kill(5)): once ExecStop has ended, SIGTERM goes to
// the daemon alone and SIGKILL to all that is left of the unit.
std::string ServiceUnitFile(Service service, const UnitOptions& options) {
  const std::string root = absl::StrCat("--root=", options.paths.root());
  const std::string name = ServiceName(service);
  return absl::StrCat(
      "[Unit]\nDescription=MicroOVN: ", Describe(service),
      "\nAfter=network.target\n", Relations(service, options),
      // Never gives up.
      "StartLimitIntervalSec=0\n\n[Service]\nType=simple\nExecStart=",
      CommandLine({options.binary, absl::StrCat("--launch=", name), root}),
      "\nExecStop=",
      CommandLine(
          {options.binary, absl::StrCat("--stop-service=", name), root}),
      "\n"
      "KillMode=mixed\n"
      "TimeoutStopSec=30\n"
      "Restart=always\n"
      "RestartSec=1\n"
      "LimitNOFILE=65536\n",
      Hardening(options), Confinement(service),
      "\n[Install]\nWantedBy=multi-user.target\n");
}

// Type=notify: READY=1 says that the agent serves. The watchdog's beat is a
// proof of life (agent/watchdog); without it systemd restarts the agent.
std::string AgentUnitFile(const UnitOptions& options) {
  return absl::StrCat(
      "[Unit]\n"
      "Description=MicroOVN agent\n"
      "Documentation=man:microovnd(8)\n"
      "Wants=network-online.target\n"
      "After=network-online.target dbus.service\n"
      "StartLimitIntervalSec=0\n\n"
      "[Service]\n"
      "Type=notify\n"
      "NotifyAccess=main\n"
      // The host's secret, once and for all: the sandbox could not write it.
      "ExecStartPre=-+/usr/bin/systemd-creds setup\n"
      "ExecStart=",
      CommandLine({options.binary,
                   absl::StrCat("--root=", options.paths.root()),
                   absl::StrCat("--unit-prefix=", options.prefix),
                   absl::StrCat("--driver=", options.driver),
                   absl::StrCat("--sealing=", options.sealing)}),
      "\n"
      // ProtectClock= closes every device that is not named.
      "DeviceAllow=/dev/tpmrm0 rw\n"
      // A leader's memory holds CA keys.
      "LimitCORE=0\n"
      "WatchdogSec=30\n"
      // Daemons that the agent runs itself outlive it.
      "KillMode=process\n"
      "Restart=always\n"
      "RestartSec=1\n"
      "LimitNOFILE=65536\n",
      Hardening(options), AgentConfinement(options),
      "\n[Install]\nWantedBy=multi-user.target\n");
}

std::string RefreshUnitFile(const UnitOptions& options) {
  return absl::StrCat(
      "[Unit]\n"
      "Description=MicroOVN: renewal of certificates that "
      "expire soon\n"
      "After=",
      options.prefix,
      "daemon.service\n\n"
      "[Service]\n"
      "Type=oneshot\n"
      "ExecStart=",
      CommandLine({options.binary, "--refresh-expiring-certs",
                   absl::StrCat("--root=", options.paths.root())}),
      "\n", Hardening(options), "CapabilityBoundingSet=\n", Sandbox(),
      "PrivateDevices=yes\n");
}

// Persistent: a node that was off at that hour makes up for it at its next
// start. The random delay keeps the members from asking a leader all at once.
std::string RefreshTimerFile(const UnitOptions& options) {
  return absl::StrCat(
      "[Unit]\n"
      "Description=MicroOVN: daily renewal of certificates\n\n"
      "[Timer]\n"
      "OnCalendar=*-*-* 02:00:00\n"
      "RandomizedDelaySec=30min\n"
      "AccuracySec=1s\n"
      "Persistent=yes\n"
      "Unit=",
      options.prefix,
      "refresh-expiring-certs.service\n\n"
      "[Install]\nWantedBy=timers.target\n");
}

std::map<std::string, std::string> UnitFiles(const UnitOptions& options) {
  std::map<std::string, std::string> files;
  for (const Service service : kAllServices) {
    files[UnitName(options.prefix, service)] =
        ServiceUnitFile(service, options);
  }
  files[absl::StrCat(options.prefix, "daemon.service")] =
      AgentUnitFile(options);
  const std::string refresh =
      absl::StrCat(options.prefix, "refresh-expiring-certs");
  files[absl::StrCat(refresh, ".service")] = RefreshUnitFile(options);
  files[absl::StrCat(refresh, ".timer")] = RefreshTimerFile(options);
  return files;
}

}  // namespace microovn::supervisor
