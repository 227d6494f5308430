// SPDX-License-Identifier: Apache-2.0
#include "integration/harness/server_descriptors.h"

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/message.h"
#include "integration/harness/generic_call.h"

namespace microovn::integration {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr char kPackage[] = "grpc.reflection.v1alpha.";
constexpr absl::Duration kTimeout = absl::Seconds(5);

absl::StatusOr<std::unique_ptr<Message>> NewMessage(const std::string& name) {
  const Descriptor* type =
      DescriptorPool::generated_pool()->FindMessageTypeByName(kPackage + name);
  if (type == nullptr) {
    return absl::InternalError(
        absl::StrCat("gRPC's reflection library has no ", name));
  }
  return std::unique_ptr<Message>(
      MessageFactory::generated_factory()->GetPrototype(type)->New());
}

const FieldDescriptor* Field(const Message& message, const std::string& name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

const Message& Part(const Message& message, const std::string& name) {
  return message.GetReflection()->GetMessage(message, Field(message, name));
}

std::string Text(const Message& message, const std::string& name) {
  return message.GetReflection()->GetString(message, Field(message, name));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> ServerDescriptors::Ask(
    const std::string& field, const std::string& value) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> request,
                   NewMessage("ServerReflectionRequest"));
  ASSIGN_OR_RETURN(std::unique_ptr<Message> answer,
                   NewMessage("ServerReflectionResponse"));
  request->GetReflection()->SetString(request.get(), Field(*request, field),
                                      value);
  bool understood = false;
  RETURN_IF_ERROR(GenericCall(
      channel_,
      absl::StrCat("/", kPackage, "ServerReflection/", "ServerReflectionInfo"),
      request->SerializeAsString(), kTimeout, [&](const std::string& reply) {
        understood = answer->ParseFromString(reply);
        return false;
      }));
  if (!understood) {
    return absl::InternalError("the server's reflection did not answer");
  }
  const FieldDescriptor* error = Field(*answer, "error_response");
  if (answer->GetReflection()->HasField(*answer, error)) {
    return absl::NotFoundError(absl::StrCat(
        value, ": ", Text(Part(*answer, "error_response"), "error_message")));
  }
  return answer;
}

absl::StatusOr<std::vector<std::string>> ServerDescriptors::ListServices() {
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> answer,
                   Ask("list_services", "*"));
  const Message& list = Part(*answer, "list_services_response");
  const FieldDescriptor* services = Field(list, "service");
  std::vector<std::string> names;
  for (int i = 0; i < list.GetReflection()->FieldSize(list, services); ++i) {
    names.push_back(Text(
        list.GetReflection()->GetRepeatedMessage(list, services, i), "name"));
  }
  return names;
}

absl::Status ServerDescriptors::Fetch(const std::string& field,
                                      const std::string& value) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> answer, Ask(field, value));
  const Message& found = Part(*answer, "file_descriptor_response");
  const FieldDescriptor* files = Field(found, "file_descriptor_proto");
  const auto* reflection = found.GetReflection();
  for (int i = 0; i < reflection->FieldSize(found, files); ++i) {
    FileDescriptorProto file, old;
    if (!file.ParseFromString(reflection->GetRepeatedString(found, files, i))) {
      return absl::DataLossError("the server sent a file that does not parse");
    }
    if (!known_.FindFileByName(file.name(), &old)) known_.Add(file);
  }
  return absl::OkStatus();
}

bool ServerDescriptors::FindFileByName(const std::string& name,
                                       FileDescriptorProto* file) {
  if (known_.FindFileByName(name, file)) return true;
  status_ = Fetch("file_by_filename", name);
  return status_.ok() && known_.FindFileByName(name, file);
}

bool ServerDescriptors::FindFileContainingSymbol(const std::string& symbol,
                                                 FileDescriptorProto* file) {
  if (known_.FindFileContainingSymbol(symbol, file)) return true;
  status_ = Fetch("file_containing_symbol", symbol);
  return status_.ok() && known_.FindFileContainingSymbol(symbol, file);
}

bool ServerDescriptors::FindFileContainingExtension(const std::string&, int,
                                                    FileDescriptorProto*) {
  return false;
}

}  // namespace microovn::integration
