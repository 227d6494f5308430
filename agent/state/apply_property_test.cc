// SPDX-License-Identifier: Apache-2.0
// Random commands by seed: what must hold of Apply whatever comes.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/limits.h"
#include "base/crypto/random.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Member;
using statepb::Result;

// Commands that are often admitted: few names, recent ids, small times.
class CommandGenerator {
 public:
  explicit CommandGenerator(uint64_t seed) : random_(seed) {}

  Command Next(const ClusterState& state) {
    now_ += static_cast<int64_t>(random_.Uniform(40)) - 5;
    Command command = Body(state);
    command.set_format(kCommandFormat);
    command.set_time_seconds(now_);
    command.set_clock_seconds(now_ - kTestTime + 1000);
    if (random_.Uniform(4) == 0) {
      command.set_request_id(absl::StrCat("r", random_.Uniform(30)));
    }
    return command;
  }

 private:
  std::string Name() { return absl::StrCat("node", 1 + random_.Uniform(7)); }
  std::string Word() { return absl::StrCat("word", ++words_); }

  // A present member's id, or one that nobody has.
  std::string MemberIdOf(const ClusterState& state) {
    if (state.members.empty() || random_.Uniform(10) == 0) return TestId("no");
    auto it = state.members.records().begin();
    std::advance(it,
                 static_cast<int64_t>(random_.Uniform(state.members.size())));
    return it->first;
  }

  Command Bootstrap() { return BootstrapCommand(Name()); }

  Command CreateToken() {
    Command command = CreateTokenCommand(Name(), now_);
    command.mutable_create_token()->mutable_token()->set_token_id(
        TestId(Word()));
    return command;
  }

  Command Admit(const ClusterState& state) {
    Command command = AdmitCommand(Name(), now_);
    statepb::AdmitMember* body = command.mutable_admit_member();
    for (const auto& [id, token] : state.tokens.records()) {
      if (random_.Uniform(3) != 0) continue;
      command = AdmitCommand(token->member_name(), now_);
      body = command.mutable_admit_member();
      body->set_token_id(id);
    }
    const std::string word = Word();
    body->mutable_member()->set_member_id(TestId(word));
    body->mutable_member()->set_spki_sha256(0, TestKeyDigest(word));
    body->mutable_member()->set_certificate_pem(TestCertificatePem(word));
    body->clear_certificates();
    *body->add_certificates() = TestCertificate(Word(), word, "member");
    SignAdmission(*body, body->member().name(), TestId("cluster"));
    return command;
  }

  Command Report(const ClusterState& state) {
    Command command;
    statepb::ReportMember* body = command.mutable_report_member();
    body->mutable_report()->set_member_id(MemberIdOf(state));
    body->mutable_report()->set_converged_revision(
        random_.Uniform(state.revision() + 2));
    if (random_.Uniform(2) == 0) {
      body->mutable_report()->add_joined_databases("nb");
      body->set_nb_cluster_id(random_.Uniform(3) ? "nb-uuid" : "");
    }
    if (random_.Uniform(2) == 0) {
      body->mutable_report()->add_joined_databases("sb");
      body->set_sb_cluster_id("sb-uuid");
    }
    return command;
  }

  Command Start(const ClusterState& state) {
    Command command = RemovalCommand("", Word());
    statepb::Operation* operation =
        command.mutable_start_operation()->mutable_operation();
    operation->set_member_id(MemberIdOf(state));
    operation->set_kind(
        static_cast<statepb::Operation::Kind>(1 + random_.Uniform(3)));
    operation->set_service(static_cast<statepb::Service>(random_.Uniform(5)));
    operation->set_force(random_.Uniform(2) == 0);
    operation->set_allow_disable_last_central(random_.Uniform(4) == 0);
    return command;
  }

