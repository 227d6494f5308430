// SPDX-License-Identifier: Apache-2.0
// What a server says by reflection about its services and messages.
//
// The messages of the reflection protocol itself are those in gRPC's
// reflection library, found by name. Thread-compatible.
#ifndef MICROOVN_INTEGRATION_HARNESS_SERVER_DESCRIPTORS_H_
#define MICROOVN_INTEGRATION_HARNESS_SERVER_DESCRIPTORS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "grpcpp/channel.h"

namespace microovn::integration {

class ServerDescriptors : public google::protobuf::DescriptorDatabase {
 public:
  explicit ServerDescriptors(std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)) {}

  absl::StatusOr<std::vector<std::string>> ListServices();

  // For google::protobuf::DescriptorPool, which asks for what it needs.
  bool FindFileByName(const std::string& name,
                      google::protobuf::FileDescriptorProto* file) override;
  bool FindFileContainingSymbol(
      const std::string& symbol,
      google::protobuf::FileDescriptorProto* file) override;
  bool FindFileContainingExtension(
      const std::string& type, int number,
      google::protobuf::FileDescriptorProto* file) override;

  // Why the last search found nothing.
  const absl::Status& status() const { return status_; }

 private:
  // Asks one question, given as {field: value} of ServerReflectionRequest.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Ask(
      const std::string& field, const std::string& value);
  // Takes in the files of the answer.
  absl::Status Fetch(const std::string& field, const std::string& value);

  const std::shared_ptr<grpc::Channel> channel_;
  google::protobuf::SimpleDescriptorDatabase known_;
  absl::Status status_;
};

}  // namespace microovn::integration

#endif  // MICROOVN_INTEGRATION_HARNESS_SERVER_DESCRIPTORS_H_
