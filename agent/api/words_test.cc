// SPDX-License-Identifier: Apache-2.0
#include "agent/api/words.h"

#include <string>

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(WordsTest, EventsTable) {
  const struct {
    std::string type;
    Arguments arguments;
    std::string sentence;
  } cases[] = {
      {"MEMBER_JOINED", {{"member", "node2"}}, "node2 has joined"},
      {"MEMBER_ADDED",
       {{"member", "node2"}, {"address", "10.0.0.2:6686"}},
       "node2 (10.0.0.2:6686) was admitted"},
      {"DATABASES_ENDED",
       {},
       "the OVN databases ended with their last central"},
      // A name that stands twice is a list.
      {"SERVICE_ENABLED",
       {{"service", "central"}, {"service", "chassis"}, {"member", "node1"}},
       "central, chassis was enabled on node1"},
      // A value is never a template.
      {"CONFIG_SET", {{"key", "k"}, {"value", "{key}"}}, "k = {key}"},
      {"CONFIG_SET", {}, " = "},
      {"OPERATION_STARTED",
       {{"kind", "enable-service"}, {"service", "switch"}, {"member", "node3"}},
       "enabling switch on node3 has begun"},
      {"OPERATION_FAILED",
       {{"kind", "remove-member"}, {"member", "node3"}, {"error", "no"}},
       "the removal of node3 failed: no"},
      {"RECOVERED",
       {{"member", "node1"},
        {"action", "end-quarantine"},
        {"by", "ann"},
        {"statement", "why"},
        {"first", "4"},
        {"last", "9"}},
       "ann let node1 vote again without entries 4 to 9, which may be lost "
       "(end-quarantine): why"},
      {"LEADER_CHANGED",
       {{"member", "node2"}, {"term", "7"}, {"before", "node1"}},
       "node2 leads after node1 (term 7)"},
      {"LEADER_CHANGED",
       {{"member", "node2"}, {"term", "7"}},
       "node2 leads (term 7)"},
      {"DAEMON_RESTARTED",
       {{"member", "node2"}, {"unit", "switch"}},
       "switch on node2 was started again"},
      {"FINDING_RAISED",
       {{"reason", "NO_LEADER"}, {"member", "node2"}},
       "on node2: NO_LEADER (The cluster has no leader at this moment)"},
      {"FINDING_CLEARED", {{"reason", "OF_LATER"}}, "gone: OF_LATER (unknown)"},
      // Of a later version.
      {"MOON_LANDED", {{"crew", "3"}}, "MOON_LANDED crew=3"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(EventSentence(c.type, c.arguments), c.sentence);
  }
}

TEST(WordsTest, EventTypesAreThoseWithWords) {
  EXPECT_TRUE(IsEventType("MEMBER_LOST"));
  EXPECT_FALSE(IsEventType("MEMBER"));
  EXPECT_FALSE(IsEventType(""));
  for (const std::string& type : EventTypes()) {
    EXPECT_TRUE(IsEventType(type)) << type;
  }
}

TEST(WordsTest, StepsTable) {
  const Arguments member = {{"member", "node3"}};
  EXPECT_EQ(StepSentence("stop-services", member),
            "stop the services of node3");
  EXPECT_EQ(StepSentence("stop-services",
                         {{"service", "central"}, {"member", "node3"}}),
            "stop central on node3");
  EXPECT_EQ(StepSentence("leave-log", member), "take node3 out of the log");
  EXPECT_EQ(StepSentence("later", member), "later member=node3");
}

}  // namespace
}  // namespace microovn::agent
