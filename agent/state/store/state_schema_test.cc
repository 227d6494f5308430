// SPDX-License-Identifier: Apache-2.0
// What must hold of the messages of the log and the state for all members to
// write the same bytes.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "microovn/internal/state/v1/state.pb.h"

namespace microovn::agent {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

std::vector<const Descriptor*> EveryMessage() {
  std::vector<const Descriptor*> all;
  for (const FileDescriptor* file :
       {internal::state::v1::Command::descriptor()->file(),
        internal::state::v1::Cluster::descriptor()->file()}) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      all.push_back(file->message_type(i));
    }
  }
  // It grows: those within are looked at in their turn.
  for (size_t at = 0; at < all.size(); ++at) {
    const Descriptor* message = all[at];
    for (int i = 0; i < message->nested_type_count(); ++i) {
      all.push_back(message->nested_type(i));
    }
  }
  return all;
}

std::string Line(const FieldDescriptor& field) {
  std::string type = field.type_name();
  if (field.message_type() != nullptr) type = field.message_type()->name();
  if (field.enum_type() != nullptr) type = field.enum_type()->name();
  return absl::StrCat(field.containing_type()->name(), " ", field.number(),
                      field.is_repeated() ? " repeated " : " ", type, " ",
                      field.name(), "\n");
}

// A map has no order, a floating-point number no one value.
TEST(StateSchemaTest, HoldsNothingThatDiffersBetweenMachines) {
  for (const Descriptor* message : EveryMessage()) {
    EXPECT_EQ(message->extension_range_count(), 0) << message->full_name();
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor& field = *message->field(i);
      EXPECT_FALSE(field.is_map()) << field.full_name();
      EXPECT_NE(field.cpp_type(), FieldDescriptor::CPPTYPE_DOUBLE)
          << field.full_name();
      EXPECT_NE(field.cpp_type(), FieldDescriptor::CPPTYPE_FLOAT)
          << field.full_name();
      if (field.message_type() == nullptr) continue;
      EXPECT_EQ(field.message_type()->file()->package(),
                message->file()->package())
          << field.full_name() << " is of a type that is not checked here";
    }
  }
}

// Fields are written in the order of their numbers, those that a version does
// not know behind all others.
TEST(StateSchemaTest, ANewFieldHasTheHighestNumber) {
  std::string page;
  for (const Descriptor* message : EveryMessage()) {
    for (int i = 0; i < message->field_count(); ++i) {
      page += Line(*message->field(i));
      if (i == 0) continue;
      EXPECT_GT(message->field(i)->number(), message->field(i - 1)->number())
          << message->field(i)->full_name()
          << ": a new field comes last and has the highest number";
    }
  }
  // Gets a line for each new field, and is never edited otherwise.
  std::ifstream file("agent/state/store/testdata/schema.golden");
  const std::string known((std::istreambuf_iterator<char>(file)), {});
  EXPECT_TRUE(page == known) << "the messages are now\n" << page;
}

}  // namespace
}  // namespace microovn::agent
