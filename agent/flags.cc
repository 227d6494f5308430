// SPDX-License-Identifier: Apache-2.0
#include "agent/flags.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/flag_set.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "pki/sealing/sealing_choice.h"

namespace microovn::agent {
namespace {

constexpr char kDefaultRoot[] = "/var/lib/microovn";
constexpr char kStateSuffix[] = "/state";
constexpr size_t kLongestPrefix = 200;
// glog's: INFO to FATAL, and one that is never reached.
constexpr int kMostLevel = 4;
constexpr int kMostVerbose = 9;
constexpr int kMostDays = 3650;

// As given, before what concerns several flags is checked.
struct Given {
  AgentOptions options;
  std::string root;
  std::string state_dir;
  bool recover = false;
  bool refresh = false;
  bool days = false;
  bool help = false;
  bool version = false;
};

std::string DefaultRoot() {
  const char* snap_common = getenv("SNAP_COMMON");
  return snap_common != nullptr && *snap_common != '\0' ? snap_common
                                                        : kDefaultRoot;
}

absl::StatusOr<std::string> Root(const Given& given) {
  std::string root = given.root;
  if (!given.state_dir.empty()) {
    if (!absl::EndsWith(given.state_dir, kStateSuffix)) {
      return absl::InvalidArgumentError("--state-dir must end with /state");
    }
    const std::string parent = given.state_dir.substr(
        0, given.state_dir.size() - (sizeof(kStateSuffix) - 1));
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
  if (prefix.size() > kLongestPrefix ||
      (!prefix.empty() &&
       !absl::ascii_isalnum(static_cast<unsigned char>(prefix.front())))) {
    return absl::InvalidArgumentError(
        absl::StrCat("--unit-prefix begins with a letter or a digit and has ",
                     kLongestPrefix, " characters at most"));
  }
  return absl::OkStatus();
}

absl::Status CheckDriver(const std::string& driver) {
  if (driver == "auto" || driver == "systemd" || driver == "process") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "--driver must be auto, systemd or process");
}

// A setter of a flag that may not be given empty.
std::function<absl::Status(const std::string&)> Into(std::string* target,
                                                     const char* flag) {
  return [target, flag](const std::string& value) {
    if (value.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag, " needs a value"));
    }
    *target = value;
    return absl::OkStatus();
  };
}

std::function<absl::Status(const std::string&)> Into(bool* target) {
  return [target](const std::string&) {
    *target = true;
    return absl::OkStatus();
  };
}

std::function<absl::Status(const std::string&)> Into(int* target, int most,
                                                     const char* flag) {
  return [target, most, flag](const std::string& value) {
    int number = 0;
    if (!absl::SimpleAtoi(value, &number) || number < 0 || number > most) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag, " is a number from 0 to ", most));
    }
    *target = number;
    return absl::OkStatus();
  };
}

FlagGroup AgentFlags(Given* given) {
  AgentOptions& options = given->options;
  return {"The agent",
          {{"root", "DIR", "Directory below which everything is kept.",
            absl::StrCat("$SNAP_COMMON, else ", kDefaultRoot),
            Into(&given->root, "root")},
           {"state-dir", "DIR/state",
            "The same, as MicroOVN's daemon takes it: sets --root=DIR.", "",
            Into(&given->state_dir, "state-dir")},
           {"driver", "DRIVER",
            "What runs OVN's daemons: systemd, process (the agent itself), or "
            "auto (systemd where it is PID 1, else the agent itself).",
            "auto", Into(&options.driver, "driver")},
           {"sealing", "MEANS",
            "What keeps the key that CA keys are sealed to: tpm2, host "
            "(systemd's secret of this host), file, or auto (the best of them "
            "that this node has).",
            "auto", Into(&options.sealing, "sealing")},
           {"unit-prefix", "PREFIX",
            "Of the names of systemd's units; snap.microovn. gives "
            "MicroOVN's.",
            options.unit_prefix, [&options](const std::string& value) {
              options.unit_prefix = value;
              return absl::OkStatus();
            }}}};
}

