// SPDX-License-Identifier: Apache-2.0
#include "agent/server/command_rules.h"

#include <map>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using internal::state::v1::Command;

constexpr char kSelf[] = "00000000000000000000000000000004";
constexpr char kOther[] = "00000000000000000000000000000001";

// What a member may say of itself, written a second time: the path of the
// member's id. Whatever is not here is the leader's.
const std::map<std::string, std::string>& ForItself() {
  static const auto* const kPaths = new std::map<std::string, std::string>{
      {"confirm_member", "member_id"},
      {"report_member", "report.member_id"},
      {"renew_member", "member_id"},
      {"withdraw_member", "member_id"},
      {"record_recovery", "member_id"},
      {"set_sealing_certificate", "member_id"},
  };
  return *kPaths;
}

std::vector<const FieldDescriptor*> Kinds() {
  std::vector<const FieldDescriptor*> kinds;
  const auto* body = Command::descriptor()->FindOneofByName("body");
  for (int i = 0; i < body->field_count(); ++i) {
    kinds.push_back(body->field(i));
  }
  return kinds;
}

// A command of a kind whose every field that could name a member names `id`.
Command About(const FieldDescriptor& kind, const std::string& id) {
  Command command;
  Message* body = command.GetReflection()->MutableMessage(&command, &kind);
  const auto fill = [&id](Message& message) {
    const auto* field = message.GetDescriptor()->FindFieldByName("member_id");
    if (field != nullptr) {
      message.GetReflection()->SetString(&message, field, id);
    }
  };
  fill(*body);
  const auto* fields = body->GetDescriptor();
  for (int i = 0; i < fields->field_count(); ++i) {
    const FieldDescriptor* field = fields->field(i);
    // A certificate is what the leader records.
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        field->is_repeated() || field->name() == "certificate") {
      continue;
    }
    fill(*body->GetReflection()->MutableMessage(body, field));
  }
  return command;
}

TEST(CommandRules, EveryKindHasOneAndNoneIsLeftOver) {
  std::map<std::string, int> ruled;
  for (const CommandRule& rule : CommandRules()) {
    EXPECT_TRUE(ruled.emplace(std::string(rule.name), rule.kind).second)
        << rule.name;
  }
  std::map<std::string, int> known;
  for (const FieldDescriptor* kind : Kinds()) {
    known.emplace(kind->name(), kind->number());
  }
  EXPECT_EQ(ruled, known);
}

TEST(AuthorizeCommand, EveryKindByEveryProposer) {
  for (const FieldDescriptor* kind : Kinds()) {
    const Command own = About(*kind, kSelf);
    const Command others = About(*kind, kOther);
    ASSERT_EQ(CommandName(own), kind->name());
    if (ForItself().count(kind->name()) == 0) {
      EXPECT_THAT(AuthorizeCommand(own, kSelf), HasReason("METHOD_NOT_ALLOWED"))
          << kind->name();
      EXPECT_THAT(AuthorizeCommand(others, kSelf),
                  HasReason("METHOD_NOT_ALLOWED"))
          << kind->name();
      continue;
    }
    EXPECT_THAT(AuthorizeCommand(own, kSelf), IsOk()) << kind->name();
    EXPECT_THAT(AuthorizeCommand(others, kSelf), HasReason("IDENTITY_MISMATCH"))
        << kind->name();
  }
}

TEST(AuthorizeCommand, AMemberThatIsNotNamedIsNobody) {
  for (const FieldDescriptor* kind : Kinds()) {
    EXPECT_THAT(AuthorizeCommand(About(*kind, ""), ""),
                StatusIs(absl::StatusCode::kPermissionDenied))
        << kind->name();
    EXPECT_THAT(AuthorizeCommand(About(*kind, ""), kSelf),
                StatusIs(absl::StatusCode::kPermissionDenied))
        << kind->name();
  }
}

TEST(AuthorizeCommand, WhatIsNoKnownKindIsRefused) {
  EXPECT_THAT(AuthorizeCommand(Command(), kSelf),
              HasReason("METHOD_NOT_ALLOWED"));
  EXPECT_EQ(CommandName(Command()), "unknown");
}

TEST(AuthorizeCommand, AMemberDoesNotIssueItsOwnCertificate) {
  Command renew;
  renew.mutable_renew_member()->set_member_id(kSelf);
  EXPECT_THAT(AuthorizeCommand(renew, kSelf), IsOk());
  renew.mutable_renew_member()->mutable_certificate();
  EXPECT_THAT(AuthorizeCommand(renew, kSelf), HasReason("METHOD_NOT_ALLOWED"));
}

}  // namespace
}  // namespace microovn::agent
