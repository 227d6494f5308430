// SPDX-License-Identifier: Apache-2.0
// Members and tokens: bootstrap, admission, taking back, removal, and the
// envelope of every command.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/limits.h"
#include "agent/state/values/member_view.h"
#include "base/text/host_port.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::JoinToken;
using statepb::Member;
using statepb::Result;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNull;
using testing::MatchesRegex;
using testing::NotNull;

std::string LastEvent(const ClusterState& state) {
  return state.events.empty() ? ""
                              : state.events.records().rbegin()->second->type();
}

// One command for each way to spoil a valid one.
struct Spoiled {
  std::string what;
  std::function<void(Command&)> spoil;
  std::string reason;
};

// What is replicated of a refusal is no prose: another build words it anew.
void ExpectWords(const Result& result) {
  if (result.reason() != "COMMAND_MALFORMED") return;
  for (const statepb::Argument& argument : result.arguments()) {
    EXPECT_THAT(argument.value(), MatchesRegex("[a-z0-9-]+"))
        << argument.name();
  }
}

void ExpectEachRefused(const ClusterState& state, const Command& valid,
                       const std::vector<Spoiled>& cases) {
  ClusterState accepted = state;
  EXPECT_EQ(Apply(accepted, valid).code(), 0) << "the valid command is not";
  for (const Spoiled& c : cases) {
    ClusterState changed = state;
    Command command = valid;
    c.spoil(command);
    const Result result = Apply(changed, command);
    EXPECT_EQ(result.reason(), c.reason)
        << c.what << ": " << result.ShortDebugString();
    EXPECT_NE(result.code(), 0) << c.what;
    ExpectWords(result);
    EXPECT_EQ(result.revision(), state.revision()) << c.what;
    EXPECT_EQ(EncodeState(changed), EncodeState(state)) << c.what;
  }
}

TEST(BootstrapTest, MakesTheFirstMember) {
  ClusterState state;
  const Result result = MustApply(state, BootstrapCommand("node1"));
  EXPECT_EQ(state.cluster().cluster_id(), TestId("cluster"));
  const Member* member = FindMember(state, "node1");
  ASSERT_THAT(member, NotNull());
  EXPECT_EQ(member->state(), Member::STATE_ACTIVE);
  EXPECT_EQ(member->ordinal(), 1);
  EXPECT_THAT(member->services(),
              ElementsAre(statepb::SERVICE_CENTRAL, statepb::SERVICE_CHASSIS,
                          statepb::SERVICE_SWITCH));
  EXPECT_EQ(state.authorities.size(), 2);
  EXPECT_EQ(state.certificates.size(), 1);
  EXPECT_EQ(state.databases.Find("nb")->creator_id(), member->member_id());
  EXPECT_EQ(result.revision(), state.revision());
  EXPECT_EQ(FindMemberByKey(state, TestKeyDigest("node1")), member);
  EXPECT_EQ(FindMemberByAddress(state, HostPort{"10.0.0.1", 6686}), member);
}

TEST(BootstrapTest, ChosenServicesAreKept) {
  ClusterState state;
  Command command = BootstrapCommand("node1");
  command.mutable_bootstrap()->mutable_member()->add_services(
      statepb::SERVICE_SWITCH);
  MustApply(state, command);
  EXPECT_THAT(FindMember(state, "node1")->services(),
              ElementsAre(statepb::SERVICE_SWITCH));
  EXPECT_TRUE(state.databases.empty());
}

TEST(BootstrapTest, RefusesWhatIsNotValid) {
  const std::vector<Spoiled> cases = {
      {"no cluster id",
       [](Command& c) { c.mutable_bootstrap()->clear_cluster_id(); },
       "COMMAND_MALFORMED"},
      {"two authorities of a plane",
       [](Command& c) {
         c.mutable_bootstrap()->mutable_authorities(1)->set_plane(
             statepb::PLANE_CLUSTER);
       },
       "COMMAND_MALFORMED"},
      {"a CA key in clear",
       [](Command& c) {
         c.mutable_bootstrap()->mutable_authorities(0)->set_sealed_key(
             "-----BEGIN PRIVATE KEY-----");
       },
       "COMMAND_MALFORMED"},
      {"a key beside the certificate",
       [](Command& c) {
         c.mutable_bootstrap()
             ->mutable_authorities(0)
             ->mutable_certificate_pem()
             ->append("-----BEGIN EC PRIVATE KEY-----");
       },
       "COMMAND_MALFORMED"},
      {"sealed for a stranger",
       [](Command& c) {
         c.mutable_bootstrap()->mutable_authorities(0)->set_sealed_for(
             0, TestId("stranger"));
       },
       "COMMAND_MALFORMED"},
      {"another member's certificate",
       [](Command& c) {
         c.mutable_bootstrap()->mutable_certificates(0)->set_member_id(
             TestId("stranger"));
       },
       "COMMAND_MALFORMED"},
  };
  ExpectEachRefused(ClusterState(), BootstrapCommand("node1"), cases);
}