  Command Update(const ClusterState& state) {
    Command command;
    statepb::UpdateOperation* body = command.mutable_update_operation();
    for (const auto& [id, operation] : state.operations.records()) {
      if (operation->done()) continue;
      body->set_operation_id(id);
      *body->mutable_steps() = operation->steps();
    }
    body->set_done(random_.Uniform(2) == 0);
    body->set_error_code(random_.Uniform(3) == 0 ? 4 : 0);
    return command;
  }

  Command Renew(const ClusterState& state) {
    Command command;
    statepb::RenewMember* body = command.mutable_renew_member();
    body->set_member_id(MemberIdOf(state));
    const std::string word = Word();
    body->set_certificate_pem(TestCertificatePem(word));
    body->add_spki_sha256(TestKeyDigest(word));
    return command;
  }

  Command SetAuthority(const ClusterState& state) {
    Command command;
    statepb::SetAuthority* body = command.mutable_set_authority();
    *body->mutable_authority() =
        TestAuthority(statepb::PLANE_OVN, {MemberIdOf(state)});
    body->set_expected_generation(1);
    const statepb::Authority* current = state.authorities.Find("ovn");
    if (current != nullptr) {
      *body->mutable_expected_sealed_for() = current->sealed_for();
    }
    return command;
  }

  Command SetServices(const ClusterState& state) {
    Command command;
    statepb::SetMemberServices* body = command.mutable_set_member_services();
    body->set_member_id(MemberIdOf(state));
    for (int service = 1; service <= 3; ++service) {
      if (random_.Uniform(2) == 0) {
        body->add_services(static_cast<statepb::Service>(service));
      }
    }
    return command;
  }

  // Commands that name one member, or a token, and no more.
  Command Simple(const ClusterState& state) {
    Command command;
    const std::string member_id = MemberIdOf(state);
    const std::string token_id =
        state.tokens.empty() ? "" : state.tokens.records().begin()->first;
    switch (random_.Uniform(6)) {
      case 0:
        command.mutable_take_back_member()->set_member_id(member_id);
        break;
      case 1:
        command.mutable_remove_member()->set_member_id(member_id);
        break;
      case 2:
        command.mutable_put_out_member()->set_member_id(member_id);
        break;
      case 3:
        command.mutable_delete_token()->set_token_id(token_id);
        break;
      case 4:
        command.mutable_count_token_failure()->set_token_id(token_id);
        break;
      default:
        command.mutable_confirm_member()->set_member_id(member_id);
    }
    return command;
  }

  Command Body(const ClusterState& state) {
    switch (random_.Uniform(14)) {
      case 0:
        return Bootstrap();
      case 1:
      case 2:
        return CreateToken();
      case 3:
      case 4:
        return Admit(state);
      case 5:
        return Start(state);
      case 6:
        return Update(state);
      case 7:
        return Report(state);
      case 8:
        return SetServices(state);
      case 9:
        return Renew(state);
      case 10:
        return SetAuthority(state);
      case 11:
        return SetConfigCommand(
            random_.Uniform(2) ? "ovn.central-ips" : "ovn.central-count",
            random_.Uniform(2) ? "10.0.0.9" : "5");
      default:
        return Simple(state);
    }
  }

  SeededRandom random_;
  int64_t now_ = kTestTime;
  int words_ = 0;
};

// Without what a refused command changes, too.
std::vector<StateRecord> WithoutClock(ClusterState state) {
  if (state.bootstrapped()) {
    statepb::Cluster cluster = state.cluster();
    cluster.clear_time_seconds();
    cluster.clear_clock_seconds();
    state.cluster_record.Put(kClusterKey, cluster);
  }
  while (!state.requests.empty()) {
    state.requests.Erase(state.requests.records().begin()->first);
  }
  return EncodeState(state);
}

