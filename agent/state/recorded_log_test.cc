// SPDX-License-Identifier: Apache-2.0
// Logs that were recorded once, each command with the running hash after it: a
// version that applies one of them otherwise parts from the versions before.
//
// The files are extended, by commands at the end or by a further file, and
// never edited. With MICROOVN_REWRITE_GOLDEN=DIR the log of this test is
// written to DIR instead.

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "agent/state/operation/recover_database.h"
#include "agent/state/operation/rotate_authority.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/testing/log_writer.h"
#include "agent/state/values/features.h"
#include "gtest/gtest.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "pki/join/join_statement.h"
#include "pki/key/key_type.h"

namespace microovn::agent {
namespace {

using statepb::Command;

constexpr char kLog[] = "agent/state/testdata/log-1.golden";

// The life of a cluster, each command beside one that is refused.
class Recorder : private LogWriter {
 public:
  std::vector<std::string> Record() {
    Refused();
    Add(BootstrapCommand("node1"));
    Add(BootstrapCommand("node1"));
    for (const char* name : {"node2", "node3", "node4"}) Join(name);
    Joins();
    Settings();
    Certificates();
    Operations();
    Recoveries();
    Cancels();
    Events();
    Rotations();
    SealingKeys();
    CaRequests();
    LaterSettings();
    Workers();
    JoinStatements();
    ParsedCertificates();
    TunnelAddresses();
    CentralPlaces();
    Users();
    DatabaseRecoveries();
    return TakeCommands();
  }