TEST(BootstrapTest, HappensOnce) {
  ClusterState state = TestCluster({"node1"});
  EXPECT_EQ(Apply(state, BootstrapCommand("node2")).reason(),
            "ALREADY_BOOTSTRAPPED");
}

TEST(EnvelopeTest, RefusesWhatNoVersionProposes) {
  const std::vector<Spoiled> cases = {
      {"format 0", [](Command& c) { c.set_format(0); }, "COMMAND_MALFORMED"},
      {"a later format", [](Command& c) { c.set_format(2); },
       "COMMAND_MALFORMED"},
      {"a clock before its begin", [](Command& c) { c.set_clock_seconds(-1); },
       "COMMAND_MALFORMED"},
      {"a clock behind its end",
       [](Command& c) { c.set_clock_seconds(INT64_MAX); }, "COMMAND_MALFORMED"},
      {"no body", [](Command& c) { c.clear_body(); }, "COMMAND_MALFORMED"},
      {"an endless request id",
       [](Command& c) { c.set_request_id(std::string(1000, 'r')); },
       "COMMAND_MALFORMED"},
  };
  ExpectEachRefused(TestCluster({"node1"}), CreateTokenCommand("node2"), cases);
  ClusterState empty;
  EXPECT_EQ(Apply(empty, CreateTokenCommand("node2")).reason(),
            "NOT_BOOTSTRAPPED");
  EXPECT_THAT(EncodeState(empty), IsEmpty());
}

TEST(ConfirmTest, AJoinIsNotConfirmedAfterItsEnd) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  MustApply(state, AdmitCommand("node2"));
  ClusterState early = state;
  Command confirm = ConfirmCommand("node2");
  confirm.set_clock_seconds(kJoinSeconds - 1);
  MustApply(early, confirm);
  // Asked again after the end: it has been confirmed.
  confirm.set_clock_seconds(kJoinSeconds + 1000);
  MustApply(early, confirm);
  confirm.set_clock_seconds(kJoinSeconds);
  EXPECT_EQ(Apply(state, confirm).reason(), "MEMBER_NOT_JOINING");
  EXPECT_EQ(FindMember(state, "node2")->state(), Member::STATE_JOINING);
}

TEST(AdmitTest, ConsumesTheTokenAndAddsTheMember) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  const Result result = MustApply(state, AdmitCommand("node2"));
  EXPECT_EQ(result.member().state(), Member::STATE_JOINING);
  // By the cluster's clock, which no wall clock moves.
  EXPECT_EQ(result.member().join_deadline_seconds(), kJoinSeconds);
  EXPECT_EQ(result.member().ordinal(), 2);
  EXPECT_EQ(state.tokens.Find(TestId("token-node2"))->state(),
            JoinToken::STATE_USED);
  EXPECT_EQ(Apply(state, AdmitCommand("node2")).reason(), "TOKEN_USED");
  MustApply(state, ConfirmCommand("node2"));
  const uint64_t revision = state.revision();
  MustApply(state, ConfirmCommand("node2"));
  EXPECT_EQ(state.revision(), revision) << "confirming twice is one event";
  EXPECT_EQ(FindMember(state, "node2")->state(), Member::STATE_ACTIVE);
}

