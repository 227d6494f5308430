// SPDX-License-Identifier: Apache-2.0
// Which certificates get into the state, in each command that brings some.
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/state/apply.h"
#include "agent/state/operation/rotate_authority.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/features.h"
#include "gtest/gtest.h"
#include "pki/key/key_type.h"

namespace microovn::agent {
namespace {

using statepb::Command;

constexpr char kText[] =
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

// RFC 5280's frame around a key of an algorithm that nobody knows.
constexpr char kUnknownKey[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MCAwGQIBATAAMAAwADAAMAwwBQYDKgMEAwMAeHgwAAMBAA==\n"
    "-----END CERTIFICATE-----\n";

Command Admit(const std::function<void(statepb::Member&)>& change) {
  Command command = AdmitCommand("node2");
  statepb::AdmitMember& body = *command.mutable_admit_member();
  change(*body.mutable_member());
  SignAdmission(body, "node2", TestId("cluster"));
  return command;
}

Command Renew(const std::string& pem) {
  Command command = CommandAt(kTestTime);
  command.mutable_renew_member()->set_member_id(TestId("node1"));
  command.mutable_renew_member()->set_certificate_pem(pem);
  command.mutable_renew_member()->add_spki_sha256(TestKeyDigest("node1"));
  return command;
}

Command Seal(const std::string& pem) {
  Command command = CommandAt(kTestTime);
  statepb::SetSealingCertificate& body =
      *command.mutable_set_sealing_certificate();
  body.set_member_id(TestId("node1"));
  body.set_sealing_certificate_pem(pem);
  return command;
}

Command Rotate(const ClusterState& state, const std::string& pem) {
  statepb::Authority successor =
      *state.authorities.Find(AuthorityKey(statepb::PLANE_OVN));
  successor.set_certificate_pem(pem);
  Command command = CommandAt(kTestTime);
  *command.mutable_start_operation()->mutable_operation() =
      RotationOf(TestId("rotation"), successor, /*force=*/false);
  return command;
}

class CertificateRulesTest : public testing::Test {
 protected:
  CertificateRulesTest() {
    MustApply(state_, CreateTokenCommand("node2"));
    before_ = EncodeState(state_);
  }

  void ExpectRefused(const char* what, const Command& command) {
    EXPECT_EQ(Apply(state_, command).reason(), "COMMAND_MALFORMED") << what;
    EXPECT_EQ(EncodeState(state_), before_) << what;
  }

  ClusterState state_ = TestCluster({"node1"});
  decltype(EncodeState(state_)) before_;
};

TEST_F(CertificateRulesTest, AMemberShowsOneCertificateOfARegisteredKey) {
  const struct {
    const char* what;
    std::string pem;
  } cases[] = {
      {"text", kText},
      {"text behind it", TestCertificatePem("node2") + "x"},
      {"two of them",
       TestCertificatePem("node2") + TestCertificatePem("node2")},
      {"one of another key", TestCertificatePem("node3")},
      {"a key that OVS does not take",
       TestCertificatePem("node2", pki::KeyType::kEd25519)},
      {"a key of an unknown kind", kUnknownKey},
      {"none", ""},
  };
  for (const auto& test : cases) {
    ExpectRefused(test.what, Admit([&](statepb::Member& member) {
                    member.set_certificate_pem(test.pem);
                  }));
    ExpectRefused(test.what, Renew(test.pem));
  }
  MustApply(state_, Renew(TestCertificatePem("node1")));
  MustApply(state_, Admit([](statepb::Member&) {}));
}

// Also when the key that cannot be used is registered.
TEST_F(CertificateRulesTest, AMembersKeyIsOneThatOvsTakes) {
  const std::string pem = TestCertificatePem("node2", pki::KeyType::kEd25519);
  const std::string digest = TestKeyDigest("node2", pki::KeyType::kEd25519);
  ExpectRefused("Ed25519", Admit([&](statepb::Member& member) {
                  member.set_certificate_pem(pem);
                  member.set_spki_sha256(0, digest);
                }));
}

TEST_F(CertificateRulesTest, SealingIsForAKeyThatCanBeSealedFor) {
  for (const std::string& pem :
       {std::string(kText), std::string(kUnknownKey),
        TestCertificatePem("x") + TestCertificatePem("x"),
        TestCertificatePem("x", pki::KeyType::kEd25519)}) {
    ExpectRefused("sealing", Seal(pem));
    ExpectRefused("sealing", Admit([&](statepb::Member& member) {
                    member.set_sealing_certificate_pem(pem);
                  }));
  }
  MustApply(state_, Seal(TestCertificatePem("x")));
  // Without one it does not vote.
  MustApply(state_, Admit([](statepb::Member& member) {
              member.clear_sealing_certificate_pem();
            }));
}

TEST_F(CertificateRulesTest, ACaIsOneThatEveryMemberCanRead) {
  std::string many;
  for (int i = 0; i < 65; ++i) absl::StrAppend(&many, TestCertificatePem("ca"));
  for (const std::string& pem : {std::string(kText), std::string(kUnknownKey),
                                 TestCertificatePem("ca") + kText, many}) {
    ExpectRefused("successor", Rotate(state_, pem));
    Command command = BootstrapCommand("node1");
    statepb::Authority& ca =
        *command.mutable_bootstrap()->mutable_authorities(0);
    ca.set_certificate_pem(pem);
    ClusterState founded;
    EXPECT_EQ(Apply(founded, command).reason(), "COMMAND_MALFORMED");
    ca.set_certificate_pem(TestCertificatePem("ca"));
    ca.set_bundle_pem(pem);
    EXPECT_EQ(Apply(founded, command).reason(), "COMMAND_MALFORMED");
    ca.set_bundle_pem(TestCertificatePem("ca") + TestCertificatePem("root"));
    MustApply(founded, command);
  }
  MustApply(state_, Rotate(state_, TestCertificatePem("next")));
}

// Members that do not read them yet must come to the same.
TEST_F(CertificateRulesTest, LogsFromBeforeAreAppliedAsTheyWere) {
  state_.features.Erase(kFeatureParsedCertificates);
  MustApply(state_, Renew(kText));
  MustApply(state_, Rotate(state_, kText));
  MustApply(state_, Seal(kText));
  MustApply(state_, Admit([](statepb::Member& member) {
              member.set_certificate_pem(kText);
            }));
  Command old = BootstrapCommand("node1");
  statepb::Member& founder = *old.mutable_bootstrap()->mutable_member();
  founder.set_certificate_pem(kText);
  ClusterState founded;
  EXPECT_EQ(Apply(founded, old).reason(), "COMMAND_MALFORMED");
  founder.clear_features();
  MustApply(founded, old);
}

}  // namespace
}  // namespace microovn::agent