 private:
  void Refused() {
    AddBytes("\xff\xff");
    Add(CreateTokenCommand("node2"));
    Add(Command());
  }
  void Join(const std::string& name) {
    Add(CreateTokenCommand(name));
    AddAsRequest(AdmitCommand(name), "join-" + name);
    Add(ConfirmCommand(name));
    Add(ReportCommand(replay_.state(), name, /*joined=*/true));
    if (name == "node2") {
      Add(ReportCommand(replay_.state(), "node1", /*joined=*/true));
      Add(ReportCommand(replay_.state(), "node2", /*joined=*/true));
    }
  }
  void Joins() {
    Add(CreateTokenCommand("node5"));
    Add(CreateTokenCommand("node5"));
    Command revoke = CommandAt(kTestTime);
    revoke.mutable_delete_token()->set_token_id(TestId("token-node5"));
    Add(revoke);
    Add(revoke);
    Add(CreateTokenCommand("node6"));
    Command failure = CommandAt(kTestTime);
    failure.mutable_count_token_failure()->set_token_id(TestId("token-node6"));
    for (int i = 0; i < 6; ++i) Add(failure);
    Add(AdmitCommand("node6"));
    Add(CreateTokenCommand("node7"));
    Add(AdmitCommand("node7"));
    Command withdraw = CommandAt(kTestTime);
    withdraw.mutable_withdraw_member()->set_member_id(TestId("node7"));
    Add(withdraw);
    withdraw.mutable_withdraw_member()->set_reason("its disk is full");
    Add(withdraw);
    Command take_back = CommandAt(kTestTime);
    take_back.mutable_take_back_member()->set_member_id(TestId("node7"));
    take_back.mutable_take_back_member()->set_reason("its disk is full");
    Add(take_back);
    Add(take_back);
    Add(CreateTokenCommand("node8"));
    Add(AdmitCommand("node8"));
    now_ += 100;
    Add(ConfirmCommand("node8"));
    Add(CreateTokenCommand("node9"));
    now_ += 86400;
    Add(AdmitCommand("node9"));
  }
  void Settings() {
    AddAsRequest(SetConfigCommand("cluster.voters", "5"), "setting");
    AddAsRequest(SetConfigCommand("cluster.voters", "4"), "wrong");
    AddAsRequest(SetConfigCommand("no.such", "4"), "unknown");
    Command remove = CommandAt(kTestTime);
    remove.mutable_delete_config()->set_key("cluster.voters");
    Add(remove);
    remove.mutable_delete_config()->set_expected_revision(1);
    Add(remove);
  }
  // Each before and after all members know it.
  void LaterSettings() {
    Later(1, "ovn.encapsulation", {"vxlan", "stt"});
    Later(2, "ovn.election-timer", {"16000", "999"});
    Later(3, "ovn.log-level", {"dbg", "debug"});
    Later(4, "cluster.upgrade-slot", {"node1", "node2"});
    Later(5, "ovn.probe-interval", {"60000", "999"});
  }
  void Later(uint32_t level, const std::string& key,
             const std::vector<std::string>& values) {
    Command remove = CommandAt(kTestTime);
    remove.mutable_delete_config()->set_key(key);
    const std::string id = absl::StrCat("later-", level);
    AddAsRequest(SetConfigCommand(key, values.front()), id);
    Add(remove);
    Learn({kFeatureOvnSettings}, level);
    for (const std::string& value : values) Add(SetConfigCommand(key, value));
    Add(remove);
  }
  // What a worker's token does before all members know workers, and after.
  void Workers() {
    Later(6, "cluster.administration", {"voters", "certificates"});
    for (const char* name : {"node21", "node22"}) {
      Command token = CreateTokenCommand(name);
      token.mutable_create_token()->mutable_token()->set_worker(true);
      Add(token);
      Command admit = AdmitCommand(name);
      admit.mutable_admit_member()->set_default_services(false);
      admit.mutable_admit_member()->mutable_member()->add_services(
          statepb::SERVICE_CENTRAL);
      Add(admit);
      Add(AdmitCommand(name));
      Add(ConfirmCommand(name));
      Command sealing = CommandAt(kTestTime);
      sealing.mutable_set_sealing_certificate()->set_member_id(TestId(name));
      sealing.mutable_set_sealing_certificate()->set_sealing_certificate_pem(
          TestMember(name).sealing_certificate_pem());
      sealing.mutable_set_sealing_certificate()->add_opened("sealed");
      Add(sealing);
      Add(ServiceCommand(name, statepb::SERVICE_CENTRAL, true,
                         absl::StrCat("central on ", name)));
      Learn({kFeatureWorkers});
    }
  }
  // Each form of a signature, before and after all members know the later one.
  void JoinStatements() {
    form_ = pki::StatementForm::kWhole;
    Add(CreateTokenCommand("node10"));
    Add(AdmitCommand("node10"));
    form_ = pki::StatementForm::kNameAndKey;
    Add(AdmitCommand("node10"));
    Add(ConfirmCommand("node10"));
    Learn({kFeatureJoinStatement});
    Add(CreateTokenCommand("node11"));
    Add(AdmitCommand("node11"));
    form_ = pki::StatementForm::kWhole;
    Add(AdmitCommand("node11"));
    Add(ConfirmCommand("node11"));
  }
  // Before and after all members know that it can change.
  void TunnelAddresses() {
    const auto to = [this](const char* name, const char* address) {
      Command command = CommandAt(kTestTime);
      command.mutable_set_encap_ip()->set_member_id(TestId(name));
      command.mutable_set_encap_ip()->set_encap_ip(address);
      Add(command);
    };
    to("node1", "192.0.2.1");
    Learn({kFeatureMemberAddresses});
    for (const char* address : {"192.0.2.1", "192.0.2.1", "10.0.0.1", "fd00::1",
                                "192.0.2.01", "192.0.2.1:6686", ""}) {
      to("node1", address);
    }
    to("node10", "192.0.2.1");
    to("nobody", "192.0.2.2");
  }
  // Removals of centrals before and after all members count their places.
  void CentralPlaces() {
    Later(7, "ovn.central-replacement", {"off", "60", "59"});
    for (const std::string name : {"node31", "node32", "node33"}) {
      if (name == "node32") Learn({kFeatureCentralReplacement});
      Add(CreateTokenCommand(name));
      Command admit = AdmitCommand(name);
      admit.mutable_admit_member()->set_default_services(false);
      admit.mutable_admit_member()->mutable_member()->add_services(
          statepb::SERVICE_CENTRAL);
      Add(admit);
      Add(ConfirmCommand(name));
    }
    for (const std::string name : {"node31", "node32"}) {
      Add(RemovalCommand(name, absl::StrCat("removal-of-", name)));
    }
    Command cancel = CommandAt(kTestTime);
    cancel.mutable_cancel_operation()->set_operation_id(
        TestId("removal-of-node32"));
    Add(cancel);
    Add(RemovalCommand("node32", "again"));
    Add(ServiceCommand("node11", statepb::SERVICE_CENTRAL, true, "place"));
  }
  // Before and after all members read them.
  void ParsedCertificates() {
    Shows(kRecordedPem);
    Learn({kFeatureParsedCertificates});
    Shows(kRecordedPem);
    Shows(TestCertificatePem("node11"));
    Shows(TestCertificatePem("node10", pki::KeyType::kEd25519));
    Shows(TestCertificatePem("node10"));
    Add(CreateTokenCommand("node12"));
    Command admit = AdmitCommand("node12");
    statepb::Member& member = *admit.mutable_admit_member()->mutable_member();
    member.set_sealing_certificate_pem(kRecordedPem);
    Add(admit);
    Add(AdmitCommand("node12"));
    Add(Rotate(statepb::PLANE_CLUSTER, "no-certificate"));
  }
  // Before and after all members know them.
  void Users() {
    Add(AddUserCommand("alice"));
    Add(RevokeUserCommand("alice"));
    Learn({kFeatureUsers});
    AddAsRequest(AddUserCommand("alice"), "add-alice");
    Add(AddUserCommand("bob", statepb::User::ROLE_VIEWER));
    Command second = AddUserCommand("alice");
    Add(second);
    statepb::User& user = *second.mutable_add_user()->mutable_user();
    user.set_certificate_pem(TestCertificatePem("alice again"));
    user.set_spki_sha256(TestKeyDigest("alice again"));
    Add(second);
    second.mutable_add_user()->set_follows_serial(user.serial());
    Add(second);
    Add(RevokeUserCommand("alice"));
    Add(RevokeUserCommand("alice"));
    Add(RevokeUserCommand("nobody"));
    user.set_role(statepb::User::ROLE_UNSPECIFIED);
    Add(second);
  }
  // Node10, as its certificate and as what is sealed for.
  void Shows(const std::string& pem) {
    Command renew = CommandAt(kTestTime);
    renew.mutable_renew_member()->set_member_id(TestId("node10"));
    renew.mutable_renew_member()->set_certificate_pem(pem);
    renew.mutable_renew_member()->add_spki_sha256(TestKeyDigest("node10"));
    Add(renew);
    Command seal = CommandAt(kTestTime);
    statepb::SetSealingCertificate& body =
        *seal.mutable_set_sealing_certificate();
    body.set_member_id(TestId("node10"));
    body.set_sealing_certificate_pem(pem);
    Add(seal);
  }
  void Certificates() {
    Command record = CommandAt(kTestTime);
    for (int i = 0; i < 6; ++i) {
      *record.mutable_record_certificates()->add_certificates() =
          TestCertificate(absl::StrCat("nb", i), "node1", "ovnnb");
    }
    Add(record);
    record.mutable_record_certificates()->mutable_certificates(0)->set_serial(
        "x");
    Add(record);
    Command authority = CommandAt(kTestTime);
    statepb::SetAuthority* set = authority.mutable_set_authority();
    *set->mutable_authority() =
        TestAuthority(statepb::PLANE_OVN, {TestId("node1"), TestId("node2")});
    AsRecorded(*set->mutable_authority());
    set->set_expected_generation(1);
    set->add_expected_sealed_for(TestId("node1"));
    Add(authority);
    Add(authority);
    set->add_expected_sealed_for(TestId("node2"));
    set->mutable_authority()->set_generation(2);
    set->mutable_authority()->mutable_bundle_pem()->append("more");
    Add(authority);
    set->set_expected_generation(2);
    set->mutable_authority()->set_generation(UINT64_MAX);
    Add(authority);
    Command renew = CommandAt(kTestTime);
    statepb::RenewMember* renewed = renew.mutable_renew_member();
    renewed->set_member_id(TestId("node2"));
    renewed->set_certificate_pem(kRecordedPem);
    renewed->add_spki_sha256(TestDigest("node2"));
    renewed->add_spki_sha256(TestDigest("node2 new"));
    Add(renew);
    renewed->set_spki_sha256(0, TestDigest("node3"));
    Add(renew);
  }
  void Operations() {
    const auto central = statepb::SERVICE_CENTRAL;
    AddAsRequest(ServiceCommand("node4", central, true, "on"), "enable");
    Add(ServiceCommand("nobody", central, true, "on"));
    Update("on", 0);
    Add(ServiceCommand("node3", central, false, "off"));
    Update("off", 4);
    Command services = CommandAt(kTestTime);
    services.mutable_set_member_services()->set_member_id(TestId("node2"));
    services.mutable_set_member_services()->add_services(
        statepb::SERVICE_CHASSIS);
    Add(services);
    services.mutable_set_member_services()->add_services(
        statepb::SERVICE_CHASSIS);
    Add(services);
    Add(RemovalCommand("node3", "gone"));
    Command forced = RemovalCommand("node3", "again");
    forced.mutable_start_operation()->mutable_operation()->set_force(true);
    Add(forced);
    Command put_out = CommandAt(kTestTime);
    put_out.mutable_put_out_member()->set_member_id(TestId("node3"));
    Add(put_out);
    Add(ReportCommand(replay_.state(), "node3", /*joined=*/true));
    put_out.mutable_put_out_member()->set_member_id(TestId("node1"));
    Add(put_out);
    put_out.mutable_put_out_member()->set_member_id(TestId("nobody"));
    Add(put_out);
    Command forget = CommandAt(kTestTime);
    forget.mutable_remove_member()->set_member_id(TestId("node2"));
    Add(forget);
    forget.mutable_remove_member()->set_member_id(TestId("node3"));
    Add(forget);
    Add(AdmitCommand("node3"));
    Update("gone", 0);
  }
  void SealingKeys() {
    Learn({kFeatureSealingRenewal});
    Command lost = CommandAt(kTestTime);
    statepb::SetSealingCertificate* body =
        lost.mutable_set_sealing_certificate();
    body->set_member_id(TestId("node2"));
    Add(lost);
    body->set_sealing_certificate_pem(kRecordedPem);
    Add(lost);
    body->add_opened(TestAuthority(statepb::PLANE_OVN, {}).sealed_key());
    Add(lost);
    body->set_member_id(TestId("nobody"));
    Add(lost);
  }
  void Recoveries() {
    Command command = CommandAt(kTestTime);
    statepb::RecordRecovery* body = command.mutable_record_recovery();
    body->set_member_id(TestId("node1"));
    body->set_action("end-quarantine");
    body->set_by("root");
    body->set_statement("entries may be lost");
    body->set_first_index(3);
    body->set_last_index(5);
    Add(command);
    body->clear_last_index();
    Add(command);
    body->set_member_id(TestId("nobody"));
    Add(command);
  }
  Command Rotate(statepb::Plane plane, const std::string& word) {
    const statepb::Authority& in_use =
        *replay_.state().authorities.Find(AuthorityKey(plane));
    statepb::Authority successor = in_use;
    successor.set_certificate_pem(
        absl::StrCat("-----BEGIN CERTIFICATE-----\n", word,
                     "\n-----END CERTIFICATE-----\n"));
    Command command = CommandAt(kTestTime);
    *command.mutable_start_operation()->mutable_operation() =
        RotationOf(TestId(word), successor, /*force=*/false);
    return command;
  }
  void Advance(statepb::Plane plane, const std::string& word,
               statepb::Authority::Phase to) {
    Command command = CommandAt(kTestTime);
    statepb::AdvanceRotation* body = command.mutable_advance_rotation();
    body->set_plane(plane);
    body->set_operation_id(TestId(word));
    body->set_to(to);
    Add(command);
  }
  void Rotations() {
    Learn({kFeatureCaRotation});
    constexpr auto kOvn = statepb::PLANE_OVN;
    constexpr auto kCluster = statepb::PLANE_CLUSTER;
    Add(Rotate(kOvn, "new-ca"));
    Add(Rotate(kOvn, "newer-ca"));
    Advance(kOvn, "newer-ca", statepb::Authority::PHASE_REISSUE);
    Advance(kOvn, "new-ca", statepb::Authority::PHASE_UNSPECIFIED);
    Advance(kOvn, "new-ca", statepb::Authority::PHASE_REISSUE);
    Command cancel = CommandAt(kTestTime);
    cancel.mutable_cancel_operation()->set_operation_id(TestId("new-ca"));
    Add(cancel);
    Add(Rotate(kOvn, "newest-ca"));
    Advance(kOvn, "new-ca", statepb::Authority::PHASE_UNSPECIFIED);
    Add(CreateTokenCommand("node9"));
    Add(Rotate(kCluster, "cluster-ca"));
    Advance(kCluster, "cluster-ca", statepb::Authority::PHASE_REISSUE);
    Advance(kCluster, "cluster-ca", statepb::Authority::PHASE_UNSPECIFIED);
    cancel.mutable_cancel_operation()->set_operation_id(TestId("cluster-ca"));
    Add(cancel);
    Command removal = RemovalCommand("node4", "by-force");
    removal.mutable_start_operation()->mutable_operation()->set_force(true);
    Add(removal);
    Command forget = CommandAt(kTestTime);
    forget.mutable_remove_member()->set_member_id(TestId("node4"));
    Add(forget);
  }
  void CaRequests() {
    Learn({kFeatureCaRequest});
    Command request = CommandAt(kTestTime);
    statepb::RequestAuthority* body = request.mutable_request_authority();
    body->set_plane(statepb::PLANE_OVN);
    body->set_sealed_key("sealed-request");
    body->add_sealed_for(TestId("node1"));
    Add(request);
    body->set_request_pem(
        "-----BEGIN CERTIFICATE REQUEST-----\nx\n"
        "-----END CERTIFICATE REQUEST-----\n");
    Add(request);
    Command rotate = Rotate(statepb::PLANE_OVN, "requested-ca");
    statepb::Authority& successor = *rotate.mutable_start_operation()
                                         ->mutable_operation()
                                         ->mutable_successor();
    successor.set_from_request(true);
    Add(rotate);
    successor.set_sealed_key("sealed-request");
    Add(rotate);
    Add(request);
  }
  // Before and after all members know what it is; then the reports of old
  // servers and of the new one.
  void DatabaseRecoveries() {
    Command recovery = CommandAt(kTestTime);
    statepb::Operation& operation =
        *recovery.mutable_start_operation()->mutable_operation();
    const auto recover = [&](const std::string& word) {
      const std::vector<const statepb::Member*> centrals =
          CentralMembers(replay_.state());
      if (centrals.empty()) return;
      operation = RecoveryOf(TestId(word), *centrals.front(), "nb");
      Add(recovery);
      Command report =
          ReportCommand(replay_.state(), centrals.front()->name(), true);
      Add(report);
      report.mutable_report_member()->set_nb_cluster_id("nb-" + word);
      Add(report);
    };
    Command alone = CommandAt(kTestTime);
    statepb::RecordRecovery* decided = alone.mutable_record_recovery();
    decided->set_member_id(TestId("node1"));
    decided->set_action("become-only-voter");
    decided->set_by("root");
    decided->set_statement("the others are gone");
    decided->set_first_index(8);
    decided->set_last_index(7);
    Add(alone);
    recover("unknown-yet");
    Learn({kFeatureDatabaseRecovery});
    Add(alone);
    recover("recovered");
    operation.set_database("xb");
    operation.set_operation_id(TestId("no-database"));
    Add(recovery);
    recover("recovered-again");
    Update("recovered-again", 0);
  }
  void Cancels() {
    Command cancel = CommandAt(kTestTime);
    cancel.mutable_cancel_operation()->set_operation_id(
        "0123456789abcdef0123456789abcdef");
    // In the same second as the one before.
    now_ -= kBetween;
    Add(cancel);
  }
  void Events() {
    Learn({kFeatureEvents, kFeatureOperationCancel});
    Command setting = SetConfigCommand("cluster.voters", "5");
    setting.mutable_asker()->set_uid(1000);
    setting.mutable_asker()->set_user("alice");
    setting.mutable_asker()->set_member_id(TestId("node2"));
    setting.set_passed_by(TestId("node1"));
    Add(setting);
    setting.mutable_asker()->set_member_id("nobody");
    Add(setting);
    Command observe = CommandAt(kTestTime);
    statepb::Observation* seen =
        observe.mutable_observe_cluster()->mutable_observation();
    seen->set_leader_id(TestId("node1"));
    seen->set_term(3);
    seen->add_voters(TestId("node1"));
    seen->add_standbys(TestId("node2"));
    seen->add_findings()->set_reason("NO_FAULT_TOLERANCE");
    Add(observe);
    Add(observe);
    seen->add_lost(TestId("node2"));
    seen->clear_findings();
    statepb::Flapping* flapping =
        observe.mutable_observe_cluster()->add_flapping();
    flapping->set_subject(absl::StrCat("members/", TestId("node2")));
    flapping->set_changes(5);
    Add(observe);
    observe.set_passed_by(TestId("node2"));
    Add(observe);
    for (uint32_t i = 0; i < 8; ++i) {
      Command report = ReportCommand(replay_.state(), "node2", false);
      statepb::DaemonLife* life =
          report.mutable_report_member()->mutable_report()->add_lives();
      life->set_unit("switch");
      life->set_restarts(i);
      life->set_down(i % 2 == 1);
      report.mutable_report_member()->mutable_report()->set_agent_run("run");
      Add(report);
    }
  }
  void Update(const std::string& word, int code) {
    Command update = CommandAt(kTestTime);
    statepb::UpdateOperation* body = update.mutable_update_operation();
    body->set_operation_id(TestId(word));
    const statepb::Operation* operation =
        replay_.state().operations.Find(TestId(word));
    ASSERT_NE(operation, nullptr) << word;
    *body->mutable_steps() = operation->steps();
    for (auto& step : *body->mutable_steps()) {
      step.set_state(statepb::OperationStep::STATE_DONE);
      step.set_detail("said by the leader");
    }
    body->set_expected_updates(operation->updates() + 1);
    Add(update);
    body->set_expected_updates(operation->updates());
    body->set_done(true);
    body->set_error_code(code);
    if (code != 0) body->set_error_reason("SERVICE_NOT_SETTLED");
    Add(update);
    Add(update);
  }
};

// A line for each entry: the running hash after it, and its bytes.
struct Recorded {
  std::string hash;
  std::string command;
};

std::vector<Recorded> ReadLog(const char* path) {
  std::vector<Recorded> log;
  std::ifstream file(path);
  std::string hash;
  std::string text;
  while (file >> hash >> text) {
    Recorded entry{hash, ""};
    EXPECT_TRUE(absl::Base64Unescape(text, &entry.command)) << text;
    log.push_back(entry);
  }
  return log;
}

TEST(RecordedLogTest, IsAppliedAsItAlwaysWas) {
  const char* const rewrite = getenv("MICROOVN_REWRITE_GOLDEN");
  if (rewrite != nullptr) {
    std::ofstream file(absl::StrCat(rewrite, "/log-1.golden"));
    Replay replay;
    for (const std::string& command : Recorder().Record()) {
      file << replay.Apply(command) << " " << absl::Base64Escape(command)
           << "\n";
    }
    GTEST_SKIP() << "written to " << rewrite;
  }
  const std::vector<Recorded> log = ReadLog(kLog);
  ASSERT_FALSE(log.empty());
  Replay replay;
  std::set<int> kinds;
  for (size_t i = 0; i < log.size(); ++i) {
    Command command;
    if (command.ParseFromString(log[i].command)) {
      kinds.insert(command.body_case());
    }
    ASSERT_EQ(replay.Apply(log[i].command), log[i].hash)
        << "entry " << i + 1 << ": " << command.ShortDebugString();
  }
  // A command that is new gets into a log, too.
  const auto* body = Command::descriptor()->FindOneofByName("body");
  for (int i = 0; i < body->field_count(); ++i) {
    EXPECT_EQ(kinds.count(body->field(i)->number()), 1)
        << body->field(i)->name() << " is not in the log";
  }
  EXPECT_GE(replay.outcomes().size(), 15U) << "refusals are a part of it";
}

}  // namespace
}  // namespace microovn::agent
