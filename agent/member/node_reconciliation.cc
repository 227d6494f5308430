#include "agent/member/node_reconciliation.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/member/local_status.h"
#include "agent/ovn/chassis.h"
#include "agent/ovn/underlay.h"
#include "agent/reconcile/database_reconciler.h"
#include "agent/reconcile/departed_reconciler.h"
#include "agent/reconcile/env_reconciler.h"
#include "agent/reconcile/leave_reconciler.h"
#include "agent/reconcile/ovs_settings_reconciler.h"
#include "agent/reconcile/underlay_reconciler.h"
#include "base/error.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

// How old an answer about a database may be.
constexpr absl::Duration kFresh = absl::Seconds(1);
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
  options.sockets = std::move(sockets);
  return options;
}

TlsFiles ClientFiles(const supervisor::Paths& paths) {
  return {paths.PrivateKey("client"), paths.Certificate("client"),
          paths.ca_certificate()};
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
      nb_(DatabaseOptions(Northbound(), *parts_.environment.paths),
          parts_.environment.runner),
      sb_(DatabaseOptions(Southbound(), *parts_.environment.paths),
          parts_.environment.runner),
      watches_(*parts_.environment.paths, parts_.environment.clock,
               [this] {
                 const auto running = loop();
                 if (running != nullptr) running->Refresh();
               }),
      supervisor_(parts_.environment.driver, parts_.environment.clock, [this] {
        supervisor::Supervisor::Options options;
        options.on_change = [this](const supervisor::ServiceReports&) {
          const auto running = loop();
          if (running != nullptr) running->Refresh();
        };
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
  watches_.Stop();
  certificates_->Cancel(absl::CancelledError("this member stops"));
}

// In the order in which a new node needs them.
void NodeReconciliation::BuildReconcilers() {
  const MemberEnvironment& env = parts_.environment;
  const supervisor::Paths& paths = *env.paths;
  const SwitchDatabase switch_database(paths.switch_socket(), env.runner,
                                       watches_.switch_sockets());
  const CentralDatabase nb(
      DatabaseOptions(Northbound(), paths, watches_.nb_sockets()), env.runner);
  const CentralDatabase sb(
      DatabaseOptions(Southbound(), paths, watches_.sb_sockets()), env.runner);

  reconcilers_.push_back(std::make_unique<EnvReconciler>(
      paths.environment_file(), &facts_, watches_.files_read()));
  auto certificates = std::make_unique<CertificatesReconciler>(
      CertificatesReconcilerOptions{paths.pki(), parts_.issue, env.clock,
                                    env.random, watches_.files()},
      &facts_);
  certificates_ = certificates.get();
  reconcilers_.push_back(std::move(certificates));
  reconcilers_.push_back(std::make_unique<DatabaseReconciler>(
      nb, &facts_, env.clock, watches_.nb()));
  reconcilers_.push_back(std::make_unique<DatabaseReconciler>(
      sb, &facts_, env.clock, watches_.sb()));
  reconcilers_.push_back(std::make_unique<OvsSettingsReconciler>(
      OvsSettingsOptions{HostName(), datapath_.type}, switch_database, &facts_,
      watches_.switch_database()));
  ServicesReconcilerOptions services;
  services.supervisor = &supervisor_;
  services.northd_has_written = [runner = env.runner, tls = ClientFiles(paths)](
                                    const std::string& remote) {
    return NorthdHasWritten(*runner, remote, tls);
  };
  services.arguments_of = ReadProcessArguments;
  auto services_reconciler =
      std::make_unique<ServicesReconciler>(std::move(services), &facts_);
  services_ = services_reconciler.get();
  reconcilers_.push_back(std::move(services_reconciler));
  reconcilers_.push_back(std::make_unique<UnderlayReconciler>(
      datapath_.type,
      Underlay({JoinPath(paths.state(), "underlay.json")}, switch_database,
               env.runner),
      &facts_,
      std::vector<ChangeWatch*>{watches_.switch_database(),
                                watches_.addresses()}));
  DepartedReconcilerOptions departed;
  departed.databases = {nb, sb};
  departed.clock = env.clock;
  departed.chassis_names = [runner = env.runner, socket = paths.sb_socket()] {
    return ChassisNames(*runner, socket);
  };
  departed.delete_chassis = [runner = env.runner, socket = paths.sb_socket()](
                                const std::vector<std::string>& names) {
    return DeleteChassis(*runner, socket, names);
  };
  departed.confirmed_revision = parts_.confirmed_revision;
  reconcilers_.push_back(
      std::make_unique<DepartedReconciler>(std::move(departed), &facts_));
  reconcilers_.push_back(
      std::make_unique<LeaveReconciler>(paths.root(), &facts_, env.clock));
}

ReconcileLoopOptions NodeReconciliation::LoopOptions() {
  ReconcileLoopOptions options;
  options.clock = parts_.environment.clock;
  options.facts = &facts_;
  for (const auto& reconciler : reconcilers_) {
    options.reconcilers.push_back(reconciler.get());
  }
  options.properties.datapath = datapath_.type;
  options.properties.ovn_version = parts_.environment.versions.ovn;
  options.properties.ovs_version = parts_.environment.versions.ovs;
  options.properties.custody = parts_.custody;
  options.properties.version = parts_.environment.versions.agent;
  options.view = [this]() -> std::optional<NodeView> {
    StateSnapshot state = parts_.store->Current();
    if (departing_) {
      return NodeView::Departing(std::move(state), parts_.self_id);
    }
    if (state->members.Find(parts_.self_id) == nullptr) return std::nullopt;
    return NodeView(std::move(state), parts_.self_id);
  };
  options.observe = [this] { services_->Observe(); };
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
  const Clock& clock = *parts_.environment.clock;
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

NodeReconciliation::SeenDatabase NodeReconciliation::LookAt(
    const CentralDatabase& database) {
  SeenDatabase seen;
  const auto expected = database.ExpectedSchema();
  if (expected.ok()) seen.expected_schema = *expected;
  if (!database.FileExists()) return seen;
  seen.local.set_name(std::string(database.kind().name));
  const auto status = database.Status();
  if (!status.ok()) {
    seen.local.mutable_replica()->set_status("not running");
    return seen;
  }
  FillReplica(*status, seen.expected_schema, *seen.local.mutable_replica());
  seen.local.set_cluster_id(status->cluster_id);
  const auto schema = database.ActiveSchema();
  if (schema.ok()) seen.local.set_schema(*schema);
  return seen;
}

NodeReconciliation::SeenDatabases NodeReconciliation::LookAtDatabases() const {
  const absl::Duration now = parts_.environment.clock->Monotonic();
  {
    MutexLock lock(&mu_);
    if (now - seen_.at < kFresh) return seen_;
  }
  // Without the lock: servers may take their time to answer.
  SeenDatabases seen;
  seen.nb = LookAt(nb_);
  seen.sb = LookAt(sb_);
  seen.at = parts_.environment.clock->Monotonic();
  MutexLock lock(&mu_);
  seen_ = seen;
  return seen;
}

internal::peer::v1::GetLocalStatusResponse NodeReconciliation::LocalStatus()
    const {
  internal::peer::v1::GetLocalStatusResponse response;
  const SeenDatabases databases = LookAtDatabases();
  for (const SeenDatabase* seen : {&databases.nb, &databases.sb}) {
    if (!seen->local.name().empty()) {
      *response.add_databases() = seen->local;
    }
  }
  response.set_expected_nb_schema(databases.nb.expected_schema);
  response.set_expected_sb_schema(databases.sb.expected_schema);
  FillDaemons(supervisor_.Observed(), response);
  const auto running = loop();
  if (running != nullptr) FillReconcileStatus(running->Current(), response);
  response.set_datapath(datapath_.type);
  response.set_datapath_detail(datapath_.reason);
  response.set_version(parts_.environment.versions.agent);
  response.set_ovn_version(parts_.environment.versions.ovn);
  response.set_ovs_version(parts_.environment.versions.ovs);
  response.set_custody(parts_.custody);
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
  const absl::Status left = running->AwaitLeft(kDepartTimeout);
  if (!absl::IsDeadlineExceeded(left)) return left;
  return absl::DeadlineExceededError(WhatIsMissing());
}

}  // namespace microovn::agent