TEST(AdmitTest, RefusesWhatIsNotValid) {
  ClusterState state = TestCluster({"node1", "gone"});
  Command removal = RemovalCommand("gone", "operation");
  MustApply(state, removal);
  Command removed = CommandAt(kTestTime);
  removed.mutable_remove_member()->set_member_id(TestId("gone"));
  MustApply(state, removed);
  MustApply(state, CreateTokenCommand("node2"));
  const auto member = [](Command& c) {
    return c.mutable_admit_member()->mutable_member();
  };
  const std::vector<Spoiled> cases = {
      {"an unknown token",
       [](Command& c) {
         c.mutable_admit_member()->set_token_id(TestId("no token"));
       },
       "TOKEN_UNKNOWN"},
      {"another name", [&](Command& c) { member(c)->set_name("node3"); },
       "TOKEN_NAME_MISMATCH"},
      {"the address of node1",
       [&](Command& c) { member(c)->set_address("10.0.0.1:6686"); },
       "MEMBER_ADDRESS_TAKEN"},
      {"no port", [&](Command& c) { member(c)->set_address("10.0.0.2"); },
       "COMMAND_MALFORMED"},
      {"an address in another form",
       [&](Command& c) { member(c)->set_address("[2001:DB8::2]:6686"); },
       "COMMAND_MALFORMED"},
      {"a host name as tunnel address",
       [&](Command& c) { member(c)->set_encap_ip("tunnel"); },
       "COMMAND_MALFORMED"},
      {"the id of a removed member",
       [&](Command& c) { member(c)->set_member_id(TestId("gone")); },
       "MEMBER_REMOVED"},
      {"the id of a member",
       [&](Command& c) { member(c)->set_member_id(TestId("node1")); },
       "COMMAND_MALFORMED"},
      {"the key of a member",
       [&](Command& c) { member(c)->add_spki_sha256(TestKeyDigest("node1")); },
       "MEMBER_KEY_TAKEN"},
      {"the key of a removed member",
       [&](Command& c) { member(c)->add_spki_sha256(TestKeyDigest("gone")); },
       "MEMBER_KEY_TAKEN"},
      {"no key", [&](Command& c) { member(c)->clear_spki_sha256(); },
       "COMMAND_MALFORMED"},
      {"a service twice",
       [&](Command& c) {
         member(c)->add_services(statepb::SERVICE_SWITCH);
         member(c)->add_services(statepb::SERVICE_SWITCH);
       },
       "COMMAND_MALFORMED"},
      {"an unknown service",
       [&](Command& c) {
         member(c)->add_services(static_cast<statepb::Service>(17));
       },
       "COMMAND_MALFORMED"},
      {"no certificate",
       [&](Command& c) { member(c)->clear_certificate_pem(); },
       "COMMAND_MALFORMED"},
      {"an endless version",
       [&](Command& c) { member(c)->set_version(std::string(1000, '1')); },
       "COMMAND_MALFORMED"},
      {"a short signature",
       [](Command& c) { c.mutable_admit_member()->set_signature("s"); },
       "COMMAND_MALFORMED"},
      {"a signature of another token's key",
       [](Command& c) {
         SignAdmission(*c.mutable_admit_member(), "node3", TestId("cluster"));
       },
       "COMMAND_MALFORMED"},
      {"a signature for another cluster",
       [](Command& c) {
         SignAdmission(*c.mutable_admit_member(), "node2", TestId("other"));
       },
       "COMMAND_MALFORMED"},
      {"another address than was signed",
       [&](Command& c) { member(c)->set_address("10.9.9.9:6686"); },
       "COMMAND_MALFORMED"},
      {"another request than was signed",
       [](Command& c) {
         c.mutable_admit_member()->set_request_digest(TestDigest("other"));
       },
       "COMMAND_MALFORMED"},
      {"no request digest",
       [](Command& c) { c.mutable_admit_member()->clear_request_digest(); },
       "COMMAND_MALFORMED"},
      {"a serial number that is none",
       [](Command& c) {
         c.mutable_admit_member()->mutable_certificates(0)->set_serial("../x");
       },
       "COMMAND_MALFORMED"},
  };
  ExpectEachRefused(state, AdmitCommand("node2"), cases);
}

