// SPDX-License-Identifier: Apache-2.0
#include "agent/member/node_reconciliation.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/member/local_status.h"
#include "agent/member/served_databases.h"
#include "agent/ovn/chassis.h"
#include "agent/ovn/database_client.h"
#include "agent/ovn/network_facts.h"
#include "agent/ovn/remote_query.h"
#include "agent/ovn/underlay.h"
#include "agent/reconcile/certificate/served_reconciler.h"
#include "agent/reconcile/database/client_memory_reconciler.h"
#include "agent/reconcile/database/database_reconciler.h"
#include "agent/reconcile/database/departed_reconciler.h"
#include "agent/reconcile/database/election_timer_reconciler.h"
#include "agent/reconcile/database/probe_interval_reconciler.h"
#include "agent/reconcile/database/schema_reconciler.h"
#include "agent/reconcile/database/storage_reconciler.h"
#include "agent/reconcile/service/leave_reconciler.h"
#include "agent/reconcile/settings/env_reconciler.h"
#include "agent/reconcile/settings/log_level_reconciler.h"
#include "agent/reconcile/settings/ovs_settings_reconciler.h"
#include "agent/reconcile/settings/underlay_reconciler.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "supervisor/launch/launch.h"
#include "supervisor/process/process_table.h"
#include "supervisor/service/service_catalog.h"
#include "supervisor/service/service_spec.h"

namespace microovn::agent {
namespace {

// Stopping everything includes ovn-controller's farewell to the southbound
// database and two databases' leave.
constexpr absl::Duration kDepartTimeout = absl::Minutes(2);

CentralDatabaseOptions DatabaseOptions(const DatabaseKind& kind,
                                       const supervisor::Paths& paths,
                                       OvsSockets sockets = OvsSockets()) {
  CentralDatabaseOptions options;
  options.kind = kind;
  const bool nb = kind.name == Northbound().name;
  options.file = nb ? paths.nb_database() : paths.sb_database();
  options.socket = nb ? paths.nb_socket() : paths.sb_socket();
  options.control = nb ? paths.nb_control() : paths.sb_control();
  options.schema_directory = supervisor::InstalledOptions().ovn_share;
  options.sockets = std::move(sockets);
  return options;
}

LogLevelOptions LogsOf(const supervisor::Paths& paths) {
  LogLevelOptions options;
  options.control_socket = [paths](supervisor::Service service, pid_t pid) {
    return supervisor::ControlSocket(
        supervisor::DescribeService(service, paths), pid);
  };
  return options;
}

TlsFiles ClientFiles(const supervisor::Paths& paths) {
  return {paths.PrivateKey("client"), paths.Certificate("client"),
          paths.ca_certificate()};
}

ServicesReconcilerOptions ServicesOptions(const NodeParts& node,
                                          supervisor::Supervisor* supervisor) {
  ServicesReconcilerOptions services;
  services.supervisor = supervisor;
  services.northd_has_written =
      [runner = node.runner,
       tls = ClientFiles(*node.paths)](const std::string& remote) {
        return NorthdHasWritten(*runner, remote, tls);
      };
  services.arguments_of = ReadProcessArguments;
  return services;
}

DepartedReconcilerOptions DepartedOptions(const NodeParts& node) {
  const auto runner = node.runner;
  const std::string socket = node.paths->sb_socket();
  DepartedReconcilerOptions departed;
  departed.clock = node.clock;
  departed.chassis_names = [=] { return ChassisNames(*runner, socket); };
  departed.delete_chassis = [=](const std::vector<std::string>& names) {
    return DeleteChassis(*runner, socket, names);
  };
  return departed;
}

ClientMemoryReconcilerOptions ClientsOf(const NodeParts& node) {
  ClientMemoryReconcilerOptions options;
  for (const auto& [daemon, database] :
       {std::pair("ovn-controller", "sb"), std::pair("ovn-northd", "nb"),
        std::pair("ovn-northd", "sb")}) {
    options.clients.emplace_back(daemon, database, node.paths->ovn_run());
  }
  options.file = JoinPath(node.paths->state(), "database-clients");
  options.clock = node.clock;
  options.process_of = [](pid_t pid) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const uint64_t start, supervisor::ProcessStartTicks(pid));
    return absl::StrCat(supervisor::BootId(), "/", pid, "/", start);
  };
  options.ask = [runner = node.runner, tls = ClientFiles(*node.paths)](
                    const std::string& remotes, const std::string& database) {
    const DatabaseKind& kind =
        database == Northbound().name ? Northbound() : Southbound();
    return AskClusterId(*runner, remotes, kind.schema_name, tls);
  };
  return options;
}

std::string HostName() {
  char name[256] = "";
  if (gethostname(name, sizeof(name) - 1) != 0) return "";
  return name;
}

}  // namespace

