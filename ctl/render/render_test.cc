// SPDX-License-Identifier: Apache-2.0
// Tables, words and messages.
#include <algorithm>
#include <functional>
#include <string>

#include "absl/strings/str_split.h"
#include "base/testing/status_matchers.h"
#include "ctl/render/certificate_list.h"
#include "ctl/render/log_list.h"
#include "ctl/render/member_list.h"
#include "ctl/render/message.h"
#include "ctl/render/status_contract.h"
#include "ctl/render/status_text.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

const Table& Sample() {
  static const auto* const kTable =
      new Table{{"NAME", "X"}, {{"ä", "1"}, {"longer", ""}}};
  return *kTable;
}

TEST(Table, IsDrawnInEachForm) {
  EXPECT_EQ(RuledTable(Sample()),
            "+--------+---+\n"
            "|  NAME  | X |\n"
            "+--------+---+\n"
            "| ä      | 1 |\n"
            "+--------+---+\n"
            "| longer |   |\n"
            "+--------+---+\n");
  EXPECT_EQ(CompactTable(Sample()),
            "   NAME   X  \n"
            "  ä       1  \n"
            "  longer     \n");
  EXPECT_EQ(ColumnTable(Sample()),
            "NAME    X\n"
            "ä       1\n"
            "longer\n");
  EXPECT_EQ(RuledTable({{"A"}, {}}), "+---+\n| A |\n+---+\n");
}

TEST(ColumnTable, FitsOrFolds) {
  Table table{{"NAME", "B", "C", "TEXT"},
              {{"n1", "bbbbbbbb", "cccc", "one two three four five six"},
               {"n2", "", "c", "seven"}},
              {1}};
  EXPECT_EQ(ColumnTable(table, 49),
            "NAME  B         C     TEXT\n"
            "n1    bbbbbbbb  cccc  one two three four five six\n"
            "n2              c     seven\n");
  EXPECT_EQ(ColumnTable(table, 48),
            "NAME  C     TEXT\n"
            "n1    cccc  one two three four five six\n"
            "n2    c     seven\n");
  EXPECT_EQ(ColumnTable(table, 36),
            "NAME  C     TEXT\n"
            "n1    cccc  one two three four five\n"
            "            six\n"
            "n2    c     seven\n");
  EXPECT_EQ(ColumnTable(table, 30),
            "n1\n"
            "  B     bbbbbbbb\n"
            "  C     cccc\n"
            "  TEXT  one two three four\n"
            "        five six\n"
            "n2\n"
            "  C     c\n"
            "  TEXT  seven\n");
  EXPECT_TRUE(Fits(table, 49));
  EXPECT_FALSE(Fits(table, 48));
}

TEST(CsvTable, QuotesWhatNeedsIt) {
  EXPECT_EQ(CsvTable({{"A", "B"}, {{"a,b", "say \"x\""}, {"c", "d\ne"}}}),
            "\"a,b\",\"say \"\"x\"\"\"\nc,\"d\ne\"\n");
}

TEST(NaturalLess, CountsAsPeopleDo) {
  std::vector<std::string> names = {"node10", "node2", "node",
                                    "node02", "a",     "node2b"};
  std::sort(names.begin(), names.end(),
            [](const auto& a, const auto& b) { return NaturalLess(a, b); });
  EXPECT_THAT(names, testing::ElementsAre("a", "node", "node02", "node2",
                                          "node2b", "node10"));
  EXPECT_TRUE(NaturalLess("1", std::string(100, '9')));
  EXPECT_FALSE(NaturalLess("x", "x"));
}

TEST(Words, AreMicroOvns) {
  EXPECT_EQ(StatusWord(v1::Member::STATUS_NOT_TRUSTED), "NOT TRUSTED");
  EXPECT_EQ(StatusWord(v1::Member::STATUS_ONLINE), "ONLINE");
  EXPECT_EQ(RoleWord(v1::Member::ROLE_STAND_BY), "stand-by");
  EXPECT_EQ(RoleWord(v1::Member::ROLE_PENDING), "PENDING");
  EXPECT_EQ(ServiceWord(v1::SERVICE_CENTRAL), "central");
  EXPECT_THAT(ParseService("switch"), IsOkAndHolds(v1::SERVICE_SWITCH));
  for (const char* word : {"", "SWITCH", "unspecified", "switch "}) {
    EXPECT_THAT(ParseService(word), HasReason("UNKNOWN_SERVICE")) << word;
  }
}