// No two tokens are of one name, but the member table does not rest on that.
TEST(AdmitTest, ANameBelongsToOneMember) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  JoinToken second = *state.tokens.Find(TestId("token-node2"));
  second.set_token_id(TestId("second"));
  state.tokens.Put(second.token_id(), second);
  MustApply(state, AdmitCommand("node2"));
  Command again = AdmitCommand("stranger");
  again.mutable_admit_member()->set_token_id(second.token_id());
  again.mutable_admit_member()->mutable_member()->set_name("node2");
  const auto before = EncodeState(state);
  EXPECT_EQ(Apply(state, again).reason(), "MEMBER_NAME_TAKEN");
  EXPECT_EQ(EncodeState(state), before);
}

TEST(TokenTest, RefusesWhatIsNotValid) {
  const auto token = [](Command& c) {
    return c.mutable_create_token()->mutable_token();
  };
  const std::vector<Spoiled> cases = {
      {"a member's name",
       [&](Command& c) { token(c)->set_member_name("node1"); },
       "MEMBER_NAME_TAKEN"},
      {"a path as name", [&](Command& c) { token(c)->set_member_name("../x"); },
       "COMMAND_MALFORMED"},
      {"no name", [&](Command& c) { token(c)->clear_member_name(); },
       "COMMAND_MALFORMED"},
      {"a short key", [&](Command& c) { token(c)->set_public_key("k"); },
       "COMMAND_MALFORMED"},
      {"no life", [&](Command& c) { token(c)->set_life_seconds(0); },
       "TOKEN_LIFETIME_INVALID"},
      {"a negative life", [&](Command& c) { token(c)->set_life_seconds(-1); },
       "TOKEN_LIFETIME_INVALID"},
      {"more than a day",
       [&](Command& c) { token(c)->set_life_seconds(86401); },
       "TOKEN_LIFETIME_INVALID"},
      {"an endless life",
       [&](Command& c) { token(c)->set_life_seconds(INT64_MAX); },
       "TOKEN_LIFETIME_INVALID"},
      {"an id that is none", [&](Command& c) { token(c)->set_token_id("x"); },
       "COMMAND_MALFORMED"},
  };
  ExpectEachRefused(TestCluster({"node1"}), CreateTokenCommand("node2"), cases);
}

TEST(TokenTest, ExpiresByTheClusterClock) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  ClusterState early = state;
  MustApply(early, AdmitCommand("node2", kTestTime + 10799));
  EXPECT_EQ(Apply(state, AdmitCommand("node2", kTestTime + 10800)).reason(),
            "TOKEN_EXPIRED");
  // A leader whose clock is behind does not revive it.
  EXPECT_EQ(Apply(state, AdmitCommand("node2", kTestTime)).reason(),
            "TOKEN_EXPIRED");
  // It goes when the next one is made.
  MustApply(state, CreateTokenCommand("node3", kTestTime + 10801));
  EXPECT_THAT(state.tokens.Find(TestId("token-node2")), IsNull());
}

TEST(TokenTest, TheirNumberIsBounded) {
  ClusterState state = TestCluster({"node1"});
  for (size_t i = 0; i < kMaxTokens; ++i) {
    MustApply(state, CreateTokenCommand("joiner" + std::to_string(i)));
  }
  EXPECT_EQ(Apply(state, CreateTokenCommand("node2")).reason(),
            "TOO_MANY_TOKENS");
  EXPECT_EQ(state.tokens.size(), kMaxTokens);
  // One that is revoked makes room, and so do those past their time.
  Command revoke = CommandAt(kTestTime);
  revoke.mutable_delete_token()->set_token_id(TestId("token-joiner0"));
  MustApply(state, revoke);
  MustApply(state, CreateTokenCommand("node2"));
  MustApply(state, CreateTokenCommand("node3", kTestTime + 10800));
  EXPECT_EQ(state.tokens.size(), 1);
}

// It may have to be given back, whatever the clock says by then.
TEST(TokenTest, AJoinersTokenIsKeptUntilTheJoinEnds) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  MustApply(state, AdmitCommand("node2"));
  MustApply(state, CreateTokenCommand("node3", kTestTime + 10800));
  ASSERT_THAT(state.tokens.Find(TestId("token-node2")), NotNull());
  Command take_back = CommandAt(kTestTime);
  take_back.mutable_take_back_member()->set_member_id(TestId("node2"));
  MustApply(state, take_back);
  EXPECT_EQ(state.tokens.Find(TestId("token-node2"))->state(),
            JoinToken::STATE_ACTIVE);
  MustApply(state, CreateTokenCommand("node4", kTestTime + 10800));
  EXPECT_THAT(state.tokens.Find(TestId("token-node2")), IsNull());
}