NodeReconciliation::NodeReconciliation(Parts parts)
    : parts_(std::move(parts)),
      datapath_(ChooseDatapath(KernelProbe())),
      nb_(DatabaseOptions(Northbound(), *parts_.node.paths),
          parts_.node.runner),
      sb_(DatabaseOptions(Southbound(), *parts_.node.paths),
          parts_.node.runner),
      watches_(*parts_.node.paths, parts_.node.clock,
               [this] {
                 const auto running = loop();
                 if (running != nullptr) running->Refresh();
               }),
      supervisor_(
          parts_.node.driver, parts_.node.clock,
          [this] {
            supervisor::Supervisor::Options options;
            options.on_change = [this](const supervisor::ServiceReports&) {
              const auto running = loop();
              if (running != nullptr) running->Refresh();
            };
            return options;
          }()),
      probe_([this] {
        NodeProbeOptions options(*parts_.node.paths);
        options.clock = parts_.node.clock;
        options.services = [this] { return supervisor_.Observed(); };
        return options;
      }()) {
  BuildReconcilers();
  reports_ = std::make_unique<ReportSender>(
      [this](const statepb::ReportMember& report) {
        statepb::Command command;
        *command.mutable_report_member() = report;
        return parts_.propose(std::move(command));
      });
  const auto started = std::make_shared<ReconcileLoop>(LoopOptions());
  {
    MutexLock lock(&mu_);
    loop_ = started;
  }
  watches_.Start();
  subscription_ = parts_.store->Subscribe([this] {
    watches_.StateChanged();
    const auto running = loop();
    if (running != nullptr) running->Wake();
  });
  supervisor_.Start();
  probe_.Start();
  started->Start();
}

std::shared_ptr<ReconcileLoop> NodeReconciliation::loop() const {
  MutexLock lock(&mu_);
  return loop_;
}

NodeReconciliation::~NodeReconciliation() { Stop(); }

void NodeReconciliation::Stop() {
  subscription_ = nullptr;
  std::shared_ptr<ReconcileLoop> last;
  {
    MutexLock lock(&mu_);
    last.swap(loop_);
  }
  if (last == nullptr) return;
  // Others may hold it for a question, so that letting go would end nothing.
  last->Stop();
  probe_.Stop();
  watches_.Stop();
  certificates_->Cancel(absl::CancelledError("this member stops"));
}

// In the order in which a new node needs them.
void NodeReconciliation::BuildReconcilers() {
  const NodeParts& env = parts_.node;
  const auto add = [this](std::unique_ptr<Reconciler> reconciler) {
    reconcilers_.push_back(std::move(reconciler));
  };
  const supervisor::Paths& paths = *env.paths;
  const SwitchDatabase switch_database(paths.switch_socket(), env.runner,
                                       watches_.switch_sockets());
  const CentralDatabase nb(
      DatabaseOptions(Northbound(), paths, watches_.nb_sockets()), env.runner);
  const CentralDatabase sb(
      DatabaseOptions(Southbound(), paths, watches_.sb_sockets()), env.runner);

  add(std::make_unique<EnvReconciler>(paths.environment_file(), &facts_,
                                      watches_.files_read()));
  auto certificates = std::make_unique<CertificatesReconciler>(
      CertificatesReconcilerOptions{paths.pki(), parts_.issue, env.clock,
                                    env.random, watches_.files()},
      &facts_);
  certificates_ = certificates.get();
  add(std::move(certificates));
  add(std::make_unique<DatabaseReconciler>(
      nb, &facts_, env.clock, watches_.nb(), watches_.nb_listeners()));
  add(std::make_unique<DatabaseReconciler>(
      sb, &facts_, env.clock, watches_.sb(), watches_.sb_listeners()));
  add(std::make_unique<SchemaReconciler>(
      SchemaReconcilerOptions{{sb, nb}, parts_.confirmed_revision}, &facts_));
  const std::vector<CentralDatabase> databases = {nb, sb};
  add(std::make_unique<StorageReconciler>(databases, &facts_));
  add(std::make_unique<ElectionTimerReconciler>(databases, &facts_));
  add(std::make_unique<ProbeIntervalReconciler>(databases, &facts_));
  add(std::make_unique<OvsSettingsReconciler>(
      OvsSettingsOptions{HostName(), datapath_.type}, switch_database, &facts_,
      watches_.switch_database()));
  auto services = std::make_unique<ServicesReconciler>(
      ServicesOptions(env, &supervisor_), &facts_);
  services_ = services.get();
  add(std::move(services));
  add(std::make_unique<ServedReconciler>(ServedOptions(env, nb, sb), &facts_));
  add(std::make_unique<AgentCertificateReconciler>(parts_.followed, &facts_));
  add(std::make_unique<UnderlayReconciler>(
      datapath_.type,
      Underlay({JoinPath(paths.state(), "underlay.json")}, switch_database,
               env.runner),
      &facts_,
      std::vector<ChangeWatch*>{watches_.switch_database(),
                                watches_.addresses()}));
  add(std::make_unique<ClientMemoryReconciler>(ClientsOf(env), &facts_));
  add(std::make_unique<LogLevelReconciler>(LogsOf(paths), &facts_));
  DepartedReconcilerOptions departed = DepartedOptions(env);
  departed.databases = databases;
  departed.confirmed_revision = parts_.confirmed_revision;
  add(std::make_unique<DepartedReconciler>(std::move(departed), &facts_));
  add(std::make_unique<LeaveReconciler>(paths.root(), &facts_, env.clock));
}

