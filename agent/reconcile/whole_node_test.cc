// SPDX-License-Identifier: Apache-2.0
// A whole node on real programs: from nothing to every daemon ready, through
// an agent's restart and new connection strings, to a node that has left. In a
// network namespace of its own; needs root, OVN and Open vSwitch.
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/ovn/central.h"
#include "agent/ovn/chassis.h"
#include "agent/ovn/ovs_sockets.h"
#include "agent/ovn/underlay.h"
#include "agent/reconcile/certificate/certificates_reconciler.h"
#include "agent/reconcile/database/database_reconciler.h"
#include "agent/reconcile/database/departed_reconciler.h"
#include "agent/reconcile/loop/reconcile_loop.h"
#include "agent/reconcile/service/leave_reconciler.h"
#include "agent/reconcile/service/services_reconciler.h"
#include "agent/reconcile/settings/env_reconciler.h"
#include "agent/reconcile/settings/ovs_settings_reconciler.h"
#include "agent/reconcile/settings/underlay_reconciler.h"
#include "agent/reconcile/testing/state_builder.h"
#include "agent/watch/change_watch.h"
#include "agent/watch/node_watches.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/mutex.h"
#include "base/process/command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/profile.h"
#include "pki/testing/test_pki.h"
#include "supervisor/process/process_driver.h"
#include "supervisor/service/paths.h"
#include "supervisor/supervisor.h"

namespace microovn::agent {
namespace {

using supervisor::Service;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<std::string> RunTool(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  return RunForOutput(CommandRunner::Real(), command);
}

// Daemons have another working directory.
std::string Launcher() {
  char directory[PATH_MAX];
  PCHECK(getcwd(directory, sizeof(directory)) != nullptr);
  return JoinPath(directory, "supervisor/launch/launch_service");
}

// The replicated state of a cluster of one, which takes in its reports.
class Cluster {
 public:
  Cluster() : pki_(absl::Now()), facts_(pki_.Facts("node1", "10.99.0.1")) {
    const std::string ca = pki_.ovn_ca().certificate().ToPem();
    state_.Hosts("10.99.0.")
        .Member(1, AllStateServices())
        .EncapIp(1, "10.99.1.1")
        .Databases(1, {})
        .OvnAuthority(ca, ca);
  }

  std::optional<NodeView> View() const {
    MutexLock lock(&mu_);
    return state_.View(1);
  }

  template <typename F>
  void Change(const F& change) {
    MutexLock lock(&mu_);
    change(&state_);
    state_.At(++revision_);
  }

