// SPDX-License-Identifier: Apache-2.0
// Logs that were recorded once, each command with the running hash after it: a
// version that applies one of them otherwise parts from the versions before.
//
// The files are extended, by commands at the end or by a further file, and
// never edited. With MICROOVN_REWRITE_GOLDEN=DIR the log of this test is
// written to DIR instead.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "agent/state/operation/rotate_authority.h"
#include "agent/state/replicated_state.h"
#include "agent/state/store/state_store.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/features.h"
#include "gtest/gtest.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "pki/join/join_statement.h"
#include "pki/key/key_type.h"
#include "raft/storage/record/running_hash.h"

namespace microovn::agent {
namespace {

using statepb::Command;

// What was taken for a certificate at first.
constexpr char kRecordedPem[] =
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
constexpr char kLog[] = "agent/state/testdata/log-1.golden";

// What a node does with a log.
class Replay {
 public:
  Replay() : machine_(&store_) {}

  std::string Apply(const std::string& bytes) {
    index_ = index_.Next();
    const auto applied = machine_.Apply(index_, bytes);
    machine_.Publish(index_);
    hash_ =
        raft::FoldApplied(hash_, index_, applied.mutations, applied.outcome);
    outcomes_.insert(applied.outcome);
    return absl::BytesToHexString(hash_);
  }
  const ClusterState& state() { return *(current_ = store_.Current()); }
  const std::set<std::string>& outcomes() const { return outcomes_; }

 private:
  StateStore store_;
  ReplicatedState machine_;
  StateSnapshot current_;
  raft::LogIndex index_;
  std::string hash_ = raft::EmptyStateHash();
  std::set<std::string> outcomes_;
};

// The life of a cluster, each command beside one that is refused.
class Recorder {
 public:
  static constexpr int64_t kBetween = 7;

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
    return std::move(commands_);
  }

 private:
  void Add(Command command) {
    now_ += kBetween;
    for (FeatureLevels* announced : Announcements(command)) {
      Keep(known_, *announced);
    }
    if (form_.has_value()) {
      if (command.has_admit_member()) {
        statepb::AdmitMember& body = *command.mutable_admit_member();
        SignAdmission(body, body.member().name(), TestId("cluster"), *form_);
      }
    } else {
      AsRecorded(command);
    }
    command.set_time_seconds(kTestTime + now_);
    command.set_clock_seconds(now_);
    commands_.push_back(command.SerializeAsString());
    replay_.Apply(commands_.back());
  }
  // Before anybody looked at signatures and into certificates.
  static void AsRecorded(Command& command) {
    if (command.has_create_token()) {
      command.mutable_create_token()->mutable_token()->set_public_key(
          std::string(32, 'k'));
    } else if (command.has_admit_member()) {
      command.mutable_admit_member()->set_signature(std::string(64, 's'));
      AsRecorded(*command.mutable_admit_member()->mutable_member());
    } else if (command.has_bootstrap()) {
      statepb::Bootstrap& body = *command.mutable_bootstrap();
      AsRecorded(*body.mutable_member());
      for (auto& authority : *body.mutable_authorities()) AsRecorded(authority);
    }
  }
  static void AsRecorded(statepb::Member& member) {
    member.set_certificate_pem(kRecordedPem);
    member.set_sealing_certificate_pem(kRecordedPem);
    member.set_spki_sha256(0, TestDigest(member.name()));
  }
  static void AsRecorded(statepb::Authority& authority) {
    authority.set_certificate_pem(kRecordedPem);
    authority.set_bundle_pem(kRecordedPem);
  }
  static std::vector<FeatureLevels*> Announcements(Command& command) {
    std::vector<FeatureLevels*> found;
    if (command.has_bootstrap()) {
      found.push_back(
          command.mutable_bootstrap()->mutable_member()->mutable_features());
    } else if (command.has_admit_member()) {
      found.push_back(
          command.mutable_admit_member()->mutable_member()->mutable_features());
    } else if (command.has_report_member()) {
      found.push_back(command.mutable_report_member()->mutable_features());
    }
    return found;
  }
  static void Keep(const std::map<std::string, uint32_t>& levels,
                   FeatureLevels& announced) {
    FeatureLevels kept;
    for (const statepb::FeatureLevel& feature : announced) {
      const auto known = levels.find(feature.name());
      if (known == levels.end()) continue;
      *kept.Add() = feature;
      kept.rbegin()->set_level(std::min(feature.level(), known->second));
    }
    announced = kept;
  }
  // All members come to support more.
  void Learn(const std::set<std::string>& features, uint32_t level = 1) {
    for (const std::string& feature : features) known_[feature] = level;
    const ClusterState before = replay_.state();
    for (const auto& [id, member] : before.members.records()) {
      Command report = ReportCommand(replay_.state(), member->name(), false);
      *report.mutable_report_member()->mutable_features() = AnnouncedFeatures();
      Add(report);
    }
  }
  void AddAsRequest(Command command, const std::string& id) {
    command.set_request_id(id);
    command.set_request_digest("digest");
    Add(command);
    Add(command);
    command.set_request_digest("another");
    Add(command);
  }
  void Refused() {
    commands_.emplace_back("\xff\xff");
    replay_.Apply(commands_.back());
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

  Replay replay_;
  int64_t now_ = 0;
  // What agents announced when a part was recorded.
  std::map<std::string, uint32_t> known_ = {{"join-withdrawal", 1}};
  // Nothing was signed at first, and certificates were other text.
  std::optional<pki::StatementForm> form_;
  std::vector<std::string> commands_;
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
