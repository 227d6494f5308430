// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/central_policy.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/features.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

// "A:central B:central,lost C": lost is a central that has been silent for an
// hour, silent one for a minute, new one that has not joined the databases.
ClusterState StateOf(const std::string& text, int vacancies,
                     std::map<std::string, absl::Duration>* silences) {
  std::vector<std::string> names;
  const std::vector<std::string> members = absl::StrSplit(text, ' ');
  for (const std::string& member : members) {
    names.push_back(member.substr(0, member.find(':')));
  }
  ClusterState state = TestCluster(names);
  statepb::Database database;
  for (const std::string& text_of : members) {
    const std::string name = text_of.substr(0, text_of.find(':'));
    statepb::Member member = *FindMember(state, name);
    const auto is = [&text_of](const char* word) {
      return text_of.find(word) != std::string::npos;
    };
    member.clear_services();
    if (is("central")) member.add_services(statepb::SERVICE_CENTRAL);
    member.set_worker(is("worker"));
    if (is("joining")) member.set_state(statepb::Member::STATE_JOINING);
    if (is("central") && !is("new")) {
      database.add_joined_ids(member.member_id());
    }
    if (is("lost")) (*silences)[member.member_id()] = absl::Hours(1);
    if (is("silent")) (*silences)[member.member_id()] = absl::Minutes(1);
    state.members.Put(member.member_id(), member);
  }
  for (const char* name : {"nb", "sb"}) state.databases.Put(name, database);
  statepb::Cluster cluster = state.cluster();
  cluster.set_central_vacancies(static_cast<uint32_t>(vacancies));
  state.cluster_record.Put(kClusterKey, cluster);
  return state;
}

std::string Decide(const ClusterState& state,
                   const std::map<std::string, absl::Duration>& silences) {
  const auto change = DecideCentral(state, [&](const std::string& id) {
    const auto it = silences.find(id);
    return it == silences.end() ? absl::ZeroDuration() : it->second;
  });
  if (!change.has_value()) return "";
  return absl::StrCat(change->enable ? "enable " : "disable ",
                      change->member->name());
}

TEST(CentralPolicyTest, Decides) {
  const struct {
    const char* what;
    const char* members;
    int vacancies;
    const char* decision;
  } cases[] = {
      {"all is well", "a:central b:central c:central d", 0, ""},
      {"a central was removed", "a:central b:central d e", 1, "enable d"},
      {"it was disabled", "a:central b:central c d", 0, ""},
      {"two were removed", "a:central d e", 2, "enable d"},
      {"there is nobody else", "a:central b:central", 1, ""},
      {"the place was taken", "a:central b:central c:central d", 1, ""},
      {"workers never", "a:central b:central c:worker d", 1, "enable d"},
      {"nor who joins", "a:central b:central c:joining d", 1, "enable d"},
      {"nor who is silent", "a:central b:central c:silent d", 1, "enable d"},
      {"a central is lost", "a:central b:central c:central,lost d", 0,
       "enable d"},
      {"it may come back", "a:central b:central c:central,silent d", 0, ""},
      {"nobody can take its place", "a:central b:central c:central,lost d:lost",
       0, ""},
      {"the new one has not joined",
       "a:central b:central c:central,lost d:central,new", 0, ""},
      {"the new one has joined", "a:central b:central c:central,lost d:central",
       0, "disable c"},
      {"no majority is left", "a:central b:central,lost c:central,lost d", 0,
       ""},
      {"one more is silent", "a:central b:central,silent c:central,lost d", 0,
       ""},
      {"half is no majority", "a:central b:central,lost c", 0, ""},
      {"two of five are lost",
       "a:central b:central c:central d:central,lost e:central,lost f", 0,
       "disable d"},
      {"no central is left", "a b", 3, ""},
  };
  for (const auto& test : cases) {
    std::map<std::string, absl::Duration> silences;
    const ClusterState state = StateOf(test.members, test.vacancies, &silences);
    EXPECT_EQ(Decide(state, silences), test.decision) << test.what;
  }
}

TEST(CentralPolicyTest, TheSettingsHold) {
  std::map<std::string, absl::Duration> silences;
  const ClusterState lost =
      StateOf("a:central b:central c:central,lost d", 0, &silences);
  const struct {
    const char* key;
    const char* value;
    const char* decision;
  } cases[] = {
      {kConfigCentralReplacement, "off", ""},
      {kConfigCentralReplacement, "3600", "enable d"},
      {kConfigCentralReplacement, "3601", ""},
      {kConfigCentralCount, "1", "disable c"},
      {kConfigCentralCount, "5", "enable d"},
      {kConfigCentralIps, "192.0.2.1", ""},
  };
  for (const auto& test : cases) {
    ClusterState state = lost;
    MustApply(state, SetConfigCommand(test.key, test.value));
    EXPECT_EQ(Decide(state, silences), test.decision)
        << test.key << " " << test.value;
  }
}

TEST(CentralPolicyTest, OneChangeAtATime) {
  std::map<std::string, absl::Duration> silences;
  ClusterState state =
      StateOf("a:central b:central c:central,lost d e", 0, &silences);
  statepb::Operation running;
  running.set_operation_id(TestId("op"));
  state.operations.Put(running.operation_id(), running);
  EXPECT_EQ(Decide(state, silences), "");
  running.set_done(true);
  state.operations.Put(running.operation_id(), running);
  EXPECT_EQ(Decide(state, silences), "enable d");
}

// A member that does not count them would not begin to.
TEST(CentralPolicyTest, WaitsUntilAllMembersKnowIt) {
  std::map<std::string, absl::Duration> silences;
  ClusterState state =
      StateOf("a:central b:central c:central,lost d", 0, &silences);
  state.features.Erase(kFeatureCentralReplacement);
  EXPECT_EQ(Decide(state, silences), "");
}

}  // namespace
}  // namespace microovn::agent