FlagGroup ModeFlags(Given* given) {
  AgentOptions& options = given->options;
  return {
      "Instead of running the agent",
      {{"print-units", "DIR",
        "Write systemd's unit files into this directory; they run with "
        "the --root, --driver and --unit-prefix given here.",
        "", Into(&options.unit_directory, "print-units")},
       {"unit-program", "PATH",
        "With --print-units: where this program will be installed.",
        "where it is now", Into(&options.unit_program, "unit-program")},
       {"launch", "SERVICE",
        "Become the daemon of this service: what units start.", "",
        Into(&options.launch, "launch")},
       {"stop-service", "SERVICE",
        "End the daemon of this service over its control socket.", "",
        Into(&options.stop_service, "stop-service")},
       {"refresh-expiring-certs", "",
        "Have the agent of this node issue those certificates anew that "
        "end soon: what the daily timer runs.",
        "", Into(&given->refresh)},
       {"days", "N",
        "With --refresh-expiring-certs: what ends within so many days.", "10",
        [given](const std::string& value) {
          given->days = true;
          return Into(&given->options.days, kMostDays, "days")(value);
        }},
       {"version", "", "Print the version.", "", Into(&given->version)},
       {"help", "", "Print this.", "", Into(&given->help)}}};
}

FlagGroup RecoveryFlags(Given* given) {
  AgentOptions& options = given->options;
  return {"With the agent stopped",
          {{"recover", "",
            "Show what is known of this node's log, or do what "
            "--end-quarantine, --become-only-voter or --new-sealing-key says.",
            "", Into(&given->recover)},
           {"new-sealing-key", "",
            "With --recover: put the sealing key aside that cannot be opened "
            "any more; the agent makes another at its start.",
            "", Into(&options.new_sealing_key)},
           {"end-quarantine", "",
            "With --recover: let this node vote again without what its disk "
            "lost. Needs --member and --accept-loss.",
            "", Into(&options.end_quarantine)},
           {"become-only-voter", "",
            "With --recover: let this node alone vote, for most of the other "
            "voters are gone for good. Needs --member and --accept-loss.",
            "", Into(&options.become_only_voter)},
           {"member", "NAME",
            "With --end-quarantine and --become-only-voter: the name of the "
            "member that this node "
            "must be.",
            "", Into(&options.member, "member")},
           {"accept-loss", "WORDS",
            "With these two: what is known of the loss; recorded in the "
            "cluster's events.",
            "", Into(&options.accept_loss, "accept-loss")}}};
}

FlagGroup LogFlags(Given* given) {
  AgentOptions& options = given->options;
  return {"Logging, to stderr",
          {{"log-level", "N",
            "Only lines of this level and above: 0 information, 1 warnings, "
            "2 errors.",
            "0", Into(&options.log_level, kMostLevel, "log-level")},
           {"disable-security-logging", "",
            "Do not write the security events: who started and stopped the "
            "agent, and who changed what.",
            "",
            [&options](const std::string&) {
              options.security_log = false;
              return absl::OkStatus();
            }},
           {"v", "N", "More detail the higher the number.", "0",
            Into(&options.verbosity, kMostVerbose, "v")},
           {"verbose", "", "As --v=1; MicroOVN's.", "",
            [&options](const std::string&) {
              options.verbosity = std::max(options.verbosity, 1);
              return absl::OkStatus();
            }},
           {"debug", "", "As --v=2; MicroOVN's, also as -d.", "",
            [&options](const std::string&) {
              options.verbosity = std::max(options.verbosity, 2);
              return absl::OkStatus();
            }}}};
}

std::vector<FlagGroup> AllFlags(Given* given) {
  return {AgentFlags(given), ModeFlags(given), RecoveryFlags(given),
          LogFlags(given)};
}

