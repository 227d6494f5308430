// SPDX-License-Identifier: Apache-2.0
// What an admission is checked for by each member, whoever led when it was
// written: that the holder of the token's key wants it as it is.
#include <functional>
#include <string>

#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/features.h"
#include "gtest/gtest.h"
#include "pki/join/join_statement.h"

namespace microovn::agent {
namespace {

using statepb::Command;

statepb::Member* MemberOf(Command& command) {
  return command.mutable_admit_member()->mutable_member();
}

TEST(AdmissionTest, IsExactlyWhatWasSigned) {
  const struct {
    const char* what;
    std::function<void(Command&)> spoil;
  } cases[] = {
      {
          "another sealing certificate than was signed",
          [](Command& c) {
            MemberOf(c)->mutable_sealing_certificate_pem()->append("\n");
          },
      },
      {
          "no sealing certificate, where one was signed",
          [](Command& c) { MemberOf(c)->clear_sealing_certificate_pem(); },
      },
      {
          "another end of tunnels than was signed",
          [](Command& c) { MemberOf(c)->set_encap_ip("10.9.9.9"); },
      },
      {
          "more services than were signed",
          [](Command& c) {
            MemberOf(c)->add_services(statepb::SERVICE_SWITCH);
          },
      },
      {
          "no default services",
          [](Command& c) {
            c.mutable_admit_member()->set_default_services(false);
          },
      },
      {
          "another version than was signed",
          [](Command& c) { MemberOf(c)->set_version("1.1"); },
      },
      {
          "another data directory than was signed",
          [](Command& c) { MemberOf(c)->set_incarnation(78); },
      },
      {
          "more features than were signed",
          [](Command& c) {
            FeatureLevels& features = *MemberOf(c)->mutable_features();
            features.rbegin()->set_level(features.rbegin()->level() + 1);
          },
      },
      {
          "a signature of the form before",
          [](Command& c) {
            SignAdmission(*c.mutable_admit_member(), "node2", TestId("cluster"),
                          pki::StatementForm::kNameAndKey);
          },
      },
  };
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  const auto before = EncodeState(state);
  for (const auto& test : cases) {
    Command command = AdmitCommand("node2");
    test.spoil(command);
    const statepb::Result result = Apply(state, command);
    EXPECT_EQ(result.reason(), "COMMAND_MALFORMED") << test.what;
    EXPECT_EQ(EncodeState(state), before) << test.what;
  }
  MustApply(state, AdmitCommand("node2"));
}

// A log of the time before: the form is that of the entry's place, for members
// that know the later one and those that do not.
TEST(AdmitTest, TheFormOfASignatureIsTheLogsToSay) {
  ClusterState state = TestCluster({"node1"});
  state.features.Erase(kFeatureJoinStatement);
  MustApply(state, CreateTokenCommand("node2"));
  EXPECT_EQ(Apply(state, AdmitCommand("node2")).reason(), "COMMAND_MALFORMED");
  Command earlier = AdmitCommand("node2");
  SignAdmission(*earlier.mutable_admit_member(), "node2", TestId("cluster"),
                pki::StatementForm::kNameAndKey);
  // It never covered this.
  earlier.mutable_admit_member()->mutable_member()->set_version("1.1");
  MustApply(state, earlier);
}

}  // namespace
}  // namespace microovn::agent