void ExpectMembersAreDistinct(const ClusterState& state) {
  std::set<std::string> names;
  std::set<std::string> addresses;
  std::set<uint64_t> ordinals;
  for (const auto& [id, member] : state.members.records()) {
    EXPECT_TRUE(names.insert(member->name()).second) << member->name();
    EXPECT_TRUE(addresses.insert(member->address()).second);
    EXPECT_TRUE(ordinals.insert(member->ordinal()).second);
  }
}

void ExpectMembersAreWhole(const ClusterState& state) {
  for (const auto& [id, member] : state.members.records()) {
    EXPECT_EQ(state.tombstones.Find(id), nullptr);
    EXPECT_EQ(FindMemberByKey(state, member->spki_sha256(0)), member.get());
    if (member->state() == Member::STATE_LEAVING) {
      EXPECT_TRUE(member->services().empty());
    }
  }
}

void ExpectDatabasesHaveMembers(const ClusterState& state) {
  for (const auto& [name, database] : state.databases.records()) {
    for (const std::string& id : database->joined_ids()) {
      EXPECT_NE(state.members.Find(id), nullptr) << "a ghost in " << name;
    }
    if (!database->created()) {
      EXPECT_TRUE(database->joined_ids().empty());
      EXPECT_TRUE(Runs(*state.members.Find(database->creator_id()),
                       statepb::SERVICE_CENTRAL));
    }
  }
}

void ExpectInvariants(const ClusterState& state) {
  ExpectMembersAreDistinct(state);
  ExpectMembersAreWhole(state);
  ExpectDatabasesHaveMembers(state);
  EXPECT_FALSE(state.bootstrapped() && ActiveMembers(state).empty());
  EXPECT_EQ(state.databases.empty(), CentralMembers(state).empty());
  for (const auto& [id, report] : state.reports.records()) {
    EXPECT_NE(state.members.Find(id), nullptr);
  }
  EXPECT_LE(state.desired_revision(), state.revision());
  EXPECT_LE(state.events.size(), kMaxEvents);
}

void Store(std::map<std::string, std::string>& stored, ClusterState& state) {
  for (const StateMutation& mutation : TakeMutations(state)) {
    if (mutation.value.has_value()) {
      stored[mutation.key] = *mutation.value;
    } else {
      stored.erase(mutation.key);
    }
  }
}

class ApplyPropertyTest : public testing::TestWithParam<uint64_t> {};

TEST_P(ApplyPropertyTest, HoldsForRandomCommands) {
  SCOPED_TRACE(absl::StrCat("seed ", GetParam()));
  CommandGenerator generator(GetParam());
  ClusterState state;
  ClusterState twin;
  std::map<std::string, std::string> stored;
  std::map<int, int> admitted;
  for (int step = 0; step < 800; ++step) {
    const Command command = generator.Next(state);
    const ClusterState before = state;
    const Result result = Apply(state, command);
    ASSERT_EQ(Apply(twin, command).SerializeAsString(),
              result.SerializeAsString());
    if (result.code() != 0) {
      ASSERT_EQ(WithoutClock(state), WithoutClock(before))
          << command.ShortDebugString() << " was refused and changed something";
      EXPECT_FALSE(result.reason().empty()) << result.ShortDebugString();
    } else {
      ++admitted[command.body_case()];
    }
    Store(stored, state);
    ExpectInvariants(state);
    if (step % 100 != 0) continue;
    ASSERT_EQ(EncodeState(twin), EncodeState(state));
    std::vector<StateRecord> records;
    for (const auto& [key, value] : stored) records.push_back({key, value});
    const auto decoded = DecodeState(records);
    ASSERT_THAT(decoded, IsOk());
    ASSERT_EQ(EncodeState(*decoded), EncodeState(state));
    // A member that restarts here goes on like the others.
    twin = *decoded;
  }
  EXPECT_GE(admitted.size(), 14) << "the commands were too often refused";
}

INSTANTIATE_TEST_SUITE_P(Seeds, ApplyPropertyTest,
                         testing::Range<uint64_t>(1, 7));

}  // namespace
}  // namespace microovn::agent