TEST(TokenTest, LocksAfterFiveWrongAttempts) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  Command failure = CommandAt(kTestTime);
  failure.mutable_count_token_failure()->set_token_id(TestId("token-node2"));
  for (uint32_t i = 1; i < kMaxTokenFailures; ++i) {
    EXPECT_EQ(MustApply(state, failure).token().failed_attempts(), i);
  }
  ClusterState in_time = state;
  MustApply(in_time, AdmitCommand("node2"));
  EXPECT_EQ(MustApply(state, failure).token().state(), JoinToken::STATE_LOCKED);
  EXPECT_EQ(LastEvent(state), "TOKEN_LOCKED");
  MustApply(state, failure);
  EXPECT_EQ(Apply(state, AdmitCommand("node2")).reason(), "TOKEN_LOCKED");
}

TEST(TokenTest, ANewerOneReplacesTheOlder) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  Command newer = CreateTokenCommand("node2");
  newer.mutable_create_token()->mutable_token()->set_token_id(TestId("newer"));
  MustApply(state, newer);
  EXPECT_EQ(Apply(state, AdmitCommand("node2")).reason(), "TOKEN_UNKNOWN");
  Command admit = AdmitCommand("node2");
  admit.mutable_admit_member()->set_token_id(TestId("newer"));
  SignAdmission(*admit.mutable_admit_member(), "node2", TestId("cluster"));
  MustApply(state, admit);
}

TEST(TokenTest, CanBeRevokedUntilItIsUsed) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  Command revoke = CommandAt(kTestTime);
  revoke.mutable_delete_token()->set_token_id(TestId("token-node2"));
  ClusterState used = state;
  MustApply(used, AdmitCommand("node2"));
  EXPECT_EQ(Apply(used, revoke).reason(), "TOKEN_USED");
  MustApply(state, revoke);
  EXPECT_EQ(Apply(state, AdmitCommand("node2")).reason(), "TOKEN_UNKNOWN");
}

TEST(WithdrawTest, MakesTheJoinOverdueAndCannotBeConfirmed) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  Command admit = AdmitCommand("node2");
  admit.set_clock_seconds(100);
  MustApply(state, admit);
  Command withdraw = CommandAt(kTestTime);
  withdraw.set_clock_seconds(110);
  withdraw.mutable_withdraw_member()->set_member_id(TestId("node2"));
  EXPECT_EQ(Apply(state, withdraw).reason(), "COMMAND_MALFORMED")
      << "without a reason";
  withdraw.mutable_withdraw_member()->set_reason("its disk is full");
  MustApply(state, withdraw);
  const Member* member = FindMember(state, "node2");
  ASSERT_THAT(member, NotNull());
  EXPECT_EQ(member->join_deadline_seconds(), 110);
  EXPECT_EQ(member->withdrawal(), "its disk is full");
  EXPECT_EQ(Apply(state, ConfirmCommand("node2")).reason(),
            "MEMBER_NOT_JOINING");
  // Said again, it is no later.
  withdraw.set_clock_seconds(120);
  MustApply(state, withdraw);
  EXPECT_EQ(FindMember(state, "node2")->join_deadline_seconds(), 110);
  withdraw.mutable_withdraw_member()->set_member_id(TestId("node1"));
  EXPECT_EQ(Apply(state, withdraw).reason(), "MEMBER_NOT_JOINING");
  withdraw.mutable_withdraw_member()->set_member_id(TestId("nobody"));
  EXPECT_EQ(Apply(state, withdraw).reason(), "MEMBER_NOT_FOUND");
}

