// SPDX-License-Identifier: Apache-2.0
#include "agent/server/api_page.h"

#include <string>

#include "absl/strings/match.h"
#include "base/file/file.h"
#include "base/testing/expect_page.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

google::protobuf::FileDescriptorSet Files() {
  google::protobuf::FileDescriptorSet files;
  const auto bytes = ReadFile("proto/api.binpb");
  EXPECT_OK(bytes);
  EXPECT_TRUE(bytes.ok() && files.ParseFromString(*bytes));
  return files;
}

TEST(ApiPageTest, IsThatOfTheProgram) {
  const auto introduction = ReadFile("agent/server/api_introduction.md");
  ASSERT_OK(introduction);
  ExpectPage("api.md", ApiPage(Files(), MethodRules(), *introduction));
}

TEST(ApiPageTest, AMethodWithoutARuleIsForNobody) {
  const std::string page = ApiPage(Files(), {}, "");
  EXPECT_TRUE(absl::StrContains(
      page, "| `GetLog` | GetLogRequest | GetLogResponse | nobody |"))
      << page.substr(0, 4000);
}

TEST(ApiPageTest, WhatIsInternalIsNotOnIt) {
  EXPECT_FALSE(
      absl::StrContains(ApiPage(Files(), MethodRules(), ""), "PeerService"));
}

}  // namespace
}  // namespace microovn::agent
