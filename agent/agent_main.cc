// SPDX-License-Identifier: Apache-2.0
// microovnd: the agent, and what units and drivers start in its name.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/agent.h"
#include "agent/flags.h"
#include "agent/grpc_log/grpc_log.h"
#include "agent/offline/recover.h"
#include "agent/refresh/refresh_certificates.h"
#include "agent/watchdog/watchdog.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/process/command_runner.h"
#include "base/process/foreign_locks.h"
#include "base/process/malloc_arenas.h"
#include "base/process/service_notify.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "base/version.h"
#include "glog/logging.h"
#include "pki/openssl/tls_floor.h"
#include "supervisor/launch/launch.h"
#include "supervisor/launch/launch_plan.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"
#include "supervisor/systemd/unit_file.h"

namespace microovn::agent {
namespace {

// How long a unit's ExecStop waits before systemd sends signals.
constexpr absl::Duration kStopTimeout = absl::Seconds(25);

// Signals that end the agent, blocked in every thread and taken by main.
sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

absl::Status RunAgent(const AgentOptions& options) {
  const sigset_t signals = EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // A leader has CA keys in its memory: the kernel writes no core of it, and
  // nobody but root looks into it.
  prctl(PR_SET_DUMPABLE, 0);
  // However it was started: what it makes, the log's files included, nobody
  // else writes to, or the next start would refuse them.
  umask(umask(S_IRWXG | S_IRWXO) | S_IWGRP | S_IWOTH);
  RETURN_IF_ERROR(pki::ApplyTlsFloor());
  LOG_IF(WARNING, !pki::PrivateKeysAreLocked())
      << "private keys in memory may come to lie in swap: the limit of locked "
         "memory (LimitMEMLOCK) is below 1 MiB";
  Watchdog watchdog(Watchdog::ServiceManager(), &Clock::Real());
  watchdog.Start();
  ASSIGN_OR_RETURN(const std::unique_ptr<Agent> agent,
                   Agent::Start(options, &Clock::Real(), &RandomSource::Real(),
                                &CommandRunner::Real()));
  LOG(INFO) << "microovnd " << kVersion << " serves " << options.root;
  watchdog.Watch({[&agent] { return agent->Life(); },
                  [&agent] { return agent->Describe(); }});
  NotifyReady();
  int received = 0;
  sigwait(&signals, &received);
  LOG(INFO) << "signal " << received << ", the agent ends; daemons go on";
  NotifyStopping();
  watchdog.Stop();
  agent->Stop();
  return absl::OkStatus();
}

absl::Status Launch(const AgentOptions& options) {
  ASSIGN_OR_RETURN(const supervisor::Service service,
                   supervisor::ParseService(options.service));
  return supervisor::ExecService(service, supervisor::Paths(options.root),
                                 supervisor::InstalledOptions());
}

absl::Status StopService(const AgentOptions& options) {
  ASSIGN_OR_RETURN(const supervisor::Service service,
                   supervisor::ParseService(options.service));
  const supervisor::Paths paths(options.root);
  return supervisor::StopService(service, paths,
                                 supervisor::RequestedStopMode(service, paths),
                                 kStopTimeout);
}

absl::Status PrintUnits(const AgentOptions& options) {
  supervisor::UnitOptions units{supervisor::Paths(options.root)};
  units.prefix = options.unit_prefix;
  units.binary =
      options.unit_program.empty() ? options.program : options.unit_program;
  units.driver = options.driver;
  units.sealing = options.sealing;
  RETURN_IF_ERROR(supervisor::CheckUnitOptions(units));
  for (const auto& [name, text] : supervisor::UnitFiles(units)) {
    RETURN_IF_ERROR(
        WriteFile(JoinPath(options.unit_directory, name), text, 0644));
  }
  return absl::OkStatus();
}

absl::Status RecoverNode(const AgentOptions& options) {
  RecoverOptions recover;
  recover.root = options.root;
  recover.new_sealing_key = options.new_sealing_key;
  recover.end_quarantine = options.end_quarantine;
  recover.become_only_voter = options.become_only_voter;
  recover.member = options.member;
  recover.accept_loss = options.accept_loss;
  return Recover(recover, Clock::Real(), RandomSource::Real(), std::cout);
}

absl::Status Run(const AgentOptions& options) {
  switch (options.mode) {
    case AgentOptions::Mode::kRun:
      return RunAgent(options);
    case AgentOptions::Mode::kLaunch:
      return Launch(options);
    case AgentOptions::Mode::kStopService:
      return StopService(options);
    case AgentOptions::Mode::kPrintUnits:
      return PrintUnits(options);
    case AgentOptions::Mode::kRecover:
      return RecoverNode(options);
    case AgentOptions::Mode::kRefreshCertificates:
      return RefreshCertificates(
          supervisor::Paths(options.root).control_socket(), Clock::Real().Now(),
          absl::Hours(24) * options.days, std::cout);
    case AgentOptions::Mode::kPrintHelp:
      std::cout << HelpText();
      return absl::OkStatus();
    case AgentOptions::Mode::kPrintVersion:
      std::cout << kVersion << "\n";
      return absl::OkStatus();
  }
  return absl::InternalError("no such mode");
}

int Main(int argc, char** argv) {
  const auto options =
      ParseFlags(std::vector<std::string>(argv + 1, argv + argc));
  if (!options.ok()) {
    std::cerr << "Error: " << options.status().message()
              << "; see microovnd --help\n";
    return 2;
  }
  SetUpLogging(*options);
  google::InitGoogleLogging(argv[0]);
  TakeGrpcLog();
  const absl::Status status = Run(*options);
  if (status.ok()) return 0;
  const ErrorDetail detail = DetailOf(status);
  std::cerr << "Error: " << status.message();
  if (!detail.remedy.empty()) std::cerr << "; " << detail.remedy;
  if (!detail.reason.empty()) std::cerr << " (" << detail.reason << ")";
  std::cerr << "\n";
  return 1;
}

}  // namespace
}  // namespace microovn::agent

int main(int argc, char** argv) {
  microovn::LimitMallocArenas();
  microovn::SkipForeignLockChecks();
  return microovn::agent::Main(argc, argv);
}