TEST(TakeBackTest, LeavesATombstoneAndTheTokenAsItWas) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  Command failure = CommandAt(kTestTime);
  failure.mutable_count_token_failure()->set_token_id(TestId("token-node2"));
  MustApply(state, failure);
  MustApply(state, AdmitCommand("node2"));
  MustApply(state, ReportCommand(state, "node2", /*joined=*/false));
  Command take_back = CommandAt(kTestTime + 1);
  take_back.mutable_take_back_member()->set_member_id(TestId("node2"));
  take_back.mutable_take_back_member()->set_reason("it did not answer");
  MustApply(state, take_back);
  EXPECT_THAT(FindMember(state, "node2"), IsNull());
  EXPECT_THAT(state.reports.Find(TestId("node2")), IsNull());
  EXPECT_EQ(state.certificates.size(), 1) << "only node1's";
  const JoinToken* token = state.tokens.Find(TestId("token-node2"));
  EXPECT_EQ(token->state(), JoinToken::STATE_ACTIVE);
  EXPECT_EQ(token->failed_attempts(), 1);
  // The same token lets the same name in again, as a new member.
  Command again = AdmitCommand("node2");
  EXPECT_EQ(Apply(state, again).reason(), "MEMBER_REMOVED");
  Member* member = again.mutable_admit_member()->mutable_member();
  member->set_member_id(TestId("node2 again"));
  member->set_spki_sha256(0, TestKeyDigest("node2 again"));
  member->set_certificate_pem(TestCertificatePem("node2 again"));
  again.mutable_admit_member()->clear_certificates();
  MustApply(state, again);
  EXPECT_EQ(Apply(state, take_back).reason(), "MEMBER_NOT_FOUND");
}

TEST(TakeBackTest, IsForJoiningMembersOnly) {
  ClusterState state = TestCluster({"node1", "node2"});
  Command take_back = CommandAt(kTestTime);
  take_back.mutable_take_back_member()->set_member_id(TestId("node2"));
  EXPECT_EQ(Apply(state, take_back).reason(), "MEMBER_NOT_JOINING");
}

TEST(RemoveTest, OnlyALeavingMemberIsDropped) {
  ClusterState state = TestCluster({"node1", "node2"});
  Command remove = CommandAt(kTestTime);
  remove.mutable_remove_member()->set_member_id(TestId("node2"));
  EXPECT_EQ(Apply(state, remove).reason(), "MEMBER_NOT_LEAVING");
  MustApply(state, RemovalCommand("node2", "operation"));
  EXPECT_EQ(Apply(state, ConfirmCommand("node2")).reason(), "MEMBER_LEAVING");
  MustApply(state, remove);
  EXPECT_EQ(LastEvent(state), "MEMBER_REMOVED");
  EXPECT_THAT(FindMemberByKey(state, TestKeyDigest("node2")), IsNull());
  EXPECT_EQ(state.tombstones.Find(TestId("node2"))->name(), "node2");
  // The name is free again.
  Command token = CreateTokenCommand("node2");
  token.mutable_create_token()->mutable_token()->set_token_id(TestId("new"));
  MustApply(state, token);
}

TEST(RenewTest, ReplacesWhatIsAdmitted) {
  ClusterState state = TestCluster({"node1", "node2"});
  Command renew = CommandAt(kTestTime);
  statepb::RenewMember* body = renew.mutable_renew_member();
  body->set_member_id(TestId("node2"));
  body->set_certificate_pem(TestCertificatePem("node2 new"));
  body->add_spki_sha256(TestKeyDigest("node2 new"));
  *body->mutable_certificate() = TestCertificate("new", "node2", "member");
  const uint64_t desired = state.desired_revision();
  ExpectEachRefused(
      state, renew,
      {{"the key of node1",
        [](Command& c) {
          c.mutable_renew_member()->add_spki_sha256(TestKeyDigest("node1"));
        },
        "MEMBER_KEY_TAKEN"},
       {"an unknown member",
        [](Command& c) { c.mutable_renew_member()->set_member_id("x"); },
        "MEMBER_NOT_FOUND"},
       {"another member's certificate",
        [](Command& c) {
          c.mutable_renew_member()->mutable_certificate()->set_member_id(
              TestId("node1"));
        },
        "COMMAND_MALFORMED"}});
  MustApply(state, renew);
  EXPECT_THAT(FindMemberByKey(state, TestKeyDigest("node2")), IsNull());
  EXPECT_THAT(FindMemberByKey(state, TestKeyDigest("node2 new")), NotNull());
  EXPECT_EQ(state.desired_revision(), desired);
}