TEST(HostOf, DropsPortAndBrackets) {
  EXPECT_EQ(HostOf("10.0.0.1:6686"), "10.0.0.1");
  EXPECT_EQ(HostOf("[fd00::1]:6686"), "fd00::1");
  EXPECT_EQ(HostOf("odd"), "odd");
}

TEST(Ago, GrowsCoarser) {
  const absl::Time now = absl::FromUnixSeconds(10'000'000);
  const struct {
    absl::Duration age;
    const char* words;
  } cases[] = {{absl::ZeroDuration(), "now"},   {-absl::Hours(1), "now"},
               {absl::Seconds(45), "45 s ago"}, {absl::Minutes(6), "6 m ago"},
               {absl::Hours(3), "3 h ago"},     {absl::Hours(300), "12 d ago"}};
  for (const auto& test : cases) {
    EXPECT_EQ(Ago(now - test.age, now), test.words);
  }
}

TEST(Rfc3339, KeepsNanosecondsOnlyWhenThereAreAny) {
  EXPECT_EQ(Rfc3339(absl::FromUnixSeconds(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Rfc3339(absl::FromUnixNanos(5'000'000)),
            "1970-01-01T00:00:00.005Z");
}

TEST(Printable, KeepsTextAndShowsControl) {
  EXPECT_EQ(Printable("ä\n\033[1m\x7f"), "ä\\n\\x1b[1m\\x7f");
}

TEST(Message, IsJsonWithDefaultsAndTheSameAsYaml) {
  v1::GetMemberResponse response;
  v1::Member* member = response.mutable_member();
  member->set_name("members/true");
  member->set_lag(uint64_t{1} << 60);
  const auto json = MessageJsonLine(response);
  ASSERT_OK(json);
  EXPECT_THAT(*json, HasSubstr("\"name\":\"members/true\""));
  EXPECT_THAT(*json, HasSubstr("\"lag\":\"1152921504606846976\""));
  EXPECT_THAT(*json, HasSubstr("\"services\":[]"));
  const auto yaml = MessageYaml(response);
  ASSERT_OK(yaml);
  EXPECT_THAT(*yaml, HasSubstr("member:\n  name: \"members/true\"\n"));
  EXPECT_THAT(*yaml, HasSubstr("  leader: false\n"));
  EXPECT_THAT(*yaml, HasSubstr("  services: []\n"));
}

TEST(JsonToYaml, KeepsStringsStrings) {
  EXPECT_THAT(
      JsonToYaml("{\"a\":\"true\",\"b\":[1,null,{\"c\":\"x\\ny\\n\"}]}"),
      IsOkAndHolds("a: \"true\"\nb:\n  - 1\n  - ~\n  - c: |\n      "
                   "x\n      y\n"));
  EXPECT_THAT(JsonToYaml("{"), StatusIs(absl::StatusCode::kInternal));
}

// C1 and C2: awk cuts the address between the parentheses, and the services
// from the line below.
TEST(StatusContract, CanBeCut) {
  v1::ClusterStatus status;
  v1::Member* member = status.add_members()->mutable_member();
  member->set_name("members/node1");
  member->set_address("[fd00::1]:6686");
  v1::DatabaseStatus* database = status.add_databases();
  database->set_name("Northbound");
  EXPECT_EQ(StatusContract(status),
            "MicroOVN deployment summary:\n"
            "- node1 (fd00::1)\n"
            "  Services: \n"
            "OVN Database summary:\n"
            "Error creating OVN Northbound Database summary: list of expected "
            "schema versions is empty\n");
  database->set_error("no server answered");
  EXPECT_THAT(StatusContract(status),
              HasSubstr("Database summary: no server answered\n"));
  v1::DatabaseReplica* replica = database->add_replicas();
  database->clear_error();
  database->set_schema("7.0.0");
  replica->set_member("node1");
  replica->set_reachable(true);
  EXPECT_THAT(StatusContract(status),
              HasSubstr("\tnode1: Missing API. MicroOVN needs upgrade\n\n"));
  replica->set_expected_schema("7.1.0");
  EXPECT_THAT(StatusContract(status),
              HasSubstr("Currently active schema: 7.0.0\n"));
  replica->set_expected_schema("7.0.0");
  EXPECT_THAT(StatusContract(status),
              HasSubstr("OVN Northbound: OK (7.0.0)\n"));
}

TEST(StatusScreen, UsesColourAndSymbolsOnlyWhereTheyCanBeShown) {
  v1::ClusterStatus status;
  status.set_health(v1::HEALTH_CRITICAL);
  status.set_voters(3);
  v1::Finding* finding = status.add_findings();
  finding->set_severity(v1::SEVERITY_CRITICAL);
  finding->set_message("no \033[2Jleader");
  const absl::Time now = absl::FromUnixSeconds(0);
  const std::string plain = StatusScreen(status, now, {});
  EXPECT_THAT(plain, HasSubstr("MicroOVN  CRITICAL   0 of 3 voters | no leader "
                               "| can lose 0 members\n"));
  EXPECT_THAT(plain, HasSubstr("FAIL no \\x1b[2Jleader\n"));
  EXPECT_THAT(plain, Not(HasSubstr("\033")));
  const std::string rich = StatusScreen(status, now, {true, true});
  EXPECT_THAT(rich, HasSubstr("\033[31mCRITICAL\033[0m"));
  EXPECT_THAT(rich, HasSubstr("✖"));
}

// Of three members: one as it should be, one with a daemon that is not ready,
// one that does not answer.
v1::ClusterStatus SickCluster() {
  v1::ClusterStatus status;
  for (const char* name : {"members/n1", "members/n2", "members/n3"}) {
    v1::MemberStatus* row = status.add_members();
    v1::Member* member = row->mutable_member();
    member->set_name(name);
    member->set_address("10.0.0.1:6686");
    member->set_role(v1::Member::ROLE_VOTER);
    member->set_status(v1::Member::STATUS_ONLINE);
    member->set_version("1.0");
    v1::Daemon* daemon = row->add_daemons();
    daemon->set_unit("ovn-northd");
    daemon->set_state(v1::Daemon::STATE_READY);
  }
  status.mutable_members(1)->mutable_daemons(0)->set_state(
      v1::Daemon::STATE_FAILED);
  status.mutable_members(2)->mutable_member()->set_status(
      v1::Member::STATUS_UNREACHABLE);
  v1::DatabaseStatus* database = status.add_databases();
  database->set_name("Northbound");
  database->set_leader("n1");
  database->set_schema("7.0.0");
  database->set_servers(1);
  database->set_live_servers(1);
  return status;
}

TEST(StatusScreen, WhatIsSickHasAColour) {
  v1::ClusterStatus status = SickCluster();
  const absl::Time now = absl::FromUnixSeconds(0);
  Look look{true, true};
  std::string screen = StatusScreen(status, now, look);
  EXPECT_THAT(screen, HasSubstr("\033[31mUNREACHABLE\033[0m"));
  EXPECT_THAT(screen, HasSubstr("\033[31mnorthd(FAILED)\033[0m"));
  EXPECT_THAT(screen, Not(HasSubstr("mONLINE")));
  EXPECT_THAT(screen, Not(HasSubstr("m1/1")));
  status.mutable_databases(0)->set_servers(3);
  EXPECT_THAT(StatusScreen(status, now, look), HasSubstr("\033[31m1/3\033[0m"));
  status.mutable_databases(0)->set_live_servers(2);
  EXPECT_THAT(StatusScreen(status, now, look), HasSubstr("\033[33m2/3\033[0m"));
}

TEST(StatusScreen, NoLineIsWiderThanTheTerminal) {
  v1::ClusterStatus status = SickCluster();
  v1::Finding* finding = status.add_findings();
  finding->set_message(
      "a sentence that is long enough to be folded on a "
      "terminal of any width that people use");
  finding->set_remedy(finding->message());
  finding->set_reason("A_REASON");
  for (const size_t width : {50u, 80u, 200u}) {
    for (const bool long_names : {false, true}) {
      if (long_names) {
        status.mutable_members(0)->mutable_member()->set_name(
            "members/a-name-of-a-member-as-long-as-they-get");
      }
      const std::string screen =
          StatusScreen(status, absl::FromUnixSeconds(0), {true, true, width});
      for (absl::string_view line : absl::StrSplit(screen, '\n')) {
        EXPECT_LE(DisplayWidth(line), width) << line;
      }
    }
  }
}

TEST(StatusScreen, WhatIsEqualOnEachMemberIsSaidOnce) {
  v1::ClusterStatus status = SickCluster();
  status.mutable_members(1)->mutable_daemons(0)->set_state(
      v1::Daemon::STATE_READY);
  const absl::Time now = absl::FromUnixSeconds(0);
  std::string screen = StatusScreen(status, now, {});
  EXPECT_THAT(screen, HasSubstr("each member: northd | version 1.0\n"));
  EXPECT_THAT(screen, Not(HasSubstr("SERVICES")));
  status.mutable_members(1)->mutable_member()->set_version("1.1");
  screen = StatusScreen(status, now, {});
  EXPECT_THAT(screen, HasSubstr("each member: northd\n"));
  EXPECT_THAT(screen, HasSubstr("VERSION\n"));
}

TEST(StatusScreen, SaysWhoseNumberItIsWhereTheyDiffer) {
  v1::ClusterStatus status;
  status.set_health(v1::HEALTH_DEGRADED);
  status.set_log_can_lose(1);
  for (const char* name : {"Northbound", "Southbound"}) {
    v1::DatabaseStatus* database = status.add_databases();
    database->set_name(name);
    database->set_servers(2);
    database->set_live_servers(2);
  }
  const absl::Time now = absl::FromUnixSeconds(0);
  EXPECT_THAT(StatusScreen(status, now, {}),
              HasSubstr("can lose 0 members (log 1, Northbound 0, Southbound "
                        "0)\n"));
  status.set_log_can_lose(0);
  EXPECT_THAT(StatusScreen(status, now, {}), HasSubstr("can lose 0 members\n"));
}

v1::Certificate PublishedCertificate(const std::string& service) {
  v1::Certificate certificate;
  certificate.set_service(service);
  certificate.set_certificate_path("/pki/" + service + ".pem");
  certificate.set_certificate_state(v1::Certificate::FILE_STATE_PRESENT);
  certificate.set_key_state(v1::Certificate::FILE_STATE_PRESENT);
  certificate.set_verified(true);
  certificate.mutable_expire_time()->set_seconds(86'400 * 10);
  return certificate;
}

TEST(CertificateTable, SaysWhatIsWrongWithEach) {
  v1::ListCertificatesResponse list;
  *list.add_certificates() = PublishedCertificate("ca");
  v1::Certificate* missing = list.add_certificates();
  *missing = PublishedCertificate("ovnnb");
  missing->set_key_state(v1::Certificate::FILE_STATE_MISSING);
  v1::Certificate* foreign = list.add_certificates();
  *foreign = PublishedCertificate("ovnsb");
  foreign->set_verified(false);
  foreign->set_problem("its CA\033[2J is another one");
  v1::Certificate* old = list.add_certificates();
  *old = PublishedCertificate("client");
  old->mutable_expire_time()->set_seconds(86'400);
  const std::string screen =
      ColumnTable(CertificateTable(list, absl::FromUnixSeconds(86'400 * 3)));
  EXPECT_THAT(screen, testing::ContainsRegex("ca +.* 7 d +OK\n"));
  EXPECT_THAT(screen, testing::ContainsRegex("ovnnb .*key file is missing"));
  EXPECT_THAT(screen,
              testing::ContainsRegex("ovnsb .*its CA.*x1b.2J is another one"));
  EXPECT_THAT(screen, testing::ContainsRegex("client .*expired"));
  missing->set_certificate_state(v1::Certificate::FILE_STATE_MISSING);
  EXPECT_THAT(ColumnTable(CertificateTable(list, absl::FromUnixSeconds(0))),
              testing::ContainsRegex("ovnnb .*certificate file is missing"));
  EXPECT_THAT(CertificateText(list),
              HasSubstr("/pki/ovnnb.pem (Error: Missing file)"));
}

// A leader and one member, which `spoil` makes something of.
std::string StateOfMember2(
    const std::function<void(v1::LogReplica&, v1::LogPeer&)>& spoil) {
  v1::GetLogResponse log;
  log.set_leader("node1");
  v1::LogReplica* leader = log.add_replicas();
  leader->set_member("node1");
  leader->set_reachable(true);
  leader->set_applied_index(9);
  leader->set_state_hash("hash");
  v1::LogPeer* peer = leader->add_peers();
  peer->set_member("node2");
  peer->mutable_contact_age()->set_nanos(1);
  v1::LogReplica* replica = log.add_replicas();
  *replica = *leader;
  replica->clear_peers();
  replica->set_member("node2");
  spoil(*replica, *leader->mutable_peers(0));
  return LogTable(log).rows[1].back();
}

TEST(LogTable, SaysHowEachCopyIs) {
  using R = v1::LogReplica;
  using P = v1::LogPeer;
  EXPECT_EQ(StateOfMember2([](R&, P&) {}), "ok");
  EXPECT_EQ(StateOfMember2([](R& r, P&) { r.set_reachable(false); }),
            "unreachable");
  EXPECT_EQ(StateOfMember2([](R& r, P&) { r.set_quarantine("lost"); }),
            "quarantined");
  EXPECT_EQ(StateOfMember2([](R& r, P&) { r.set_state_hash("other"); }),
            "differs");
  EXPECT_EQ(StateOfMember2([](R& r, P&) {
              r.set_state_hash("other");
              r.set_applied_index(8);
            }),
            "ok")
      << "it has not come so far";
  EXPECT_EQ(StateOfMember2([](R&, P& p) { p.set_receiving_snapshot(true); }),
            "receives a snapshot");
  EXPECT_EQ(StateOfMember2([](R&, P& p) { p.clear_contact_age(); }),
            "not heard from");
  EXPECT_EQ(
      StateOfMember2([](R&, P& p) { p.mutable_contact_age()->set_seconds(3); }),
      "silent for 3.0 s");
}

TEST(MemberList, ForeignBytesDoNotReachTheTerminal) {
  v1::ListMembersResponse members;
  v1::Member* member = members.add_members();
  member->set_name("members/node1");
  member->set_address("10.0.0.1\033[2J");
  member->set_fingerprint("f\033");
  for (const char* format : {"table", "compact", "csv"}) {
    const auto text = MemberList(members, format);
    ASSERT_OK(text);
    EXPECT_THAT(*text, Not(HasSubstr("\033"))) << format;
    EXPECT_THAT(*text, HasSubstr("10.0.0.1\\x1b[2J")) << format;
  }
}

TEST(StatusContract, ASilentServerWantsAttention) {
  v1::ClusterStatus status;
  v1::DatabaseStatus* database = status.add_databases();
  database->set_name("Northbound");
  database->set_schema("7.0.0");
  v1::DatabaseReplica* well = database->add_replicas();
  well->set_member("node1");
  well->set_reachable(true);
  well->set_expected_schema("7.0.0");
  v1::DatabaseReplica* silent = database->add_replicas();
  *silent = *well;
  silent->set_member("node2");
  silent->set_reachable(false);
  EXPECT_THAT(StatusContract(status),
              HasSubstr("\tnode2: Error. Failed to contact member\n"));
}

TEST(StatusScreen, AnOldStatusSaysSo) {
  v1::ClusterStatus status;
  const absl::Time now = absl::FromUnixSeconds(0);
  EXPECT_THAT(StatusScreen(status, now, {}), Not(HasSubstr("may be old")));
  status.set_stale(true);
  EXPECT_THAT(StatusScreen(status, now, {}), HasSubstr("may be old"));
}

TEST(StatusScreen, OfALostMemberTheLagIsNotKnown) {
  v1::ClusterStatus status;
  v1::Member* member = status.add_members()->mutable_member();
  member->set_name("members/node2");
  member->set_status(v1::Member::STATUS_UNREACHABLE);
  const absl::Time now = absl::FromUnixSeconds(0);
  EXPECT_THAT(StatusScreen(status, now, {}),
              testing::ContainsRegex("node2.*UNREACHABLE  [?] +[?]"));
  member->set_lag(7);
  EXPECT_THAT(StatusScreen(status, now, {}),
              testing::ContainsRegex("node2.*UNREACHABLE  [?] +7"));
}

}  // namespace
}  // namespace microovn::ctl