  absl::Status Take(const statepb::ReportMember& report) {
    MutexLock lock(&mu_);
    state_.Report(report);
    for (const std::string& name : report.report().joined_databases()) {
      const std::string& id =
          name == "nb" ? report.nb_cluster_id() : report.sb_cluster_id();
      if (!id.empty()) state_.Database(name, 1, {1}, id);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<IssuedCertificates> Issue(
      const std::vector<CertificateDemand>& demands) {
    IssuedCertificates issued;
    for (const CertificateDemand& demand : demands) {
      const auto request = pki::CertificateRequest::FromPem(demand.request_pem);
      const auto profile = pki::OvnServiceProfile(demand.service, facts_);
      const auto certificate =
          pki_.ovn_ca().Issue(profile.value(), request.value().public_key(),
                              absl::Now(), RandomSource::Real());
      issued.certificates_pem.push_back(certificate.value().ToPem());
    }
    return issued;
  }

 private:
  mutable Mutex mu_;
  pki::TestPki pki_;
  pki::MemberFacts facts_;
  StateBuilder state_ ABSL_GUARDED_BY(mu_);
  uint64_t revision_ ABSL_GUARDED_BY(mu_) = 1;
};

CentralDatabaseOptions Database(const supervisor::Paths& paths, bool nb,
                                OvsSockets sockets) {
  CentralDatabaseOptions options;
  options.sockets = std::move(sockets);
  options.kind = nb ? Northbound() : Southbound();
  options.file = nb ? paths.nb_database() : paths.sb_database();
  options.socket = nb ? paths.nb_socket() : paths.sb_socket();
  options.control = nb ? paths.nb_control() : paths.sb_control();
  return options;
}

// Counts the programs that are started.
class CountingRunner final : public CommandRunner {
 public:
  absl::StatusOr<CommandResult> Run(const Command& command) override {
    ++runs;
    return CommandRunner::Real().Run(command);
  }

  std::atomic<int> runs{0};
};

// What an agent wires; destroying it is an agent's end.
class Agent {
 public:
  Agent(const supervisor::Paths& paths, Cluster* cluster)
      : paths_(paths), cluster_(*cluster), watches_(paths, &clock_, [this] {
          if (loop_ != nullptr) loop_->Refresh();
        }) {
    supervisor::ProcessDriver::Options options(paths);
    options.launch = [root = paths.root()](Service service) {
      return std::vector<std::string>{Launcher(), root,
                                      supervisor::ServiceName(service)};
    };
    driver_ =
        supervisor::ProcessDriver::Create(std::move(options), &clock_).value();
    supervisor::Supervisor::Options watch;
    watch.on_change = [this](const supervisor::ServiceReports&) {
      if (loop_ != nullptr) loop_->Refresh();
    };
    supervisor_ = std::make_unique<supervisor::Supervisor>(
        driver_.get(), &clock_, std::move(watch));
    MakeReconcilers();
    MakeLoop();
    watches_.Start();
    supervisor_->Start();
    loop_->Start();
  }

  ~Agent() {
    watches_.Stop();
    supervisor_.reset();
    loop_.reset();
  }

  ReconcileLoop& loop() { return *loop_; }

  // Whether every reconciler would hear of a change.
  bool Hears() const {
    return std::all_of(reconcilers_.begin(), reconcilers_.end(),
                       [](const auto& each) { return each->hears(); });
  }

  // Programs started and questions asked over sockets so far.
  int asked() const { return runner_.runs + calls_; }

  // A look at everything, which has ended when it returns.
  void Look() {
    const absl::Duration before = loop_->Progress().last_end;
    loop_->Refresh();
    while (loop_->Progress().last_end == before) {
      absl::SleepFor(absl::Microseconds(100));
    }
  }

  // Until all that the newest state wants is in place.
  absl::Duration WaitConverged() {
    loop_->Wake();
    const absl::Duration start = clock_.Monotonic();
    for (;;) {
      const ReconcileStatus status = loop_->Current();
      const uint64_t wanted = cluster_.View()->state().desired_revision();
      const absl::Duration passed = clock_.Monotonic() - start;
      if (status.converged && status.desired_revision == wanted) return passed;
      if (passed > absl::Seconds(30)) {
        ADD_FAILURE() << "not in place: " << Trouble(status);
        return passed;
      }
      absl::SleepFor(absl::Milliseconds(10));
    }
  }

 private:
  static std::string Trouble(const ReconcileStatus& status) {
    std::string text;
    for (const ReconcileStatus::Part& part : status.parts) {
      absl::StrAppend(&text, part.name, ": ", part.status.ToString(), "\n");
    }
    return text;
  }

  void MakeReconcilers() {
    CommandRunner* const runner = &runner_;
    const SwitchDatabase switch_database(paths_.switch_socket(), runner,
                                         watches_.switch_sockets(Counted()));
    Add<EnvReconciler>(paths_.environment_file(), &facts_,
                       watches_.files_read());
    CertificatesReconcilerOptions certificates;
    certificates.directory = paths_.pki();
    certificates.issue = [this](const std::vector<CertificateDemand>& d) {
      return cluster_.Issue(d);
    };
    certificates.clock = &clock_;
    certificates.random = &RandomSource::Real();
    certificates.watch = watches_.files();
    Add<CertificatesReconciler>(std::move(certificates), &facts_);
    const CentralDatabase nb(
        Database(paths_, true, watches_.nb_sockets(Counted())), runner);
    const CentralDatabase sb(
        Database(paths_, false, watches_.sb_sockets(Counted())), runner);
    Add<DatabaseReconciler>(nb, &facts_, &clock_, watches_.nb(),
                            watches_.nb_listeners());
    Add<DatabaseReconciler>(sb, &facts_, &clock_, watches_.sb(),
                            watches_.sb_listeners());
    Add<OvsSettingsReconciler>(OvsSettingsOptions{"host1", "netdev"},
                               switch_database, &facts_,
                               watches_.switch_database());
    ServicesReconcilerOptions services;
    services.supervisor = supervisor_.get();
    services.northd_has_written = [this, runner](const std::string& remote) {
      return NorthdHasWritten(
          *runner, remote,
          {paths_.PrivateKey("client"), paths_.Certificate("client"),
           paths_.ca_certificate()});
    };
    services.arguments_of = ReadProcessArguments;
    services_ = Add<ServicesReconciler>(std::move(services), &facts_);
    const UnderlayOptions underlay = {
        JoinPath(paths_.state(), "underlay.json")};
    Add<UnderlayReconciler>(
        "netdev", Underlay(underlay, switch_database, runner), &facts_,
        std::vector<ChangeWatch*>{watches_.switch_database(),
                                  watches_.addresses()});
    DepartedReconcilerOptions departed;
    departed.databases = {nb, sb};
    departed.clock = &clock_;
    departed.chassis_names = [this, runner] {
      return ChassisNames(*runner, paths_.sb_socket());
    };
    departed.delete_chassis = [this,
                               runner](const std::vector<std::string>& names) {
      return DeleteChassis(*runner, paths_.sb_socket(), names);
    };
    departed.confirmed_revision = [this]() -> absl::StatusOr<uint64_t> {
      return cluster_.View()->state().revision();
    };
    Add<DepartedReconciler>(std::move(departed), &facts_);
    Add<LeaveReconciler>(paths_.root(), &facts_, &clock_);
  }

  OvsSockets Counted() {
    OvsSockets sockets;
    sockets.unixctl = [this, real = sockets.unixctl](
                          const std::string& socket, const std::string& command,
                          const std::vector<std::string>& arguments,
                          absl::Duration timeout) {
      ++calls_;
      return real(socket, command, arguments, timeout);
    };
    sockets.transact = [this, real = sockets.transact](
                           const std::string& socket, const std::string& params,
                           absl::Duration timeout) {
      ++calls_;
      return real(socket, params, timeout);
    };
    return sockets;
  }

  template <typename T, typename... Arguments>
  T* Add(Arguments&&... arguments) {
    auto reconciler =
        std::make_unique<T>(std::forward<Arguments>(arguments)...);
    T* const raw = reconciler.get();
    reconcilers_.push_back(std::move(reconciler));
    return raw;
  }

  void MakeLoop() {
    ReconcileLoopOptions options;
    options.clock = &clock_;
    options.facts = &facts_;
    for (const auto& reconciler : reconcilers_) {
      options.reconcilers.push_back(reconciler.get());
    }
    options.properties.datapath = "netdev";
    options.view = [this] { return cluster_.View(); };
    options.observe = [this] { services_->Observe(); };
    options.send_report = [this](const statepb::ReportMember& report) {
      absl::Status status = cluster_.Take(report);
      loop_->Wake();
      return status;
    };
    loop_ = std::make_unique<ReconcileLoop>(std::move(options));
  }

  const supervisor::Paths paths_;
  Cluster& cluster_;
  const Clock& clock_ = Clock::Real();
  CountingRunner runner_;
  std::atomic<int> calls_{0};
  NodeFacts facts_;
  NodeWatches watches_;
  std::unique_ptr<supervisor::ProcessDriver> driver_;
  std::unique_ptr<supervisor::Supervisor> supervisor_;
  std::vector<std::unique_ptr<Reconciler>> reconcilers_;
  ServicesReconciler* services_ = nullptr;
  std::unique_ptr<ReconcileLoop> loop_;
};

bool Within(absl::Duration time, const std::function<bool()>& condition) {
  const absl::Duration end = Clock::Real().Monotonic() + time;
  while (!condition()) {
    if (Clock::Real().Monotonic() > end) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

bool Eventually(const std::function<bool()>& condition) {
  return Within(absl::Seconds(30), condition);
}

// Long before the next look that nothing has brought forward.
bool Soon(const std::function<bool()>& condition) {
  return Within(absl::Seconds(12), condition);
}

// Of the thread with this name.
absl::Duration ProcessorTimeOf(const std::string& thread) {
  const auto tasks = ListDirectory("/proc/self/task");
  EXPECT_OK(tasks);
  for (const std::string& task : tasks.value_or(std::vector<std::string>())) {
    const auto name = ReadFile(absl::StrCat("/proc/self/task/", task, "/comm"));
    if (name.value_or("") != thread + "\n") continue;
    // MAKE_THREAD_CPUCLOCK of the kernel, for its scheduler's clock.
    const auto clock = static_cast<clockid_t>(
        ~static_cast<unsigned>(atoi(task.c_str())) << 3 | 6u);
    timespec used = {};
    EXPECT_EQ(clock_gettime(clock, &used), 0);
    return absl::DurationFromTimespec(used);
  }
  ADD_FAILURE() << "there is no thread " << thread;
  return absl::ZeroDuration();
}

class WholeNodeTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
    ASSERT_EQ(unshare(CLONE_NEWNET), 0) << "needs root";
    const std::vector<std::vector<std::string>> commands = {
        {"ip", "link", "set", "lo", "up"},
        {"ip", "link", "add", "eth0", "type", "veth", "peer", "peer0"},
        {"ip", "link", "add", "eth1", "type", "veth", "peer", "peer1"},
        {"ip", "addr", "add", "10.99.0.1/24", "dev", "eth0"},
        {"ip", "addr", "add", "10.99.1.1/24", "dev", "eth1"},
        {"ip", "link", "set", "eth0", "up"},
        {"ip", "link", "set", "peer0", "up"},
        {"ip", "link", "set", "eth1", "up"},
        {"ip", "link", "set", "peer1", "up"},
        {"ip", "route", "add", "10.98.0.0/16", "via", "10.99.1.254"},
    };
    for (const auto& command : commands) ASSERT_OK(RunTool(command));
  }

  WholeNodeTest() : paths_(root_.path()) {
    EXPECT_OK(supervisor::CreateLayout(paths_));
    StartAgent();
  }

  // Whatever the test has left is taken down.
  ~WholeNodeTest() override {
    agent_.reset();
    for (const Service service : supervisor::kAllServices) {
      (void)RunTool({Launcher(), root_.path(), supervisor::ServiceName(service),
                     "--clean-up"});
    }
  }

  void StartAgent() { agent_ = std::make_unique<Agent>(paths_, &cluster_); }

  pid_t PidOf(Service service) {
    return agent_->loop().Current().facts.services[service].pid;
  }

  std::string Address(const std::string& device) {
    return RunTool({"ip", "-brief", "addr", "show", "dev", device})
        .value_or("");
  }

  TempDir root_;
  const supervisor::Paths paths_;
  Cluster cluster_;
  std::unique_ptr<Agent> agent_;
};

TEST_F(WholeNodeTest, LivesFromNothingToABackup) {
  const absl::Duration first = agent_->WaitConverged();
  std::cout << "from nothing to every daemon ready: " << first << "\n";
  const std::string sb = absl::StrCat("--db=unix:", paths_.sb_socket());
  EXPECT_THAT(RunTool({"ovn-sbctl", sb, "--timeout=10", "--bare",
                       "--columns=name", "list", "Chassis"}),
              IsOkAndHolds("node1\n"));
  EXPECT_THAT(Address("br-phy"), HasSubstr("10.99.1.1/24"));
  EXPECT_THAT(RunTool({"ip", "route", "show", "10.98.0.0/16"}),
              IsOkAndHolds(HasSubstr("dev br-phy")));
  // Over TLS, as the other members come.
  EXPECT_THAT(
      RunTool({"ovsdb-client", "--timeout=5",
               absl::StrCat("--private-key=", paths_.PrivateKey("client")),
               absl::StrCat("--certificate=", paths_.Certificate("client")),
               absl::StrCat("--ca-cert=", paths_.ca_certificate()), "list-dbs",
               "ssl:10.99.0.1:6641"}),
      IsOkAndHolds(HasSubstr("OVN_Northbound")));
  const NodeView view = *cluster_.View();
  EXPECT_EQ(view.state().reports.Find(view.self_id())->converged_revision(),
            1u);

  // An agent that ends and comes back touches nothing.
  std::map<Service, pid_t> before;
  for (const Service s : supervisor::kAllServices) before[s] = PidOf(s);
  agent_.reset();
  StartAgent();
  agent_->WaitConverged();
  for (const Service service : supervisor::kAllServices) {
    EXPECT_EQ(PidOf(service), before[service]) << service;
  }

  // A new central elsewhere: ovn-northd alone is restarted.
  cluster_.Change([](StateBuilder* state) {
    state->Member(2, {statepb::SERVICE_CENTRAL});
  });
  agent_->WaitConverged();
  EXPECT_NE(PidOf(Service::kNorthd), before[Service::kNorthd]);
  EXPECT_EQ(PidOf(Service::kChassis), before[Service::kChassis]);
  EXPECT_THAT(
      RunTool({"ovs-vsctl", absl::StrCat("--db=unix:", paths_.switch_socket()),
               "--timeout=5", "get", "Open_vSwitch", ".",
               "external_ids:ovn-remote"}),
      IsOkAndHolds("\"ssl:10.99.0.1:6642,ssl:10.99.0.2:6642\"\n"));

  // It leaves.
  cluster_.Change([](StateBuilder* state) {
    state->Member(1, AllStateServices(), statepb::Member::STATE_LEAVING)
        .EncapIp(1, "10.99.1.1");
  });
  agent_->WaitConverged();
  EXPECT_TRUE(agent_->loop().Current().facts.left);
  EXPECT_THAT(Address("eth1"), HasSubstr("10.99.1.1/24"));
  EXPECT_THAT(RunTool({"ip", "route", "show", "10.98.0.0/16"}),
              IsOkAndHolds(HasSubstr("dev eth1")));
  const auto names = ListDirectory(root_.path());
  ASSERT_OK(names);
  ASSERT_THAT(names->front(), HasSubstr("backup_"));
  const std::string backup = root_.File(names->front());
  EXPECT_THAT(ListDirectory(backup), IsOkAndHolds(ElementsAre("data", "logs")));
  const auto kept = ListDirectory(backup + "/data/central/db");
  ASSERT_OK(kept);
  EXPECT_THAT(*kept, testing::Contains(HasSubstr("ovnnb_db_backup_")));
  EXPECT_THAT(*kept, testing::Contains(HasSubstr("ovnsb_db_backup_")));
}

// A pass that has nothing to do asks nobody outside of this process, and what
// changes behind its back is put right without waiting for the next look.
TEST_F(WholeNodeTest, ListensInsteadOfAsking) {
  agent_->WaitConverged();
  ASSERT_TRUE(Eventually([this] { return agent_->Hears(); }));
  // What the first events have led to is over.
  ASSERT_TRUE(Eventually([this] {
    const int before = agent_->asked();
    for (int i = 0; i < 5; ++i) agent_->Look();
    return agent_->asked() == before;
  }));
  constexpr int kPasses = 200;
  const int asked = agent_->asked();
  const absl::Duration used = ProcessorTimeOf("reconcile");
  for (int i = 0; i < kPasses; ++i) agent_->Look();
  const absl::Duration each = (ProcessorTimeOf("reconcile") - used) / kPasses;
  std::cout << "a pass over everything in place: " << each << " of processor\n";
  // An event in between, such as of an address that settles, costs a question.
  EXPECT_LE(agent_->asked() - asked, 10);
  // Below one on an idle machine.
  EXPECT_LT(each, absl::Milliseconds(5));

  const std::string database =
      absl::StrCat("--db=unix:", paths_.switch_socket());
  const auto external = [&](const std::string& key) {
    return RunTool({"ovs-vsctl", database, "--timeout=5", "--if-exists", "get",
                    "Open_vSwitch", ".", absl::StrCat("external_ids:", key)})
        .value_or("");
  };
  const std::string remote = external("ovn-remote");
  ASSERT_OK(RunTool({"ovs-vsctl", database, "--timeout=5", "--no-wait", "set",
                     "Open_vSwitch", ".",
                     "external_ids:ovn-remote=ssl:10.9.9.9:6642"}));
  EXPECT_TRUE(Soon([&] { return external("ovn-remote") == remote; }));

  ASSERT_EQ(unlink(paths_.environment_file().c_str()), 0);
  EXPECT_TRUE(Soon([&] { return FileExists(paths_.environment_file()); }));

  // A documented name, and a file that it leads to.
  ASSERT_EQ(unlink(paths_.Certificate("ovnnb").c_str()), 0);
  EXPECT_TRUE(Soon([&] { return ReadFile(paths_.Certificate("ovnnb")).ok(); }));
  ASSERT_EQ(unlink((paths_.pki() + "/current/ovnsb-privkey.pem").c_str()), 0);
  EXPECT_TRUE(Soon([&] { return ReadFile(paths_.PrivateKey("ovnsb")).ok(); }));

  // The address below the tunnels.
  ASSERT_OK(RunTool({"ip", "addr", "del", "10.99.1.1/24", "dev", "br-phy"}));
  EXPECT_TRUE(Soon(
      [&] { return absl::StrContains(Address("br-phy"), "10.99.1.1/24"); }));

  const pid_t before = PidOf(Service::kChassis);
  ASSERT_EQ(kill(before, SIGKILL), 0);
  EXPECT_TRUE(Soon([&] {
    const pid_t now = PidOf(Service::kChassis);
    return now != 0 && now != before;
  }));
  agent_->WaitConverged();

  // The next test finds the addresses where this one has.
  cluster_.Change([](StateBuilder* state) {
    state->Member(1, AllStateServices(), statepb::Member::STATE_LEAVING)
        .EncapIp(1, "10.99.1.1");
  });
  agent_->WaitConverged();
}

TEST_F(WholeNodeTest, EnablesAndDisablesItsServices) {
  cluster_.Change([](StateBuilder* state) {
    state->Member(1, {statepb::SERVICE_SWITCH}).EncapIp(1, "10.99.1.1");
  });
  agent_->WaitConverged();
  EXPECT_NE(PidOf(Service::kSwitch), 0);
  EXPECT_EQ(PidOf(Service::kNbOvsdbServer), 0);
  cluster_.Change([](StateBuilder* state) {
    state->Member(1, AllStateServices()).EncapIp(1, "10.99.1.1");
  });
  agent_->WaitConverged();
  EXPECT_NE(PidOf(Service::kChassis), 0);
  EXPECT_NE(PidOf(Service::kNorthd), 0);

  // The last central goes: its data is kept, its certificates are not.
  cluster_.Change([](StateBuilder* state) {
    state->Member(1, {statepb::SERVICE_SWITCH}).EncapIp(1, "10.99.1.1");
  });
  agent_->WaitConverged();
  EXPECT_EQ(PidOf(Service::kNorthd), 0);
  EXPECT_EQ(PidOf(Service::kChassis), 0);
  EXPECT_FALSE(FileExists(paths_.nb_database()));
  EXPECT_TRUE(FileExists(paths_.Certificate("client")));
  EXPECT_FALSE(FileExists(paths_.Certificate("ovnnb")));
  EXPECT_FALSE(FileExists(paths_.PrivateKey("ovn-controller")));
  EXPECT_THAT(Address("eth1"), HasSubstr("10.99.1.1/24"));
}

}  // namespace
}  // namespace microovn::agent
