// SPDX-License-Identifier: Apache-2.0
// What grpcurl does, as far as the tests need it: lists and describes a
// server's services by reflection and calls their methods with JSON.
//
//   reflection_client [--cacert F] [--cert F --key F] TARGET list
//   reflection_client ... TARGET describe SYMBOL
//   reflection_client ... TARGET call SERVICE/METHOD [JSON]
//
// TARGET is unix:PATH or HOST:PORT; the latter is TLS. Replies are JSON, one
// after the other. Exit status: 0, 1 for a failure, 2 for wrong usage.
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "integration/harness/generic_call.h"
#include "integration/harness/server_descriptors.h"

namespace microovn::integration {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::DynamicMessageFactory;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr absl::Duration kTimeout = absl::Seconds(20);

struct Arguments {
  // --cacert, --cert and --key.
  std::map<std::string, std::string> files;
  std::vector<std::string> words;
};

absl::Status Usage() {
  return absl::InvalidArgumentError(
      "usage: reflection_client [--cacert F] [--cert F --key F] TARGET "
      "list | describe SYMBOL | call SERVICE/METHOD [JSON]");
}

absl::StatusOr<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    absl::string_view word = argv[i];
    if (!absl::ConsumePrefix(&word, "--")) {
      arguments.words.emplace_back(word);
    } else if (i + 1 < argc &&
               (word == "cacert" || word == "cert" || word == "key")) {
      arguments.files[std::string(word)] = argv[++i];
    } else {
      return Usage();
    }
  }
  if (arguments.words.size() < 2) return Usage();
  return arguments;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(
    const Arguments& arguments) {
  if (absl::StartsWith(arguments.words[0], "unix:")) {
    return grpc::InsecureChannelCredentials();
  }
  grpc::SslCredentialsOptions options;
  const std::map<std::string, std::string*> into = {
      {"cacert", &options.pem_root_certs},
      {"cert", &options.pem_cert_chain},
      {"key", &options.pem_private_key}};
  for (const auto& [name, path] : arguments.files) {
    ASSIGN_OR_RETURN(*into.at(name), ReadFile(path));
  }
  return grpc::SslCredentials(options);
}

absl::StatusOr<std::string> ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto printed =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!printed.ok()) return absl::InternalError(printed.ToString());
  return json;
}

absl::Status List(ServerDescriptors& server) {
  ASSIGN_OR_RETURN(const std::vector<std::string> services,
                   server.ListServices());
  for (const std::string& service : services) std::cout << service << "\n";
  return absl::OkStatus();
}

absl::Status Missing(const ServerDescriptors& server,
                     const std::string& symbol) {
  if (!server.status().ok()) return server.status();
  return absl::NotFoundError(absl::StrCat("the server has no ", symbol));
}

absl::Status Describe(ServerDescriptors& server, const std::string& symbol) {
  DescriptorPool pool(&server);
  if (const auto* service = pool.FindServiceByName(symbol)) {
    std::cout << service->DebugString();
  } else if (const auto* type = pool.FindMessageTypeByName(symbol)) {
    std::cout << type->DebugString();
  } else {
    return Missing(server, symbol);
  }
  return absl::OkStatus();
}

absl::Status Call(const std::shared_ptr<grpc::Channel>& channel,
                  ServerDescriptors& server, const std::string& path,
                  const std::string& json) {
  DescriptorPool pool(&server);
  std::string name = path;
  std::replace(name.begin(), name.end(), '/', '.');
  const MethodDescriptor* method = pool.FindMethodByName(name);
  if (method == nullptr) return Missing(server, path);
  DynamicMessageFactory factory(&pool);
  const auto make = [&factory](const google::protobuf::Descriptor* type) {
    return std::unique_ptr<Message>(factory.GetPrototype(type)->New());
  };
  const std::unique_ptr<Message> request = make(method->input_type());
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json, request.get());
  if (!parsed.ok()) return absl::InvalidArgumentError(parsed.ToString());
  absl::Status printed;
  RETURN_IF_ERROR(GenericCall(
      channel, absl::StrCat("/", path), request->SerializeAsString(), kTimeout,
      [&](const std::string& bytes) {
        const std::unique_ptr<Message> reply = make(method->output_type());
        if (!reply->ParseFromString(bytes)) {
          printed = absl::DataLossError("the reply does not parse");
          return false;
        }
        const auto text = ToJson(*reply);
        printed = text.status();
        if (text.ok()) std::cout << *text << std::flush;
        return text.ok();
      }));
  return printed;
}

absl::Status Run(int argc, char** argv) {
  ASSIGN_OR_RETURN(const Arguments arguments, ParseArguments(argc, argv));
  ASSIGN_OR_RETURN(const auto credentials, Credentials(arguments));
  const auto& words = arguments.words;
  const auto channel = grpc::CreateChannel(words[0], credentials);
  ServerDescriptors server(channel);
  if (words[1] == "list" && words.size() == 2) return List(server);
  if (words[1] == "describe" && words.size() == 3) {
    return Describe(server, words[2]);
  }
  if (words[1] == "call" && (words.size() == 3 || words.size() == 4)) {
    return Call(channel, server, words[2], words.size() == 4 ? words[3] : "{}");
  }
  return Usage();
}

// The code, the message and the stable reason, for tests to look at.
int Report(const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << absl::StatusCodeToString(status.code()) << ": "
            << status.message() << "\n";
  const std::string reason = ReasonOf(status);
  if (!reason.empty()) std::cerr << "reason: " << reason << "\n";
  return absl::StartsWith(status.message(), "usage:") ? 2 : 1;
}

}  // namespace
}  // namespace microovn::integration

int main(int argc, char** argv) {
  return microovn::integration::Report(microovn::integration::Run(argc, argv));
}