// At most one of the flags that make this something else than the agent.
absl::Status CheckRecovery(bool recover, const AgentOptions& options) {
  if (!recover && options.new_sealing_key) {
    return absl::InvalidArgumentError("--new-sealing-key needs --recover");
  }
  if (!recover && options.end_quarantine) {
    return absl::InvalidArgumentError("--end-quarantine needs --recover");
  }
  if (!recover && options.become_only_voter) {
    return absl::InvalidArgumentError("--become-only-voter needs --recover");
  }
  if (options.new_sealing_key + options.end_quarantine +
          options.become_only_voter >
      1) {
    return absl::InvalidArgumentError(
        "--new-sealing-key, --end-quarantine and --become-only-voter exclude "
        "each other");
  }
  if (!options.end_quarantine && !options.become_only_voter &&
      !(options.member.empty() && options.accept_loss.empty())) {
    return absl::InvalidArgumentError(
        "--member and --accept-loss need --recover with --end-quarantine or "
        "--become-only-voter");
  }
  return absl::OkStatus();
}

absl::Status ChooseMode(const Given& given, AgentOptions& options) {
  const bool launch = !options.launch.empty();
  const bool stop = !options.stop_service.empty();
  const bool units = !options.unit_directory.empty();
  if (launch + stop + units + given.recover + given.refresh > 1) {
    return absl::InvalidArgumentError(
        "--launch, --stop-service, --print-units, --recover and "
        "--refresh-expiring-certs exclude each other");
  }
  if (given.days && !given.refresh) {
    return absl::InvalidArgumentError("--days needs --refresh-expiring-certs");
  }
  RETURN_IF_ERROR(CheckRecovery(given.recover, options));
  if (!units && !options.unit_program.empty()) {
    return absl::InvalidArgumentError("--unit-program needs --print-units");
  }
  if (launch) options.mode = AgentOptions::Mode::kLaunch;
  if (stop) options.mode = AgentOptions::Mode::kStopService;
  if (units) options.mode = AgentOptions::Mode::kPrintUnits;
  if (given.recover) options.mode = AgentOptions::Mode::kRecover;
  if (given.refresh) options.mode = AgentOptions::Mode::kRefreshCertificates;
  options.service = launch ? options.launch : options.stop_service;
  return absl::OkStatus();
}

absl::Status Check(const Given& given, AgentOptions& options) {
  const absl::Status driver = CheckDriver(options.driver);
  if (!driver.ok()) return driver;
  const auto sealing = pki::ParseSealingChoice(options.sealing);
  if (!sealing.ok()) return sealing.status();
  const absl::Status prefix = CheckPrefix(options.unit_prefix);
  if (!prefix.ok()) return prefix;
  const absl::Status mode = ChooseMode(given, options);
  if (!mode.ok()) return mode;
  auto root = Root(given);
  if (!root.ok()) return root.status();
  options.root = *std::move(root);
  auto program = OwnProgram();
  if (!program.ok()) return program.status();
  options.program = *std::move(program);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AgentOptions> ParseFlags(
    const std::vector<std::string>& arguments) {
  Given given;
  std::vector<std::string> spelled = arguments;
  std::replace(spelled.begin(), spelled.end(), std::string("-d"),
               std::string("--debug"));
  const absl::Status parsed = ParseArguments(AllFlags(&given), spelled);
  AgentOptions options = given.options;
  if (given.help) options.mode = AgentOptions::Mode::kPrintHelp;
  if (given.help) return options;
  if (!parsed.ok()) return parsed;
  if (given.version) {
    options.mode = AgentOptions::Mode::kPrintVersion;
    return options;
  }
  const absl::Status checked = Check(given, options);
  if (!checked.ok()) return checked;
  return options;
}

// The service manager keeps the log; files of our own would be a second one.
void SetUpLogging(const AgentOptions& options) {
  FLAGS_logtostderr = true;
  FLAGS_minloglevel = options.log_level;
  FLAGS_v = options.verbosity;
}

std::string HelpText() {
  Given given;
  return absl::StrCat(
      "microovnd: the agent of a member of a MicroOVN cluster\n\n"
      "Usage:\n  microovnd [flags]\n\n",
      DescribeFlags(AllFlags(&given)));
}

}  // namespace microovn::agent