ReconcileLoopOptions NodeReconciliation::LoopOptions() {
  ReconcileLoopOptions options;
  options.clock = parts_.node.clock;
  options.facts = &facts_;
  for (const auto& reconciler : reconcilers_) {
    options.reconcilers.push_back(reconciler.get());
  }
  options.properties.datapath = datapath_.type;
  options.properties.ovn_version = parts_.node.versions.ovn;
  options.properties.ovs_version = parts_.node.versions.ovs;
  options.properties.version = parts_.node.versions.agent;
  options.properties.run = parts_.node.random->Id();
  options.view = [this]() -> std::optional<NodeView> {
    StateSnapshot state = parts_.store->Current();
    if (departing_) {
      return NodeView::Departing(std::move(state), parts_.self_id);
    }
    if (state->members.Find(parts_.self_id) == nullptr) return std::nullopt;
    return NodeView(std::move(state), parts_.self_id);
  };
  options.observe = [this] {
    services_->Observe();
    facts_.sealing = parts_.sealing();
  };
  options.send_report = [this](const statepb::ReportMember& report) {
    reports_->Offer(report);
  };
  return options;
}

absl::Status NodeReconciliation::Reissue(
    const std::set<pki::OvnService>& services, absl::Duration timeout) {
  struct Outcome {
    Mutex mu;
    CondVar done;
    std::optional<absl::Status> status ABSL_GUARDED_BY(mu);
  };
  // Shared with the reconcile thread, which may answer after the deadline.
  const auto outcome = std::make_shared<Outcome>();
  certificates_->Demand(services, [outcome](const absl::Status& status) {
    MutexLock lock(&outcome->mu);
    outcome->status = status;
    outcome->done.SignalAll();
  });
  {
    // Not held while waiting: Stop must not wait for who waits here.
    const auto running = loop();
    if (running == nullptr) return absl::CancelledError("this member stops");
    running->Refresh();
  }
  const Clock& clock = *parts_.node.clock;
  const absl::Duration deadline = clock.Monotonic() + timeout;
  MutexLock lock(&outcome->mu);
  while (!outcome->status.has_value()) {
    const absl::Duration left = deadline - clock.Monotonic();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(
          "the new certificates were not published in time; this member goes "
          "on trying");
    }
    outcome->done.WaitWithTimeout(&outcome->mu, left);
  }
  return *outcome->status;
}

internal::peer::v1::GetLocalStatusResponse NodeReconciliation::LocalStatus() {
  internal::peer::v1::GetLocalStatusResponse response;
  probe_.Fill(response);
  response.set_expected_nb_schema(nb_.ExpectedSchema().value_or(""));
  response.set_expected_sb_schema(sb_.ExpectedSchema().value_or(""));
  FillDaemons(supervisor_.Observed(), response);
  const auto running = loop();
  if (running != nullptr) FillReconcileStatus(running->Current(), response);
  response.set_datapath(datapath_.type);
  response.set_datapath_detail(datapath_.reason);
  response.set_version(parts_.node.versions.agent);
  response.set_ovn_version(parts_.node.versions.ovn);
  response.set_ovs_version(parts_.node.versions.ovs);
  response.set_custody(parts_.sealing().custody);
  FillAddresses(ReadInterfaces().value_or(std::vector<NetworkInterface>()),
                response);
  return response;
}

std::optional<ReconcileProgress> NodeReconciliation::Progress() const {
  const auto running = loop();
  if (running == nullptr) return std::nullopt;
  return running->Progress();
}

std::string NodeReconciliation::Problem() const {
  const auto running = loop();
  return running == nullptr ? "" : running->Current().problem;
}

std::string NodeReconciliation::WhatIsMissing() const {
  const auto running = loop();
  if (running == nullptr) return "this member has stopped";
  const ReconcileStatus status = running->Current();
  std::vector<std::string> missing;
  for (const ReconcileStatus::Part& part : status.parts) {
    if (part.status.ok()) continue;
    missing.push_back(absl::StrCat(part.name, ": ", part.status.message()));
  }
  if (missing.empty()) return "the report has not reached the log yet";
  return absl::StrJoin(missing, "; ");
}

absl::Status NodeReconciliation::Depart() {
  const auto running = loop();
  if (running == nullptr) return absl::CancelledError("this member stops");
  departing_ = true;
  running->Wake();
  absl::Status left = running->AwaitLeft(kDepartTimeout);
  if (!absl::IsDeadlineExceeded(left)) return left;
  return absl::DeadlineExceededError(WhatIsMissing());
}

}  // namespace microovn::agent
