#include "supervisor/systemd/unit_file.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "supervisor/systemd/systemd_unit.h"

namespace microovn::supervisor {
namespace {

// A Unix socket's path has 107 bytes; the longest one below the root is
// ovn-controller's.
constexpr size_t kLongestRoot =
    107 - (sizeof("/run/ovn/ovn-controller.4194304.ctl") - 1);

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

absl::Status CheckPath(absl::string_view what, const std::string& path) {
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      // A newline would begin another line of the unit, ExecStart for one.
      return absl::InvalidArgumentError(
          absl::StrCat(what, " has a character that units cannot hold"));
    }
  }
  return absl::OkStatus();
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

// ovs-vswitchd drives devices, kernel modules and interfaces of its own.
std::string Confinement(Service service) {
  if (service == Service::kSwitch) return "OOMScoreAdjust=-900\n";
  return absl::StrCat(
      service == Service::kChassis
          ? "CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW\n"
            "OOMScoreAdjust=-900\n"
          : "CapabilityBoundingSet=\n",
      "MemoryDenyWriteExecute=yes\n"
      "PrivateDevices=yes\n"
      "ProtectKernelModules=yes\n"
      "ProtectKernelTunables=yes\n"
      "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"
      "RestrictNamespaces=yes\n"
      "RestrictRealtime=yes\n");
}

}  // namespace

absl::Status CheckUnitOptions(const UnitOptions& options) {
  const std::string& root = options.paths.root();
  absl::Status status = CheckPath("the root", root);
  if (!status.ok()) return status;
  status = CheckPath("the agent's path", options.binary);
  if (!status.ok()) return status;
  // systemd puts no variables into a program's name, so it cannot be escaped.
  if (absl::StrContains(options.binary, '$')) {
    return absl::InvalidArgumentError(
        "the agent's path has a '$', which units cannot hold");
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
      "ExecStart=",
      CommandLine({options.binary,
                   absl::StrCat("--root=", options.paths.root()),
                   absl::StrCat("--unit-prefix=", options.prefix),
                   absl::StrCat("--driver=", options.driver)}),
      "\n"
      "WatchdogSec=30\n"
      // Daemons that the agent runs itself outlive it.
      "KillMode=process\n"
      "Restart=always\n"
      "RestartSec=1\n"
      "LimitNOFILE=65536\n",
      Hardening(options), "\n[Install]\nWantedBy=multi-user.target\n");
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
      CommandLine(options.refresh_command), "\n", Hardening(options));
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
  if (options.refresh_command.empty()) return files;
  const std::string refresh =
      absl::StrCat(options.prefix, "refresh-expiring-certs");
  files[absl::StrCat(refresh, ".service")] = RefreshUnitFile(options);
  files[absl::StrCat(refresh, ".timer")] = RefreshTimerFile(options);
  return files;
}

}  // namespace microovn::supervisor
