// SPDX-License-Identifier: Apache-2.0
// Validation, questions, preseed files, completion.
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/testing/status_matchers.h"
#include "ctl/commands/asker.h"
#include "ctl/commands/completion.h"
#include "ctl/commands/config_keys.h"
#include "ctl/commands/preseed.h"
#include "ctl/commands/validate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CheckMemberName, TakesHostNames) {
  const std::string label(63, 'a');
  for (const std::string& name :
       {std::string("a"), std::string("node-1"), std::string("1.b"), label,
        absl::StrJoin({label, label, label, std::string(61, 'b')}, ".")}) {
    EXPECT_OK(CheckMemberName(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("-a"), std::string("a-"), std::string("A"),
        std::string("a_b"), std::string("a..b"), std::string("a."),
        std::string("a b"), std::string("a/b"), std::string("a\n"),
        std::string("\xc3\xa4"), label + "a",
        absl::StrJoin({label, label, label, std::string(62, 'b')}, ".")}) {
    EXPECT_THAT(CheckMemberName(name), HasReason("MEMBER_NAME_INVALID"))
        << name;
  }
}

TEST(CheckToken, WantsBase64OfAnObject) {
  EXPECT_OK(CheckToken(absl::Base64Escape("{\"name\":\"n\"}")));
  EXPECT_OK(CheckToken(absl::WebSafeBase64Escape("{\"name\":\"n>?\"}")));
  const struct {
    std::string token;
    const char* reason;
  } cases[] = {
      {"", "TOKEN_MALFORMED"},
      {"not a token!", "TOKEN_MALFORMED"},
      {absl::Base64Escape("[1,2]"), "TOKEN_MALFORMED"},
      {absl::Base64Escape("text"), "TOKEN_MALFORMED"},
      {absl::Base64Escape("{\"name\":\"no"), "TOKEN_TRUNCATED"},
      {std::string((16 << 10) + 1, 'e'), "TOKEN_TOO_LONG"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(CheckToken(test.token), HasReason(test.reason))
        << test.token.substr(0, 40);
  }
}

TEST(CheckAddress, TakesLiteralAddresses) {
  for (const char* good : {"", "10.0.0.1", "10.0.0.1:7000", "[fd00::1]:1"}) {
    EXPECT_OK(CheckAddress(good)) << good;
  }
  for (const char* bad : {"host", "10.0.0.256", "10.0.0.1:0", "0.0.0.0"}) {
    EXPECT_FALSE(CheckAddress(bad).ok()) << bad;
  }
  EXPECT_OK(CheckEncapsulationAddress("fd00::1"));
  EXPECT_FALSE(CheckEncapsulationAddress("10.0.0.1:6081").ok());
}

TEST(ParseServices, WordsTheRefusalsAsInitDoes) {
  EXPECT_THAT(ParseServices("auto"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(
      ParseServices("switch,central,switch"),
      IsOkAndHolds(ElementsAre(v1::SERVICE_SWITCH, v1::SERVICE_CENTRAL)));
  EXPECT_EQ(ParseServices("central, chassis").status().message(),
            "invalid service selected:  chassis");
  EXPECT_EQ(ParseServices("central,auto").status().message(),
            "cannot select multiple services when using auto");
}

class Questions : public testing::Test {
 protected:
  absl::StatusOr<bool> YesNo(const std::string& input, bool fallback) {
    std::istringstream in(input);
    Asker asker(in, out_, err_);
    return asker.YesNo("Really?", fallback);
  }

  absl::StatusOr<std::string> Text(const std::string& input,
                                   const std::string& fallback) {
    std::istringstream in(input);
    Asker asker(in, out_, err_);
    return asker.Text("Name", fallback, [](const std::string& answer) {
      return answer == "bad" ? absl::InvalidArgumentError("bad is bad")
                             : absl::OkStatus();
    });
  }

  std::ostringstream out_, err_;
};

TEST_F(Questions, YesAndNoInAnyCase) {
  EXPECT_THAT(YesNo("YES\n", false), IsOkAndHolds(true));
  EXPECT_THAT(YesNo("y\n", false), IsOkAndHolds(true));
  EXPECT_THAT(YesNo("No\n", true), IsOkAndHolds(false));
  EXPECT_THAT(YesNo("\n", true), IsOkAndHolds(true));
  // The last line may lack its newline.
  EXPECT_THAT(YesNo("n", true), IsOkAndHolds(false));
  EXPECT_EQ(err_.str(), "");
  EXPECT_THAT(YesNo("perhaps\nyes\n", false), IsOkAndHolds(true));
  EXPECT_EQ(err_.str(), "Invalid input, try again.\n\n");
}

TEST_F(Questions, TextHasADefaultAndACheck) {
  EXPECT_THAT(Text("\n", "node1"), IsOkAndHolds("node1"));
  EXPECT_EQ(out_.str(), "Name [default=node1]: ");
  EXPECT_THAT(Text("bad\n  good \r\n", ""), IsOkAndHolds("good"));
  EXPECT_EQ(err_.str(), "Invalid input: bad is bad\n\n");
}

TEST_F(Questions, TheEndOfInputIsAnError) {
  EXPECT_THAT(YesNo("", true), HasReason("INPUT_ENDED"));
  EXPECT_THAT(Text("bad\n", "x"), HasReason("INPUT_ENDED"));
  EXPECT_THAT(Text(std::string(1 << 20, 'x'), ""),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ParsePreseed, TakesAllAnswers) {
  const auto preseed = ParsePreseed(
      "address: 10.0.0.1\nname: node1\nservices: [central, switch]\n"
      "encap_ip: 10.1.0.1\nbootstrap: true\nca_cert: /c\nca_key: /k\n"
      "servers: [node2, node3]\n");
  ASSERT_OK(preseed);
  EXPECT_EQ(preseed->node.address, "10.0.0.1");
  EXPECT_EQ(preseed->node.name, "node1");
  EXPECT_EQ(preseed->node.services, "central,switch");
  EXPECT_EQ(preseed->node.encap_ip, "10.1.0.1");
  EXPECT_TRUE(preseed->bootstrap);
  EXPECT_EQ(preseed->ca_cert, "/c");
  EXPECT_EQ(preseed->ca_key, "/k");
  EXPECT_THAT(preseed->servers, ElementsAre("node2", "node3"));
  const auto joiner = ParsePreseed("token: eyJ\nservices: auto\n");
  ASSERT_OK(joiner);
  EXPECT_EQ(joiner->token, "eyJ");
}

TEST(ParsePreseed, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"", "[]", "x", "address: 1", "bootstrap: true\ntoken: t",
        "bootstrap: maybe", "bootstrap: true\nadress: 1",
        "bootstrap: true\nservers: node2", "token: [a]", "token: t\nname: n",
        "a: b: c", "? [x]\n: y", "token: t\nservers: [{a: b}]"}) {
    EXPECT_THAT(ParsePreseed(text), HasReason("BAD_PRESEED")) << text;
  }
  EXPECT_EQ(ParsePreseed("bootstrap: true\nadress: 1").status().message(),
            "the preseed file: unknown key \"adress\"; did you mean address?");
}

TEST(ConfigKeys, AreSortedAndDescribed) {
  std::string last;
  for (const ConfigKey& key : kConfigKeys) {
    EXPECT_LT(last, key.key);
    last = key.key;
    EXPECT_STRNE(key.description, "");
  }
}

Command CompletionTree() {
  Command remove;
  remove.name = "remove";
  remove.word_kind = WordKind::kMember;
  Command enable;
  enable.name = "enable";
  enable.choices = {"switch", "central", "bgp"};
  enable.refused = {"bgp"};
  enable.flags = {{"node", "node", 0, "NAME", {}},
                  {"format", "format", 'f', "F", {"json", "yaml"}}};
  enable.flags[1].examples = {"not offered beside choices"};
  enable.max_words = 1;
  remove.max_words = 1;
  Command tool;
  tool.name = "tool";
  tool.passthrough = true;
  Command group;
  group.name = "group";
  group.children = {remove, enable};
  Command help;
  help.name = "help";
  help.word_kind = WordKind::kCommand;
  Command hidden;
  hidden.name = "__hidden";
  hidden.hidden = true;
  Command root;
  root.children = {remove, enable, tool, group, help, hidden};
  return root;
}

TEST(Complete, OffersWhatMayFollow) {
  const Command root = CompletionTree();
  const auto live = [](WordKind kind) {
    return kind == WordKind::kMember
               ? std::vector<std::string>{"node2", "node1"}
               : std::vector<std::string>{};
  };
  const struct {
    const char* line;
    const char* expected;
  } cases[] = {
      {"", "enable,group,help,remove,tool"},
      {"g", "group"},
      {"group ", "enable,remove"},
      {"group nothing ", ""},
      {"help ", "enable,group,help,remove,tool"},
      {"help group e", "enable"},
      {"help nothing ", ""},
      {"tool -", ""},
      {"tool enable --n", ""},
      {"enable --format=", "--format=json,--format=yaml"},
      {"enable --format=y", "--format=yaml"},
      {"enable --node=node1", "--node=node1"},
      {"enable --nothing=", ""},
      {"e", "enable"},
      {"x", ""},
      {"remove ", "node1,node2"},
      {"remove node1 ", ""},
      {"enable ", "central,switch"},
      {"enable s", "switch"},
      {"enable --n", "--node"},
      {"enable --node ", "node1,node2"},
      {"enable -f ", "json,yaml"},
      {"enable -f y", "yaml"},
      {"enable -f json ", "central,switch"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(absl::StrJoin(
                  Complete(root, absl::StrSplit(test.line, ' '), live), ","),
              test.expected)
        << test.line;
  }
  EXPECT_THAT(Complete(root, {}, live),
              ElementsAre("enable", "group", "help", "remove", "tool"));
}

}  // namespace
}  // namespace microovn::ctl
