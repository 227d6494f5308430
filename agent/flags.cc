#include "agent/flags.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gflags/gflags.h"
#include "glog/logging.h"

DEFINE_string(
    root, "",
    "Directory below which everything is kept. Default: $SNAP_COMMON, "
    "else /var/lib/microovn.");
DEFINE_string(state_dir, "",
              "ROOT/state, as MicroOVN's daemon takes it; sets --root.");
DEFINE_string(driver, "auto",
              "What runs OVN's daemons: systemd, process, or auto (systemd "
              "where it is PID 1, else the agent itself).");
DEFINE_string(unit_prefix, "microovn.",
              "Prefix of systemd's unit names; snap.microovn. for MicroOVN's.");
DEFINE_string(launch, "",
              "Become this service's daemon instead of the agent; what units "
              "and the process driver start.");
DEFINE_string(stop_service, "",
              "End this service's daemon over its control socket.");
DEFINE_string(print_units, "",
              "Write systemd's unit files into this directory.");
DEFINE_bool(recover, false,
            "With the agent stopped: show what is known of this node's log, or "
            "do what --end_quarantine says.");
DEFINE_bool(end_quarantine, false,
            "With --recover: let this node vote again without what its disk "
            "lost. Needs --member and --accept_loss.");
DEFINE_string(member, "",
              "With --end_quarantine: the name of the member that this node "
              "must be.");
DEFINE_string(accept_loss, "",
              "With --end_quarantine: what is known of the loss, in words; "
              "recorded in the cluster's events.");

namespace microovn::agent {
namespace {

constexpr char kDefaultRoot[] = "/var/lib/microovn";
constexpr char kStateSuffix[] = "/state";

std::string DefaultRoot() {
  const char* snap_common = getenv("SNAP_COMMON");
  return snap_common != nullptr && *snap_common != '\0' ? snap_common
                                                        : kDefaultRoot;
}

absl::StatusOr<std::string> Root() {
  std::string root = FLAGS_root;
  if (!FLAGS_state_dir.empty()) {
    if (!absl::EndsWith(FLAGS_state_dir, kStateSuffix)) {
      return absl::InvalidArgumentError("--state-dir must end with /state");
    }
    const std::string parent = FLAGS_state_dir.substr(
        0, FLAGS_state_dir.size() - (sizeof(kStateSuffix) - 1));
    if (!root.empty() && root != parent) {
      return absl::InvalidArgumentError(
          "--root and --state-dir name different directories");
    }
    root = parent;
  }
  if (root.empty()) root = DefaultRoot();
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  if (root.size() < 2 || root.front() != '/') {
    return absl::InvalidArgumentError(absl::StrCat(
        "--root must be an absolute path below /, not \"", root, "\""));
  }
  return root;
}

absl::StatusOr<std::string> OwnProgram() {
  char path[PATH_MAX] = "";
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
  if (size <= 0) return absl::InternalError("cannot read /proc/self/exe");
  return std::string(path, static_cast<size_t>(size));
}

absl::Status CheckPrefix(const std::string& prefix) {
  for (const char c : prefix) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' &&
        c != '-') {
      return absl::InvalidArgumentError(
          "--unit-prefix may hold letters, digits, '.' and '-' only");
    }
  }
  return absl::OkStatus();
}

// At most one of the flags that make this something else than the agent.
absl::Status ChooseMode(AgentOptions& options) {
  const bool launch = !FLAGS_launch.empty();
  const bool stop = !FLAGS_stop_service.empty();
  const bool units = !FLAGS_print_units.empty();
  if (launch + stop + units + FLAGS_recover > 1) {
    return absl::InvalidArgumentError(
        "--launch, --stop-service, --print-units and --recover exclude each "
        "other");
  }
  if (!FLAGS_recover && FLAGS_end_quarantine) {
    return absl::InvalidArgumentError("--end-quarantine needs --recover");
  }
  if (!FLAGS_end_quarantine &&
      !(FLAGS_member.empty() && FLAGS_accept_loss.empty())) {
    return absl::InvalidArgumentError(
        "--member and --accept-loss need --recover --end-quarantine");
  }
  if (launch) options.mode = AgentOptions::Mode::kLaunch;
  if (stop) options.mode = AgentOptions::Mode::kStopService;
  if (units) options.mode = AgentOptions::Mode::kPrintUnits;
  if (FLAGS_recover) options.mode = AgentOptions::Mode::kRecover;
  options.end_quarantine = FLAGS_end_quarantine;
  options.member = FLAGS_member;
  options.accept_loss = FLAGS_accept_loss;
  options.service = launch ? FLAGS_launch : FLAGS_stop_service;
  options.unit_directory = FLAGS_print_units;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AgentOptions> ParseFlags(int* argc, char*** argv) {
  gflags::SetUsageMessage(
      "the agent of a MicroOVN cluster member\n\n"
      "  microovnd [--root=DIR] [--driver=auto|systemd|process]\n");
  // The service manager keeps the log; files of our own would be a second one.
  FLAGS_logtostderr = true;
  gflags::ParseCommandLineNonHelpFlags(argc, argv, /*remove_flags=*/true);
  AgentOptions options;
  std::string version;
  if (gflags::GetCommandLineOption("version", &version) && version == "true") {
    options.mode = AgentOptions::Mode::kPrintVersion;
    return options;
  }
  gflags::HandleCommandLineHelpFlags();
  if (*argc > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("unexpected argument \"", (*argv)[1], "\""));
  }
  if (FLAGS_driver != "auto" && FLAGS_driver != "systemd" &&
      FLAGS_driver != "process") {
    return absl::InvalidArgumentError(
        "--driver must be auto, systemd or process");
  }
  options.driver = FLAGS_driver;
  const absl::Status prefix = CheckPrefix(FLAGS_unit_prefix);
  if (!prefix.ok()) return prefix;
  options.unit_prefix = FLAGS_unit_prefix;
  const absl::Status mode = ChooseMode(options);
  if (!mode.ok()) return mode;
  auto root = Root();
  if (!root.ok()) return root.status();
  options.root = *std::move(root);
  auto program = OwnProgram();
  if (!program.ok()) return program.status();
  options.program = *std::move(program);
  return options;
}

}  // namespace microovn::agent