std::vector<std::string> Holders(const ClusterState& state,
                                 statepb::Plane plane) {
  const auto& holders =
      state.authorities.Find(AuthorityKey(plane))->sealed_for();
  return {holders.begin(), holders.end()};
}

TEST(SealingCertificateTest, WhoCanOpenIsKeptTrue) {
  ClusterState state = TestCluster({"node1", "node2"});
  for (const statepb::Plane plane :
       {statepb::PLANE_CLUSTER, statepb::PLANE_OVN}) {
    statepb::Authority authority =
        TestAuthority(plane, {TestId("node1"), TestId("node2")});
    authority.set_sealed_key(absl::StrCat("sealed", plane));
    state.authorities.Put(AuthorityKey(plane), authority);
  }
  Command lost = CommandAt(kTestTime);
  statepb::SetSealingCertificate* body = lost.mutable_set_sealing_certificate();
  body->set_member_id(TestId("node2"));
  body->set_sealing_certificate_pem(TestMember("x").certificate_pem());
  const uint64_t desired = state.desired_revision();
  ExpectEachRefused(
      state, lost,
      {{"an unknown member",
        [](Command& c) {
          c.mutable_set_sealing_certificate()->set_member_id("x");
        },
        "MEMBER_NOT_FOUND"},
       {"no certificate",
        [](Command& c) {
          c.mutable_set_sealing_certificate()->clear_sealing_certificate_pem();
        },
        "COMMAND_MALFORMED"},
       {"more than there are",
        [](Command& c) {
          for (int i = 0; i < 7; ++i) {
            c.mutable_set_sealing_certificate()->add_opened("x");
          }
        },
        "COMMAND_MALFORMED"}});
  MustApply(state, lost);
  EXPECT_EQ(LastEvent(state), "SEALING_KEY_CHANGED");
  EXPECT_EQ(state.members.Find(TestId("node2"))->sealing_certificate_pem(),
            body->sealing_certificate_pem());
  EXPECT_THAT(Holders(state, statepb::PLANE_OVN), ElementsAre(TestId("node1")));
  EXPECT_THAT(Holders(state, statepb::PLANE_CLUSTER),
              ElementsAre(TestId("node1")));
  EXPECT_EQ(state.desired_revision(), desired);
  // It opens one of them, and something that is not in the state any more.
  body->add_opened(absl::StrCat("sealed", statepb::PLANE_OVN));
  body->add_opened("gone");
  MustApply(state, lost);
  EXPECT_THAT(Holders(state, statepb::PLANE_OVN),
              ElementsAre(TestId("node1"), TestId("node2")));
  EXPECT_THAT(Holders(state, statepb::PLANE_CLUSTER),
              ElementsAre(TestId("node1")));
}

TEST(RecoveryTest, RefusesWhatNoVersionProposes) {
  const ClusterState state = TestCluster({"node1"});
  Command recovery = CommandAt(kTestTime);
  statepb::RecordRecovery* body = recovery.mutable_record_recovery();
  body->set_member_id(TestId("node1"));
  body->set_action("end-quarantine");
  body->set_by("root");
  ExpectEachRefused(
      state, recovery,
      {{"another action",
        [](Command& c) { c.mutable_record_recovery()->set_action("dance"); },
        "COMMAND_MALFORMED"},
       {"an endless name",
        [](Command& c) {
          c.mutable_record_recovery()->set_by(std::string(65, 'x'));
        },
        "COMMAND_MALFORMED"},
       {"an endless statement",
        [](Command& c) {
          c.mutable_record_recovery()->set_statement(std::string(1025, 'x'));
        },
        "COMMAND_MALFORMED"},
       {"an unknown member",
        [](Command& c) { c.mutable_record_recovery()->set_member_id("x"); },
        "MEMBER_NOT_FOUND"}});
}

TEST(EventTest, OnlyTheLastThousandAreKept) {
  ClusterState state = TestCluster({"node1"});
  for (size_t i = 0; i <= kMaxEvents; ++i) {
    MustApply(state, SetConfigCommand("cluster.voters", i % 2 ? "3" : "5"));
  }
  EXPECT_EQ(state.events.size(), kMaxEvents);
  EXPECT_EQ(state.events.records().rbegin()->second->revision(),
            state.revision());
}

}  // namespace
}  // namespace microovn::agent
